import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileType } from '../../../src/endpoints/model/fileType.ts';
import { createValidator } from '../../../src/endpoints/validation/validator.ts';

/*
 * A carriage return without a line feed doesn't end a record, but editors start a new line after it, and findings must be at
 * the editor's line.
 */
describe('carriage returns without a line feed', () => {
  const validator = createValidator({
    workerFile: new URL('../../../src/endpoints/validation/worker.ts', import.meta.url),
    threads: 2,
  });
  let folder = '';
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'returns-'))));
  after(async () => {
    await validator.dispose();
    await rm(folder, { recursive: true });
  });

  const bad = '{"ChannelType":"X","Address":"a"}';
  const cases: readonly {
    readonly title: string;
    readonly type: FileType;
    readonly text: string;
    readonly records: number;
    readonly places: readonly string[];
  }[] = [
    {
      title: 'in a CSV value',
      type: 'csv',
      text: 'ChannelType,Address\nCUSTOM,a\rb\nX,c\n',
      records: 2,
      places: ['csv-line-break 2:9-3:1', 'channel-type-unknown 4:1-4:2'],
    },
    {
      title: 'between quotes, with a finding behind it in the same record',
      type: 'csv',
      text: 'Address,ChannelType\r\n"a\rb",X\r\n"c",X\r\n',
      records: 2,
      places: ['csv-line-break 2:3-3:1', 'channel-type-unknown 3:4-3:5', 'channel-type-unknown 4:5-4:6'],
    },
    {
      title: 'in a CSV record that is given up',
      type: 'csv',
      text: 'ChannelType,Address\nCUSTOM,a\rb"\nX,c\n',
      records: 2,
      places: ['csv-quote 3:2-3:3', 'channel-type-unknown 4:1-4:2'],
    },
    {
      title: 'between the members of an object, twice alike',
      type: 'ndjson',
      text: `{"ChannelType":"X",\r"Address":"a"}\n{"ChannelType":"X",\r"Address":"b"}\n${bad.replace('"a"', '"c"')}\n`,
      records: 3,
      places: [
        'channel-type-unknown 1:16-1:19',
        'channel-type-unknown 3:16-3:19',
        'channel-type-unknown 5:16-5:19',
      ],
    },
    {
      title: 'behind an object and before a CRLF',
      type: 'ndjson',
      text: `${bad}\r\r\n${bad.replace('"a"', '"b"')}\r\n${bad.replace('"a"', '"c"')}\n`,
      records: 3,
      places: [
        'channel-type-unknown 1:16-1:19',
        'channel-type-unknown 3:16-3:19',
        'channel-type-unknown 4:16-4:19',
      ],
    },
    {
      title: 'in a JSON string',
      type: 'ndjson',
      text: `{"Address":"a\rb"}\n${bad}\n`,
      records: 2,
      places: ['json-syntax 1:14-2:1', 'channel-type-unknown 3:16-3:19'],
    },
  ];
  for (const { title, type, text, records, places } of cases) {
    it(title, async () => {
      const path = join(folder, `file.${type}`);
      await writeFile(path, text);
      const result = await validator.file(path, { type });
      assert.deepEqual(
        result.issues.map(
          ({ code, line, column, endLine, endColumn }) => `${code} ${line}:${column}-${endLine}:${endColumn}`,
        ),
        places,
      );
      assert.equal(result.records, records);
    });
  }
});
