import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'mocha';
import { compileEngine, engineCodeFile } from '../../../tools/engine.ts';

describe('The engine that is kept compiled', () => {
  it('is the one that its source makes', async () => {
    const kept = await readFile(engineCodeFile, 'utf8');
    assert.ok(
      kept === (await compileEngine()),
      'src/endpoints/engine/host/engineCode.ts is old: run node tools/engine.ts',
    );
  });
});
