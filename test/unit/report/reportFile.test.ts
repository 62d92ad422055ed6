import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { workerFile } from '../../../src/cli/validateCommand.ts';
import type { Validator } from '../../../src/endpoints/rules/finding.ts';
import { markdownOf, reportOf, type AudienceReport } from '../../../src/endpoints/report/report.ts';
import { writeReport } from '../../../src/endpoints/report/reportFile.ts';
import { createValidator } from '../../../src/endpoints/validation/validator.ts';
import { inFolder } from '../transform/files.ts';
import { canMakeLinks, isWindows, possibleName } from '../../support/platform.ts';

describe('A report of a file', function () {
  let validator: Validator;

  before(() => {
    validator = createValidator({ workerFile: workerFile() });
  });

  after(() => validator.dispose());

  async function reportOn(path: string): Promise<AudienceReport> {
    const result = await validator.file(path, { statistics: true });
    return reportOf([{ path, bytes: result.bytes, modified: 0, packed: false, result }], new Date(0));
  }

  const markdownOn = (name: string, content: string): Promise<string> =>
    inFolder(async (folder) => markdownOf(await reportOn(await folder.write(name, content))));

  it('is written over an older one, and never over the file itself, whatever that is called', async function () {
    if (!(await canMakeLinks())) this.skip();
    await inFolder(async (folder) => {
      const content = 'ChannelType,Address\nEMAIL,ana@example.com\n';
      const source = await folder.write('a.csv', content);
      const older = await folder.write('r.md', 'older\n');
      const link = join(folder.path, 'link.md');
      await symlink(source, link);
      const report = await reportOn(source);
      await writeReport(report, 'markdown', older);
      assert.match(await folder.read('r.md'), /^# Audience report/);
      for (const path of [source, link])
        await assert.rejects(writeReport(report, 'markdown', path), { code: 'conflict' });
      assert.equal(await folder.read('a.csv'), content);
      const [other, outside] = [join(folder.path, 'other.md'), join(folder.path, 'outside')];
      await symlink(outside, other);
      await assert.rejects(writeReport(report, 'markdown', other), { code: 'conflict' });
      const device = isWindows ? folder.path : '/dev/null';
      await assert.rejects(writeReport(report, 'markdown', device), { code: 'conflict' });
      assert.deepEqual(await folder.names(), ['a.csv', 'link.md', 'other.md', 'r.md']);
      const nowhere = join(folder.path, 'none', 'r.json');
      await assert.rejects(writeReport(report, 'json', nowhere), { code: 'not-found' });
    });
  });

  it('names files without their folders, whatever the format', async () => {
    await inFolder(async (folder) => {
      const report = await reportOn(
        await folder.write('a.csv', 'ChannelType,Address\nEMAIL,ana@example.com\n'),
      );
      for (const format of ['json', 'markdown'] as const) {
        await writeReport(report, format, join(folder.path, 'report'));
        const text = await folder.read('report');
        assert.ok(text.includes('a.csv') && !text.includes(folder.path), format);
      }
    });
  });

  it('has no link, picture or hidden character of a file in its Markdown', async () => {
    const name = possibleName('a [b](command:c) ![p](file:d) \u202e\u001b.csv');
    const value = '[x](https://evil.example) https://evil.example';
    const markdown = await markdownOn(name, `ChannelType,Location.City\nEMAIL,${value}\n${value},a\n`);
    assert.match(
      markdown,
      isWindows
        ? /\| a \\\[b\\\]\\\(command-c\) !\\\[p\\\]\\\(file-d\) \\\\u202e-\.csv \|/
        : /\| a \\\[b\\\]\\\(command:c\) !\\\[p\\\]\\\(file:d\) \\\\u202e\\\\u001b\.csv \|/,
    );
    assert.doesNotMatch(markdown, /\]\(|https:\/\/|[\u202e\u001b]/);
  });

  it('has shares of values where a record may have several, and says what is not counted', async () => {
    const records = Array.from({ length: 6 }, (_, index) =>
      JSON.stringify({
        Id: `${index}`,
        OptOut: 'ALL',
        Attributes: { Interests: ['train', 'train', index < 5 ? 'plane' : 'ship'] },
      }),
    );
    const markdown = await markdownOn('a.ndjson', `${records.join('\n')}\n{"Id":\n`);
    assert.match(markdown, /\nUnreadable records, not counted below: 1\n/);
    assert.match(markdown, /\| Value \| Count \| Of all records \|\n.*\n\| ALL \| 6 \| 100 % \|/);
    assert.match(
      markdown,
      /\| Value \| Count \| Of all values \|\n.*\n\| train \| 12 \| 66\.7 % \|\n\| plane \| 5 \| 27\.8 % \|/,
    );
  });

  it('reports no attributes if there are no records', async () => {
    const markdown = await markdownOn('a.csv', 'ChannelType,Address\n');
    assert.match(markdown, /No problems found\.\n$/);
  });
});
