import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, it } from 'mocha';
import type { FileType } from '../../../src/endpoints/model/fileType.ts';
import { BadEndpoint, validateImportRecord } from '../../../src/sandbox/pinpoint/endpointRules.ts';
import { readRows } from '../../../src/sandbox/pinpoint/importRows.ts';
import { UnreadableObject } from '../../../src/sandbox/pinpoint/unreadable.ts';
import { root } from '../../../tools/paths.ts';
import { validate } from '../../proofs/validateInProcess.ts';

type Verdict = 'accepted' | 'info' | 'warning' | 'error' | 'rejected';

const endpoint = '"ChannelType":"CUSTOM","Address":"x"';

/** Files for the rows of the table in docs/validation.md, by the text of its first column. */
const files: Readonly<Record<string, readonly [type: FileType, text: string]>> = {
  'A CSV of user Ids with other columns, all empty': ['csv', 'User.UserId,OptOut\nuser-1,\n'],
  'A CSV of user Ids with other columns that have values': ['csv', 'User.UserId,OptOut\nuser-1,ALL\n'],
  'Several user Ids in one cell': ['csv', 'User.UserId\nuser-1 user-2\n'],
  '`"Id": ""` in NDJSON': ['ndjson', `{"Id":"",${endpoint}}\n`],
  '`"OptOut": ""` in NDJSON': ['ndjson', `{${endpoint},"OptOut":""}\n`],
  '`"EffectiveDate": ""` in NDJSON': ['ndjson', `{${endpoint},"EffectiveDate":""}\n`],
  '`"Country": ""` in NDJSON': ['ndjson', `{${endpoint},"Location":{"Country":""}}\n`],
  'An empty cell in CSV': ['csv', 'ChannelType,Address,OptOut\nCUSTOM,x,\n'],
  'A name of 50 emoji': ['ndjson', `{${endpoint},"Attributes":{"${'😀'.repeat(50)}":["x"]}}\n`],
  'A name of 51 emoji': ['ndjson', `{${endpoint},"Attributes":{"${'😀'.repeat(51)}":["x"]}}\n`],
  'A value of 100 emoji': ['ndjson', `{${endpoint},"Attributes":{"a":["${'😀'.repeat(100)}"]}}\n`],
  'A value of 101 emoji': ['ndjson', `{${endpoint},"Attributes":{"a":["${'😀'.repeat(101)}"]}}\n`],
  '30 February': ['ndjson', `{${endpoint},"EffectiveDate":"2026-02-30T00:00:00Z"}\n`],
  '29 February in a year without one': ['csv', 'ChannelType,Address,EffectiveDate\nCUSTOM,x,2026-02-29\n'],
  'An Id of more than 100 characters': ['ndjson', `{"Id":"${'x'.repeat(101)}",${endpoint}}\n`],
  'A metric of `1e400`': ['ndjson', `{${endpoint},"Metrics":{"m":1e400}}\n`],
  'A metric of `1e400` in CSV': ['csv', 'ChannelType,Address,Metrics.m\nCUSTOM,x,1e400\n'],
  'An email address without `@`': ['ndjson', '{"ChannelType":"EMAIL","Address":"x"}\n'],
  'A country that is not in ISO 3166-1, such as `UK`': [
    'ndjson',
    `{${endpoint},"Location":{"Country":"UK"}}\n`,
  ],
  'A repeated name in a JSON object': ['ndjson', `{${endpoint},"OptOut":"ALL","OptOut":"NONE"}\n`],
};

function validated(type: FileType, text: string): Verdict {
  const { totals } = validate(Buffer.from(text), type);
  const index = totals.findIndex((count) => count > 0);
  return (['error', 'warning', 'info'] as const)[index] ?? 'accepted';
}

async function imported(type: FileType, text: string): Promise<Verdict> {
  try {
    for await (const batch of readRows(type === 'csv' ? 'CSV' : 'JSON', Readable.from([Buffer.from(text)]))) {
      for (const { value, problem } of batch) {
        if (problem !== undefined) return 'rejected';
        validateImportRecord(value);
      }
    }
    return 'accepted';
  } catch (error) {
    if (error instanceof BadEndpoint || error instanceof UnreadableObject) return 'rejected';
    throw error;
  }
}

/** The rows of the table in the documentation. */
function rows(): readonly (readonly string[])[] {
  const text = readFileSync(join(root, 'docs', 'validation.md'), 'utf8');
  const section = text.slice(text.indexOf('## Validation and the sandbox'));
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

describe('Validation and the sandbox', () => {
  it('agree or differ as documented, in every case of the table', async () => {
    const actual = await Promise.all(
      Object.entries(files).map(async ([name, [type, text]]) => [
        name,
        validated(type, text),
        await imported(type, text),
      ]),
    );
    assert.deepEqual(
      rows().map((row) => row.slice(0, 3)),
      actual,
    );
  });

  it('have a documented reason wherever they differ', () => {
    for (const [name, validation, sandbox, reason = ''] of rows()) {
      const differs = (validation === 'error') !== (sandbox === 'rejected');
      assert.equal(differs, reason !== '', name);
    }
  });
});
