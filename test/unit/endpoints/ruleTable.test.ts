import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { FileType } from '../../../src/endpoints/rules/finding.ts';
import { rule, ruleCodes, type RuleCode } from '../../../src/endpoints/rules/rules.ts';
import { judge, shown } from './judging.ts';

/** Where the wrong file of each example of the catalogue is wrong. */
const places: Readonly<Record<RuleCode, readonly string[]>> = {
  'file-empty': ['1:1-1'],
  'file-encoding': [],
  'file-bom': ['1:1-1'],
  'file-compressed': [],
  'file-too-large': [],
  'file-json-array': ['1:1-2'],
  'file-mixed-formats': [],
  'csv-delimiter': ['1:1-32'],
  'csv-header-unknown': ['1:4-8'],
  'csv-header-empty': ['1:4-4'],
  'csv-header-space': ['1:4-21'],
  'csv-header-duplicate': ['1:11-17'],
  'csv-header-response-only': ['1:11-25'],
  'csv-column-count': ['2:12-19'],
  'csv-quote': ['2:4-5'],
  'csv-line-break': ['2:7-3:1'],
  'csv-tab': ['2:4-5'],
  'csv-blank-line': ['3:1-1'],
  'json-syntax': ['1:2-3'],
  'json-not-object': ['2:1-5'],
  'json-duplicate-key': ['1:26-34'],
  'json-unknown-member': ['1:11-19'],
  'json-response-only': ['1:26-42'],
  'json-type': ['1:32-38'],
  'json-blank-line': ['2:1-1'],
  'channel-type-missing': ['2:1-1', '1:1-31'],
  'channel-type-unknown': ['2:1-6', '1:16-21'],
  'channel-type-push': ['2:1-5', '1:16-22'],
  'address-missing': ['2:7-7', '1:1-24'],
  'address-email': ['2:7-23', '1:34-48'],
  'address-phone': ['2:5-19', '1:32-45'],
  'address-token': ['2:5-10', '1:33-49'],
  'address-duplicate': ['3:7-23', '2:34-52'],
  'opt-out-unknown': ['2:3-6', '1:20-24'],
  'country-unknown': ['2:3-5', '1:33-42'],
  'country-alpha3': ['2:3-6', '1:33-38'],
  'locale-form': ['2:3-8', '1:35-39'],
  'timezone-unknown': ['2:3-16', '1:37-45'],
  'latitude-range': ['2:3-8', '1:34-38'],
  'longitude-range': ['2:8-15', '1:48-52'],
  'location-unpaired': ['2:3-7', '1:35-41'],
  'effective-date-form': ['2:3-13', '1:27-49'],
  'metric-not-number': ['2:3-7'],
  'id-characters': ['2:1-6', '1:19-24'],
  'id-duplicate': ['3:1-3', '2:7-10'],
  'id-only': ['2:1-2', '1:7-10'],
  'user-ids-spaces': ['2:1-14'],
  'value-too-long': ['2:3-79', '1:33-136'],
  'value-blanks': ['2:3-6', '1:19-28'],
  'name-too-long': ['1:4-66', '1:22-75'],
  'name-characters': ['1:4-18', '1:25-30'],
  'too-many-values': ['2:103-104', '1:230-233'],
  'too-many-attributes': ['1:3144-3156'],
  'too-many-endpoints-per-user': ['17:4-5', '16:29-32'],
  'record-too-large': [],
};

interface Case {
  readonly code: RuleCode;
  readonly what: string;
  readonly type: FileType;
  readonly wrong: string | Uint8Array;
  readonly right: string | Uint8Array;
  readonly found: string;
}

const user = { csv: 'User.UserId\nu1\n', ndjson: '{"User":{"UserId":"u1"}}\n' } as const;

function bytes(...list: readonly number[]): Uint8Array {
  return Uint8Array.from(list);
}

const packed: readonly (readonly [name: string, first: Uint8Array])[] = [
  ['gzip', bytes(0x1f, 0x8b, 8, 0)],
  ['zip', bytes(0x50, 0x4b, 3, 4)],
  ['bzip2', bytes(0x42, 0x5a, 0x68, 0x39)],
  ['xz', bytes(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0)],
  ['Zstandard', bytes(0x28, 0xb5, 0x2f, 0xfd)],
];

/** The Address that makes an endpoint so many bytes of JSON. */
function addressFor(total: number): string {
  return 'x'.repeat(total - '{"ChannelType":"CUSTOM","Address":""}'.length);
}

/** What the examples do not show: formats, kinds and limits beside theirs. */
const others: readonly Case[] = [
  ...packed.flatMap(([name, first]) =>
    (['csv', 'ndjson'] as const).map((type): Case => {
      return {
        code: 'file-compressed',
        what: name,
        type,
        wrong: first,
        right: user[type],
        found: '1:1-1 error',
      };
    }),
  ),
  ...(['csv', 'ndjson'] as const).flatMap((type): Case[] => [
    {
      code: 'file-encoding',
      what: 'Latin-1',
      type,
      wrong: Buffer.from(user[type].replace('u1', 'ü1'), 'latin1'),
      right: user[type].replace('u1', 'ü1'),
      found: type === 'csv' ? '2:1-2 error' : '1:20-21 error',
    },
    {
      code: 'file-encoding',
      what: 'UTF-16',
      type,
      wrong: Buffer.from(`\uFEFF${user[type]}`, 'utf16le'),
      right: user[type],
      found: '1:1-1 error',
    },
  ]),
  {
    code: 'file-empty',
    what: 'only line breaks before a header that is not there',
    type: 'csv',
    wrong: '\r\n',
    right: user.csv,
    found: '1:1-1 error',
  },
  {
    code: 'file-json-array',
    what: 'pretty-printed objects',
    type: 'ndjson',
    wrong: '{\n  "User": {"UserId": "u1"}\n}\n',
    right: user.ndjson,
    found: '1:1-2 error',
  },
  {
    code: 'json-syntax',
    what: 'a line of a log in brackets, which is no array of all that follows',
    type: 'ndjson',
    wrong: `[INFO] exported\n${user.ndjson}`,
    right: user.ndjson,
    found: '1:2-3 error',
  },
  {
    code: 'json-syntax',
    what: 'an object that ends too early',
    type: 'ndjson',
    wrong: '{"User":{"UserId":"u1"}\n',
    right: user.ndjson,
    found: '1:24-24 error',
  },
  {
    code: 'csv-column-count',
    what: 'a cell too few',
    type: 'csv',
    wrong: 'User.UserId,OptOut\nu1\n',
    right: 'User.UserId,OptOut\nu1,\n',
    found: '2:1-3 error',
  },
  {
    code: 'csv-quote',
    what: 'never closed',
    type: 'csv',
    wrong: 'User.UserId,OptOut\n"u1,\nu2,\n',
    right: 'User.UserId,OptOut\n"u1",\nu2,\n',
    found: '2:1-2 error',
  },
  {
    code: 'csv-quote',
    what: 'text behind',
    type: 'csv',
    wrong: 'User.UserId,OptOut\n"u"1,\n',
    right: 'User.UserId,OptOut\n"u1",\n',
    found: '2:4-5 error',
  },
  {
    code: 'address-missing',
    what: 'an update that opts out',
    type: 'csv',
    wrong: 'Id,ChannelType,Address\n1,CUSTOM,\n',
    right: 'Id,ChannelType,Address\n1,CUSTOM,x\n',
    found: '2:10-10 info',
  },
  {
    code: 'too-many-attributes',
    what: 'over all lines',
    type: 'ndjson',
    wrong: Array.from({ length: 252 }, (_, n) => `{"Id":"${n}","Metrics":{"m${n}":1}}\n`).join(''),
    right: Array.from({ length: 252 }, (_, n) => `{"Id":"${n}","Metrics":{"m${n % 250}":1}}\n`).join(''),
    found: '251:24-30 error',
  },
  {
    code: 'timezone-unknown',
    what: 'names of what is no zone',
    type: 'csv',
    wrong: 'Id,Demographic.Timezone\n1,Factory\n',
    right: 'Id,Demographic.Timezone\n1,Canada/East-Saskatchewan\n',
    found: '2:3-10 warning',
  },
  {
    code: 'record-too-large',
    what: 'one byte more than 15 KB',
    type: 'csv',
    wrong: `ChannelType,Address\nCUSTOM,${addressFor(15_361)}\n`,
    right: `ChannelType,Address\nCUSTOM,${addressFor(15_360)}\n`,
    found: `2:1-${8 + addressFor(15_361).length} error`,
  },
  {
    code: 'record-too-large',
    what: 'one byte more than 15 KB',
    type: 'ndjson',
    wrong: `{"ChannelType":"CUSTOM","Address":"${addressFor(15_361)}"}\n`,
    right: `{"ChannelType":"CUSTOM","Address":"${addressFor(15_360)}"}\n`,
    found: '1:1-15362 error',
  },
];

/** All findings but the one that updates by Id alone have, of which many cases are, unless it is what is looked for. */
async function findingsOf(content: string | Uint8Array, type: FileType, code: RuleCode): Promise<string[]> {
  return shown(await judge(content, type)).filter((line) => code === 'id-only' || !line.endsWith(' id-only'));
}

describe('The table of rules', () => {
  for (const code of ruleCodes) {
    const { severity, examples } = rule(code);
    examples.forEach(({ type, wrong, right }, index) => {
      it(`${code}, example ${index + 1}: the wrong file has it alone, at its place, the right one has nothing`, async () => {
        assert.deepEqual(await findingsOf(wrong, type, code), [`${places[code][index]} ${severity} ${code}`]);
        assert.deepEqual(await findingsOf(right, type, code), []);
      });
    });
  }

  for (const { code, what, type, wrong, right, found } of others) {
    it(`${code}, ${what}, ${type}: found at its place, and not in the right file`, async () => {
      assert.deepEqual(await findingsOf(wrong, type, code), [`${found} ${code}`]);
      assert.deepEqual(await findingsOf(right, type, code), []);
    });
  }
});
