import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, it } from 'mocha';
import { fixableCodes } from '../../../src/endpoints/editing/fixes.ts';
import { writeFixedCopy, type FixedCopyReport } from '../../../src/endpoints/transform/fixedCopy.ts';
import { inFolder, transformed } from './files.ts';

const copyOf = (
  name: string,
  content: string | Uint8Array,
  options?: Omit<Parameters<typeof writeFixedCopy>[0], 'source'>,
): Promise<{ readonly text: string; readonly texts: readonly string[]; readonly report: FixedCopyReport }> =>
  transformed(writeFixedCopy, name, content, options);

describe('A fixed copy', () => {
  it('leaves its source unchanged, and never overwrites a file', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', 'Id,OptOut\n1,all\n');
      const before = await stat(source);
      await writeFixedCopy({ source });
      await assert.rejects(writeFixedCopy({ source }), { code: 'conflict' });
      await assert.rejects(writeFixedCopy({ source, target: source }), { code: 'conflict' });
      const report = await writeFixedCopy({ source, onConflict: 'number' });
      assert.equal(report.outputs[0]?.path, join(folder.path, 'a.fixed-2.csv'));
      assert.deepEqual(await folder.names(), ['a.csv', 'a.fixed-2.csv', 'a.fixed.csv']);
      assert.equal((await stat(source)).mtimeMs, before.mtimeMs);
      assert.equal(await folder.read('a.fixed.csv'), 'Id,OptOut\n1,ALL\n');
    });
  });

  it('reports what it fixed by code with the first lines, and no values', async () => {
    const { report } = await copyOf(
      'a.csv',
      'ChannelType,Address,OptOut\nemail,a@example.com,all\n\nemail,b@example.com,Maybe\n',
    );
    assert.deepEqual(report.fixed, [
      { code: 'channel-type-unknown', count: 2, lines: [2, 4] },
      { code: 'opt-out-unknown', count: 1, lines: [2] },
      { code: 'csv-blank-line', count: 1, lines: [3] },
    ]);
    assert.deepEqual([report.kind, report.records, report.changedLines], ['fix', 2, 3]);
    assert.doesNotMatch(JSON.stringify({ ...report, source: '', outputs: [] }), /example|maybe/i);
  });

  it('fixes only what is requested, including likely fixes on request', async () => {
    const text = 'ChannelType,Address\nsms,14255550142\n';
    assert.equal((await copyOf('a.csv', text, { codes: ['value-blanks'] })).text, text);
    const certain = await copyOf('a.csv', text);
    assert.equal(certain.text, text.replace('sms', 'SMS'));
    const { text: likely } = await transformed(
      (options) => writeFixedCopy({ ...options, likely: ['address-phone'] }),
      'a.csv',
      text,
    );
    assert.equal(likely, 'ChannelType,Address\nSMS,+14255550142\n');
  });

  it('removes a byte order mark and compression, and keeps the mark on request', async () => {
    const text = '\uFEFFId,OptOut\n1,ALL\n';
    const { text: packed, report } = await copyOf('a.csv.gz', gzipSync(text));
    assert.equal(packed, 'Id,OptOut\n1,ALL\n');
    assert.deepEqual(report.fixed.map(({ code }) => code).sort(), ['file-bom', 'file-compressed']);
    assert.match(report.outputs[0]!.path, /a\.fixed\.csv$/);
    const codes = fixableCodes.filter((code) => code !== 'file-bom');
    const kept = await transformed((options) => writeFixedCopy({ ...options, codes }), 'a.csv', text);
    assert.equal(Buffer.from(kept.text).toString('hex', 0, 3), 'efbbbf');
  });

  it('splits what is too large for an import, with the header in each part', async () => {
    const rows = Array.from({ length: 3000 }, (_, index) => `${index},all\n`);
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', `Id,OptOut\n${rows.join('')}`);
      const { outputs, fixed, records } = await writeFixedCopy({
        source,
        maxBytes: 10_000,
        chunkBytes: 1024,
      });
      assert.deepEqual(
        outputs.map(({ path }) => path.slice(folder.path.length + 1)),
        ['a.fixed.part-001.csv', 'a.fixed.part-002.csv', 'a.fixed.part-003.csv'],
      );
      assert.ok(fixed.some(({ code }) => code === 'file-too-large'));
      assert.equal(records, 3000);
      const texts = await Promise.all(outputs.map(({ path }) => readFile(path, 'utf8')));
      assert.ok(texts.every((text) => text.startsWith('Id,OptOut\n') && text.length <= 10_000));
      assert.equal(
        texts.map((text) => text.slice('Id,OptOut\n'.length)).join(''),
        rows.join('').replaceAll('all', 'ALL'),
      );
    });
  });

  it("keeps the bytes of lines that aren't UTF-8, and of lines too long to be checked", async () => {
    const bad = Buffer.from('Id,OptOut\n\xe9,all\n2,all\n', 'latin1');
    await inFolder(async (folder) => {
      await writeFixedCopy({ source: await folder.write('a.csv', bad) });
      assert.equal(
        (await readFile(join(folder.path, 'a.fixed.csv'))).toString('latin1'),
        'Id,OptOut\n\xe9,all\n2,ALL\n',
      );
      const long = `{"Id":"1","OptOut":"all"}\n{"Id":"${'x'.repeat(5_000_000)}","OptOut":"all"}\n{"OptOut":"all"}`;
      const report = await writeFixedCopy({ source: await folder.write('b.ndjson', long) });
      assert.equal(
        await folder.read('b.fixed.ndjson'),
        long.replace('"all"', '"ALL"').replace(/"all"}$/, '"ALL"}'),
      );
      assert.equal(report.records, 3);
    });
  });

  it('can be made of JSON that is nested too deeply', async () => {
    for (const depth of [600, 5000, 200_000]) {
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
      ] as const) {
        const deep = `{"Id":"a","OptOut":"all","x":${open.repeat(depth)}1${close.repeat(depth)}}\n`;
        const text = `${deep}{"Id":"b","OptOut":"all"}\n`;
        const fixed = await transformed(writeFixedCopy, 'a.ndjson', text);
        assert.equal(fixed.text.startsWith(deep.slice(0, 20)), true);
        assert.match(fixed.text, /"b","OptOut":"ALL"/);
      }
    }
  });

  it('takes time in proportion to the file even if lines end in carriage returns only, or contain many', async () => {
    const shapes = [
      (times: number): string => `Id,OptOut\n${'\r1,all\n'.repeat(times)}`,
      (times: number): string => `Id,OptOut\n${'1\r\r\r,all\n'.repeat(times)}`,
      (times: number): string => `Id,OptOut\n"${'\r'.repeat(6 * times)}",ALL\n`,
    ];
    for (const shape of shapes) {
      const measured = async (times: number): Promise<number> => {
        const started = performance.now();
        await transformed(writeFixedCopy, 'a.csv', shape(times));
        return performance.now() - started;
      };
      await measured(1000);
      const [once, eight] = [await measured(4000), await measured(32_000)];
      // Eight times the file: a busy machine may double the time, quadratic time would multiply it by 64.
      assert.ok(eight < 24 * once + 1000, `${once} ms and ${eight} ms`);
    }
  });

  it("explains why it can't be written", async () => {
    const fails = (
      name: string,
      content: string | Uint8Array,
      code: string,
      message: RegExp,
    ): Promise<void> =>
      inFolder(async (folder) => {
        await assert.rejects(writeFixedCopy({ source: await folder.write(name, content) }), {
          code,
          message,
        });
        assert.deepEqual(await folder.names(), [name]);
      });
    await fails('a.csv', '', 'bad-input', /a\.csv/);
    await fails('a.csv', Buffer.from('Id\n1\n', 'utf16le'), 'bad-input', /a\.csv .*UTF-8/);
    await fails('a.zip', Buffer.from('504b0304', 'hex'), 'bad-input', /zip/);
    await fails('a.ndjson', '[\n {"Id":"1"},\n {"Id":}\n]\n', 'bad-input', /line 3/i);
  });

  it('ends quickly when cancelled, and leaves nothing', async () => {
    await inFolder(async (folder) => {
      const source = await folder.write('a.csv', `Id,OptOut\n${'1,all\n'.repeat(500_000)}`);
      const controller = new AbortController();
      const running = writeFixedCopy({
        source,
        signal: controller.signal,
        onProgress: () => controller.abort(),
      });
      await assert.rejects(running, { code: 'cancelled' });
      assert.deepEqual(await folder.names(), ['a.csv']);
    });
  });
});
