import assert from 'node:assert/strict';
import { link, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import type { BulkRecord } from '../../../src/jobs/bulk/bulkRecord.ts';
import { writeResults } from '../../../src/jobs/bulk/bulkResults.ts';
import { noJournal } from '../../../src/jobs/download/publishFiles.ts';
import { inFolder } from '../transform/files.ts';

describe('The results of a bulk operation', () => {
  it('contain no formula that a spreadsheet would run', async () => {
    const ids = [
      '=cmd',
      '+1',
      '-2',
      '@a',
      '\u00a0=b',
      '\uff1dc',
      'plain',
      'a=b',
      'x@example.com',
      'a;=c',
      'b|  @d',
    ];
    await inFolder(async (folder) => {
      const path = await folder.write('in.csv', `Id\n${ids.map((id) => `"${id}"`).join('\n')}\n`);
      const source = { path, bytes: 0, modified: 0 };
      const record = { id: 'a', epoch: 1, source, kind: 'delete-endpoints' } as BulkRecord;
      const outcome = { kind: 'failed', message: '=HYPERLINK("http://x")' } as const;
      const outcomes = new Map(ids.map((_, index) => [index, outcome]));
      const results = await writeResults(record, outcomes, noJournal);
      const [, ...rows] = (await readFile(results, 'utf8')).trimEnd().split('\n');
      assert.deepEqual(
        rows.map((row) => row.split(',')[1]),
        [
          "'=cmd",
          "'+1",
          "'-2",
          "'@a",
          "'\u00a0=b",
          "'\uff1dc",
          'plain',
          'a=b',
          'x@example.com',
          `"a;'=c"`,
          `"b|'  @d"`,
        ],
      );
      for (const row of rows) assert.match(row, /,"'=HYPERLINK/);
    });
  });

  it('remove leftovers of an interrupted owner, and nothing of a later one', async () => {
    await inFolder(async (folder) => {
      const path = await folder.write('in.csv', 'Id\na\n');
      const work = join(folder.path, '.pinpoint-audience-a');
      const record = { id: 'a', epoch: 3, source: { path }, kind: 'delete-endpoints' } as BulkRecord;
      for (const [left, kept] of [
        [['results-1.csv', 'results-2.csv'], undefined],
        [['results-2.csv', 'results-4.csv'], ['results-4.csv']],
      ] as const) {
        await mkdir(work, { recursive: true });
        for (const name of left) await writeFile(join(work, name), '');
        await writeResults(record, new Map(), noJournal);
        assert.deepEqual(await readdir(work).catch(() => undefined), kept);
      }
    });
  });

  it('are one file, even if two owners in a row were interrupted while they published', async () => {
    await inFolder(async (folder) => {
      const path = await folder.write('in.csv', 'Id\na\n');
      const work = join(folder.path, '.pinpoint-audience-a');
      const record = { id: 'a', epoch: 3, source: { path }, kind: 'delete-endpoints' } as BulkRecord;
      // The second one published and removed its own file; the first one's is still there.
      const published = await writeResults({ ...record, epoch: 2 }, new Map(), noJournal);
      await mkdir(work);
      await writeFile(join(work, 'results-1.csv'), 'unfinished');
      const results = await writeResults(record, new Map(), { ...noJournal, earlier: [published] });
      assert.equal(results, published);
      assert.deepEqual((await readdir(folder.path)).sort(), ['in.csv', 'in.deleted.csv']);
    });
  });

  it('remove nothing from a folder that replaces theirs', async () => {
    await inFolder(async (folder) => {
      const path = await folder.write('in.csv', 'Id\na\n');
      const work = join(folder.path, '.pinpoint-audience-a');
      await mkdir(join(work, 'inner'), { recursive: true });
      for (const name of ['kept', 'results-2.txt', 'results-1.csv']) await writeFile(join(work, name), '');
      // Makes it look as if an earlier process had published the results and ended.
      await link(path, join(work, 'same'));
      const record = { id: 'a', epoch: 1, source: { path }, kind: 'delete-endpoints' } as BulkRecord;
      assert.equal(await writeResults(record, new Map(), { ...noJournal, earlier: [path] }), path);
      assert.deepEqual((await readdir(work)).sort(), ['inner', 'kept', 'results-2.txt', 'same']);
    });
  });
});
