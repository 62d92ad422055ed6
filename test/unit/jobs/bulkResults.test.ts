import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'mocha';
import type { BulkRecord } from '../../../src/jobs/bulk/bulkRecord.ts';
import { writeResults } from '../../../src/jobs/bulk/bulkResults.ts';
import { noJournal } from '../../../src/jobs/download/publishFiles.ts';
import { inFolder } from '../transform/files.ts';

describe('The results of a bulk operation', () => {
  it('hold no formula that a spreadsheet would run', async () => {
    const ids = ['=cmd', '+1', '-2', '@a', '\u00a0=b', '\uff1dc', 'plain', 'a=b', 'x@example.com'];
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
        ["'=cmd", "'+1", "'-2", "'@a", "'\u00a0=b", "'\uff1dc", 'plain', 'a=b', 'x@example.com'],
      );
      for (const row of rows) assert.match(row, /,"'=HYPERLINK/);
    });
  });
});
