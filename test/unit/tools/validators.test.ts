import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { root } from '../../../tools/paths.ts';
import { validatorFiles, validatorText } from '../../../tools/validators.ts';

describe('Validators that are kept compiled', () => {
  for (const file of validatorFiles) {
    it(`are those that their schemas make: ${file.path}`, async () => {
      const kept = await readFile(join(root, file.path), 'utf8');
      assert.ok(kept === (await validatorText(file)), `${file.path} is old: run node tools/validators.ts`);
    });
  }
});
