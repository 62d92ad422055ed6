import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import type { AudienceReport } from '../../../src/endpoints/report/report.ts';
import { root } from '../../../tools/paths.ts';
import { inFolder } from '../transform/files.ts';

const run = promisify(execFile);

describe('pinpoint-audience validate --report', function () {
  it('writes what is in all files: JSON by the name, Markdown otherwise, and no values that tell who somebody is', async () => {
    await inFolder(async (folder) => {
      const csv = await folder.write('a.csv', 'ChannelType,Address\nEMAIL,ana@example.com\n');
      const ndjson = await folder.write('b.ndjson', '{"ChannelType":"SMS","Address":"+12065550100"}\n');
      const validate = (report: string): Promise<unknown> =>
        run(process.execPath, [
          join(root, 'src', 'cli', 'main.ts'),
          'validate',
          csv,
          ndjson,
          '--report',
          join(folder.path, report),
        ]);
      await validate('r.json');
      await validate('r.md');
      const [json, markdown] = [await folder.read('r.json'), await folder.read('r.md')];
      const { files, profile } = JSON.parse(json) as AudienceReport;
      assert.deepEqual(
        files.map(({ path, records }) => [path, records]),
        [
          ['a.csv', 1],
          ['b.ndjson', 1],
        ],
      );
      const channels = profile.attributes.find(({ path }) => path === 'ChannelType')?.top?.values;
      assert.deepEqual(channels, [
        { value: 'EMAIL', count: 1 },
        { value: 'SMS', count: 1 },
      ]);
      assert.match(markdown, /\| ChannelType \| 2 \| 100 % \|/);
      for (const text of [json, markdown]) assert.doesNotMatch(text, /ana@example|12065550100/);
    });
  });
});
