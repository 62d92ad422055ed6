import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { after, before, describe, it } from 'mocha';
import type { ValidationResult } from '../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import type { RuleCode } from '../../src/endpoints/rules/ruleTable.ts';
import type { NastyOutcome, NastyWish } from './nastyChild.ts';

const MiB = 1024 * 1024;
/** Of one process that checks all of these files, one after the other: it takes up to 410 MiB, by when garbage is collected. */
const maxMemory = 512 * MiB;
/** Far more CPU time than any of these files takes; what takes time by the square of its size takes longer. */
const maxMilliseconds = 15_000;

interface NastyFile {
  readonly what: string;
  readonly types: readonly FileType[];
  readonly content: (type: FileType) => Iterable<string | Uint8Array>;
  /** The findings that there have to be; others may be. */
  readonly codes?: Partial<Record<FileType, readonly RuleCode[]>>;
  readonly records?: Partial<Record<FileType, number>>;
  /** The file is made this large by a hole at its end, which reads as NUL bytes. */
  readonly size?: number;
}

const both: readonly FileType[] = ['csv', 'ndjson'];
const csvOnly: readonly FileType[] = ['csv'];
const ndjsonOnly: readonly FileType[] = ['ndjson'];
const every = (code: RuleCode): Partial<Record<FileType, readonly RuleCode[]>> => ({
  csv: [code],
  ndjson: [code],
});
const header = 'ChannelType,Address,Attributes.Note\n';
const line: Readonly<Record<FileType, string>> = {
  csv: 'CUSTOM,x,y\n',
  ndjson: '{"ChannelType":"CUSTOM","Address":"x"}\n',
};

/** The same text over and over, up to a size. */
function* repeated(text: string, bytes: number): Iterable<string> {
  const piece = text.repeat(Math.max(1, Math.ceil(65_536 / text.length)));
  for (let left = bytes; left > 0; left -= piece.length) yield piece;
}

function* numbered(count: number, text: (number: number) => string): Iterable<string> {
  for (let number = 0; number < count; number++) yield text(number);
}

function* joined(
  ...parts: (string | Uint8Array | Iterable<string | Uint8Array>)[]
): Iterable<string | Uint8Array> {
  for (const part of parts) {
    if (typeof part === 'string' || part instanceof Uint8Array) yield part;
    else yield* part;
  }
}

const sample = (type: FileType): string => (type === 'csv' ? header : '') + line[type].repeat(100);

function inEncoding(encoding: 'utf16le' | 'utf16be' | 'utf32le' | 'utf32be', mark: boolean) {
  return (type: FileType): Iterable<Uint8Array> => {
    const text = (mark ? '\uFEFF' : '') + sample(type);
    const width = encoding.startsWith('utf16') ? 2 : 4;
    const bytes = Buffer.alloc(text.length * width);
    for (let at = 0; at < text.length; at++) bytes.writeUInt16LE(text.charCodeAt(at), at * width);
    if (encoding === 'utf16be') bytes.swap16();
    if (encoding === 'utf32be') bytes.swap32();
    return [bytes];
  };
}

const files: readonly NastyFile[] = [
  { what: 'nothing but NUL bytes', types: both, content: () => [Buffer.alloc(MiB)] },
  {
    what: 'a NUL byte in a value',
    types: both,
    content: (type) => [sample(type).replace('x', 'x\0x')],
    codes: { ndjson: ['json-syntax'] },
  },
  { what: 'random bytes', types: both, content: () => [randomBytes(4 * MiB)] },
  {
    what: 'random bytes behind a good beginning',
    types: both,
    content: (type) => [sample(type), randomBytes(4 * MiB)],
    codes: every('file-encoding'),
  },
  { what: 'only line feeds', types: both, content: () => repeated('\n', 4 * MiB) },
  { what: 'only carriage returns', types: both, content: () => repeated('\r', 4 * MiB) },
  { what: 'only quotes', types: both, content: () => repeated('"', 4 * MiB) },
  { what: 'only brackets', types: both, content: () => repeated('[', 4 * MiB) },
  {
    what: 'lone surrogates, escaped',
    types: ndjsonOnly,
    content: () => [
      '{"ChannelType":"CUSTOM","Address":"\\ud83d","Attributes":{"\\udc00":["\\ud83d\\ud83d"]}}\n',
    ],
    codes: { ndjson: [] },
    records: { ndjson: 1 },
  },
  {
    what: 'lone surrogates, as bytes',
    types: both,
    content: (type) => [sample(type), Uint8Array.of(0xed, 0xa0, 0x80), '\n'],
    codes: every('file-encoding'),
  },
  {
    what: '10,000 columns',
    types: csvOnly,
    content: () =>
      joined(
        'ChannelType,Address',
        numbered(10_000, (n) => `,Attributes.a${n}`),
        '\nCUSTOM,x',
        ','.repeat(10_000),
        '\n',
      ),
    codes: { csv: ['too-many-attributes'] },
    records: { csv: 1 },
  },
  {
    what: '10,000 columns of one attribute',
    types: csvOnly,
    content: () => [
      `ChannelType,Address${',Attributes.a'.repeat(10_000)}\n`,
      `CUSTOM,x${',v'.repeat(10_000)}\n`.repeat(50),
    ],
    codes: { csv: ['too-many-values', 'record-too-large'] },
    records: { csv: 50 },
  },
  {
    what: '150,000 columns whose names are nearly right',
    types: csvOnly,
    content: () => [`${'adress,'.repeat(140_000)}Id\n`],
    codes: { csv: ['csv-header-unknown'] },
  },
  {
    what: '10,000 members',
    types: ndjsonOnly,
    content: () =>
      joined(
        '{"ChannelType":"CUSTOM","Address":"x","Attributes":{',
        numbered(10_000, (n) => `${n === 0 ? '' : ','}"a${n}":["v"]`),
        '}}\n',
      ),
    codes: { ndjson: ['too-many-attributes', 'record-too-large'] },
    records: { ndjson: 1 },
  },
  {
    what: 'other names on every line',
    types: ndjsonOnly,
    content: () =>
      numbered(
        30_000,
        (n) => `{"ChannelType":"CUSTOM","Address":"x${n}","Attributes":{"a${n}":["v"]},"b${n}":1}\n`,
      ),
    codes: { ndjson: ['too-many-attributes', 'json-unknown-member'] },
    records: { ndjson: 30_000 },
  },
  {
    what: 'the same object again and again in one line, behind many names',
    types: ndjsonOnly,
    content: () =>
      joined(
        numbered(5000, (n) => `{"Attributes":{"a${n}":["v"]}}\n`),
        '{',
        repeated('"User":{"UserId":"u"},', 3 * MiB),
        '"User":{}}\n',
      ),
    codes: { ndjson: ['json-duplicate-key'] },
  },
  {
    what: 'other time zones on every line',
    types: both,
    content: (type) =>
      numbered(50_000, (n) =>
        type === 'csv'
          ? n === 0
            ? 'ChannelType,Address,Demographic.Timezone\n'
            : `CUSTOM,x${n},Europe/Town${n}\n`
          : `{"ChannelType":"CUSTOM","Address":"x${n}","Demographic":{"Timezone":"Europe/Town${n}"}}\n`,
      ),
    codes: every('timezone-unknown'),
  },
  {
    what: 'a line of 64 MB',
    types: both,
    content: (type) =>
      type === 'csv'
        ? joined(header, 'CUSTOM,x,', repeated('y', 64 * MiB), '\n', line.csv)
        : joined('{"ChannelType":"CUSTOM","Address":"', repeated('y', 64 * MiB), '"}\n', line.ndjson),
    codes: every('record-too-large'),
    records: { csv: 2, ndjson: 2 },
  },
  { what: '64 MB without a line feed', types: both, content: () => repeated('abc', 64 * MiB) },
  {
    what: 'a quote that is never closed before 64 MB',
    types: csvOnly,
    content: () => joined(header, 'CUSTOM,x,"', repeated('y\n', 64 * MiB)),
    codes: { csv: ['csv-quote'] },
  },
  {
    what: 'an open quote on every line',
    types: csvOnly,
    content: () => joined(header, repeated('CUSTOM,x,"y\n', 8 * MiB)),
    codes: { csv: ['csv-quote'] },
  },
  {
    what: 'lines that may all close a quote or not',
    types: csvOnly,
    content: () => joined('User.UserId\n', repeated('"x\ny\n', 8 * MiB)),
  },
  {
    what: 'one cell with a million quotes',
    types: csvOnly,
    content: () => joined(header, 'CUSTOM,x,"', repeated('""', 2 * MiB), '"\n'),
    codes: { csv: ['record-too-large'] },
  },
  {
    what: 'a million cells in one record',
    types: csvOnly,
    content: () => joined(header, repeated(',', MiB), '\n'),
    codes: { csv: ['csv-column-count'] },
  },
  {
    what: 'values nested a million times',
    types: ndjsonOnly,
    content: () => joined('{"a":', repeated('[', MiB), repeated(']', MiB), '}\n'),
  },
  {
    what: 'objects nested a million times',
    types: ndjsonOnly,
    content: () => joined('{"a":', repeated('{"a":', 3 * MiB)),
    codes: { ndjson: ['json-syntax'] },
  },
  {
    what: 'a gzip file',
    types: both,
    content: (type) => [gzipSync(sample(type))],
    codes: every('file-compressed'),
    records: { csv: 0, ndjson: 0 },
  },
  {
    what: 'a Zstandard file',
    types: both,
    content: (type) => [zstdCompressSync(sample(type))],
    codes: every('file-compressed'),
    records: { csv: 0, ndjson: 0 },
  },
  {
    what: 'the head of a zip file',
    types: both,
    content: () => ['PK\u0003\u0004', randomBytes(1000)],
    codes: every('file-compressed'),
  },
  {
    what: 'the head of a bzip2 file',
    types: both,
    content: () => ['BZh9', randomBytes(1000)],
    codes: every('file-compressed'),
  },
  {
    what: 'the head of an xz file',
    types: both,
    content: () => [Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), randomBytes(1000)],
    codes: every('file-compressed'),
  },
  {
    what: 'a line of 1 GiB',
    types: both,
    content: (type) => [sample(type)],
    size: 1024 * MiB,
    codes: every('file-too-large'),
    records: { csv: 101, ndjson: 101 },
  },
  // Brotli has no signature: it just isn't UTF-8.
  {
    what: 'a brotli file',
    types: both,
    content: (type) => [brotliCompressSync(sample(type) + randomBytes(2000).toString('latin1'))],
  },
  ...(['utf16le', 'utf16be', 'utf32le', 'utf32be'] as const).flatMap((encoding) =>
    [true, false].map((mark) => ({
      what: `${encoding} ${mark ? 'with' : 'without'} a byte order mark`,
      types: both,
      content: inEncoding(encoding, mark),
      codes: every('file-encoding'),
      records: { csv: 0, ndjson: 0 },
    })),
  ),
];

describe('Nasty files', () => {
  let folder = '';
  let checker: Checker;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'proofs-'));
    checker = startChecker();
  });
  after(async () => {
    await checker.stop();
    rmSync(folder, { recursive: true });
  });

  for (const { what, types, content, codes, records, size } of files) {
    it(`${what}: no crash, no hang, bounded memory`, async () => {
      for (const type of types) {
        const path = join(folder, `nasty.${type}`);
        write(path, content(type), size);
        const { result, milliseconds, peak } = await checker.check({ path, type });
        const context = `${type}: ${JSON.stringify({ ...result, issues: result.issues.slice(0, 3) })}`;
        assert.ok(milliseconds < maxMilliseconds, `${type} took ${milliseconds} ms of CPU`);
        assert.ok(peak < maxMemory, `${type} took ${Math.round(peak / MiB)} MiB`);
        for (const code of codes?.[type] ?? []) assert.ok(result.counts[code] !== undefined, context);
        if (codes?.[type]?.length === 0) assert.deepEqual(result.counts, {}, context);
        assert.equal(records?.[type] ?? result.records, result.records, context);
        assertSane(result);
      }
    });
  }

  it('a hundred checks of a file take no more memory than ten', async () => {
    const path = join(folder, 'again.csv');
    write(
      path,
      joined(
        'ChannelType,Address,Id\n',
        numbered(40_000, (n) => `CUSTOM,address-${n},id-${n}\n`),
      ),
    );
    const again = startChecker();
    const peaks: number[] = [];
    for (let time = 0; time < 100; time++) peaks.push((await again.check({ path, type: 'csv' })).peak);
    await again.stop();
    const growth = (peaks[99]! - peaks[9]!) / MiB;
    assert.ok(growth < 40, `It grew by ${Math.round(growth)} MiB`);
  });
});

function write(path: string, content: Iterable<string | Uint8Array>, size?: number): void {
  const file = openSync(path, 'w');
  if (size !== undefined) ftruncateSync(file, size);
  for (const piece of content) writeSync(file, Buffer.from(piece as string));
  closeSync(file);
}

interface Checker {
  readonly check: (wish: NastyWish) => Promise<NastyOutcome>;
  readonly stop: () => Promise<void>;
}

function startChecker(): Checker {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'nastyChild.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const closed = once(child, 'close');
  return {
    async check(wish) {
      child.stdin.write(`${JSON.stringify(wish)}\n`);
      const answer = await lines.next();
      assert.ok(answer.done !== true, 'The process that checks the files ended');
      return JSON.parse(answer.value) as NastyOutcome;
    },
    async stop() {
      child.stdin.end();
      const kill = setTimeout(() => child.kill('SIGKILL'), 5000);
      await closed;
      clearTimeout(kill);
    },
  };
}

function assertSane({ issues, records, bytes, errors, warnings, infos }: ValidationResult): void {
  assert.ok(records <= bytes + 1);
  assert.ok(errors + warnings + infos >= issues.length);
  for (const { line, column, endLine, endColumn } of issues) {
    assert.ok(line >= 1 && column >= 1 && (endLine > line || (endLine === line && endColumn >= column)));
    assert.ok(endLine <= bytes + 1 && endColumn <= bytes + 1);
  }
}
