import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { countNames } from '../../../src/endpoints/transform/customNames.ts';

describe('Names of attributes in files', () => {
  let folder: string;

  before(async () => (folder = await mkdtemp(join(tmpdir(), 'pinpoint-audience-names-'))));
  after(() => rm(folder, { recursive: true, force: true }));

  it('are counted over all files by family, the most frequent first', async () => {
    const exported = join(folder, 'export.ndjson');
    const csv = join(folder, 'more.csv');
    await writeFile(
      exported,
      [
        '{"Id":"1","Attributes":{"Plan":["gold"],"a.b":["x"]},"Metrics":{"Plan":1},"CohortId":"3"}',
        '{"Id":"2","Attributes":{"Plan":["basic"]},"User":{"UserAttributes":{"Plan":["y"],"Old":[]}}}',
      ].join('\n'),
    );
    await writeFile(csv, 'Id,Attributes.Plan,Location.City\n3,gold,Ghent\n4,,Ghent\n');
    assert.deepEqual(await countNames([exported, csv]), [
      { family: 'Attributes', name: 'Plan', records: 3 },
      { family: 'Attributes', name: 'a.b', records: 1 },
      { family: 'Metrics', name: 'Plan', records: 1 },
      { family: 'User.UserAttributes', name: 'Plan', records: 1 },
    ]);
  });
});
