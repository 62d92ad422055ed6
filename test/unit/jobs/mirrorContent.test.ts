import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { after, before, describe, it } from 'mocha';
import { MirrorContent } from '../../../src/jobs/mirror/mirrorContent.ts';
import { root } from '../../../tools/paths.ts';

const salt = 7;

describe("The content of a mirror's files", () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pinpoint-audience-mirror-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  async function file(name: string, ...lines: readonly string[]): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, `${lines.join('\n')}\n`);
    return path;
  }

  it('is one member per Id, in any case and across files', async () => {
    const one = await file('one.csv', 'Id,OptOut', 'a,NONE', 'b,NONE', 'A,ALL');
    const two = await file('two.csv', 'Id,OptOut', 'B,NONE', 'c,NONE');
    const content = await MirrorContent.read([one, two], 'Id', salt);
    assert.deepEqual([content.size, content.repeated], [3, 2]);
    const exported = await file('export.ndjson', '{"Id":"a","OptOut":"ALL"}', '{"Id":"B","OptOut":"NONE"}');
    const { samples, ...counts } = await content.against([exported]);
    assert.deepEqual(counts, { added: 1, changed: 0, removed: 0, unchanged: 2, companions: 0 });
    assert.deepEqual(samples.added, [{ path: two, line: 3 }]);
  });

  it("compares only the data in each member's record, whatever other records have", async () => {
    const path = await file('sets.csv', 'Id,Attributes.x,Metrics.y', 'a,1,', 'b,,2', 'c,,');
    const content = await MirrorContent.read([path], 'Id', salt);
    const exported = await file(
      'sets.ndjson',
      '{"Id":"a","Attributes":{"x":["1"]},"Metrics":{"y":9}}',
      '{"Id":"b","Attributes":{"x":["9"]},"Metrics":{"y":3}}',
      '{"Id":"c","Attributes":{"z":["9"]}}',
    );
    const { changed, unchanged, samples } = await content.against([exported]);
    assert.deepEqual([changed, unchanged, samples.changed[0]?.line], [1, 2, 3]);
  });

  it('reports where records lack the identifier', async () => {
    const path = await file('lacking.csv', 'Id,User.UserId', 'a,u', 'b,', 'c,', 'd,', 'e,');
    await assert.rejects(MirrorContent.read([path], 'User.UserId', salt), {
      code: 'bad-input',
      message: /^4 records have no User\.UserId, .*: lines 3, 4, 5, …$/,
    });
  });

  it('uses little memory, even if almost every record has its own attributes', async () => {
    const columns = 24;
    const names = Array.from({ length: columns }, (_, n) => `Attributes.a${n}`);
    const rows = Array.from({ length: 60_000 }, (_, n) => {
      const set = Math.imul(n + 1, 0x9e3779b1) >>> 8;
      return `id-${n},${names.map((_name, at) => ((set >>> at) & 1 ? 'v' : '')).join()}`;
    });
    const path = await file('many.csv', `Id,${names.join()}`, ...rows);
    const content = pathToFileURL(join(root, 'src/jobs/mirror/mirrorContent.ts')).href;
    const code = `import { MirrorContent } from ${JSON.stringify(content)};
      console.log((await MirrorContent.read([${JSON.stringify(path)}], 'Id', ${salt})).size);`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      '--max-old-space-size=32',
      '--input-type=module',
      '--eval',
      code,
    ]);
    assert.equal(stdout.trim(), '60000');
  });
});
