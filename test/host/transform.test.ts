import assert from 'node:assert/strict';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { FixedCopyResult } from '../../src/commands/transform/writeFixedCopy.ts';
import type { TransformResult } from '../../src/commands/transform/transformFiles.ts';
import type { Comparison } from '../../src/endpoints/transform/comparisonResult.ts';
import type { commandIds } from '../../src/host/commandIds.ts';
import { baseName } from '../../src/host/format.ts';
import { files, good, rejects, run } from './support.ts';

const quiet = { confirm: false };
const asNdjson =
  '{"ChannelType":"EMAIL","Address":"ana@example.com","Id":"h-1","OptOut":"NONE"}\n' +
  '{"ChannelType":"EMAIL","Address":"bo@example.com","Id":"h-2","OptOut":"NONE"}\n';
const exported =
  '{"Id":"h-1","ApplicationId":"p","ChannelType":"EMAIL","Address":"ana@example.com","CohortId":"7"}\n';
const broken = '{"Id":"h-1"}\n{"Id":"h-2",,}\n';

describe('Conversions', () => {
  let given: Awaited<ReturnType<typeof files>>;

  before(async () => {
    given = await files('transform', {
      'good.csv': good,
      'good.ndjson': asNdjson,
      'array.json': '[\n  {"Id": "h-1"},\n  {"Id": "h-2"}\n]\n',
      'export.ndjson': exported,
      'broken.ndjson': broken,
      'broken.json': '[\n  {"Id": "h-1"},\n  {"Id": }\n]\n',
      'notes.txt': 'nothing\n',
      'empty.csv': '',
    });
    await writeFile(given.uri('packed.gz').fsPath, gzipSync(exported));
    await mkdir(given.uri('folder.csv').fsPath);
  });

  after(() => given.remove());

  const read = (file: string): Promise<string> => readFile(given.uri(file).fsPath, 'utf8');
  const names = (): Promise<readonly string[]> => readdir(given.folder.fsPath);
  const writes = async (
    id: keyof typeof commandIds,
    source: string,
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<{ readonly written: readonly string[]; readonly report: TransformResult['report'] }> => {
    const original = await readFile(given.uri(source).fsPath);
    const result = await run<TransformResult>(id, given.uri(source), { ...quiet, ...options });
    assert.deepEqual(await readFile(given.uri(source).fsPath), original, 'the source is as it was');
    assert.deepEqual(
      result.files,
      result.report.outputs.map(({ path }) => path),
    );
    return { written: result.files.map(baseName), report: result.report };
  };
  /** That a call fails with one clear error and leaves nothing behind. */
  const fails = async (
    id: keyof typeof commandIds,
    what: unknown,
    code: Parameters<typeof rejects>[1],
    message: RegExp,
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<void> => {
    const earlier = await names();
    await rejects(run(id, what, { ...quiet, ...options }), code, message);
    assert.deepEqual(await names(), earlier);
  };

  it('convert CSV to NDJSON and back, beside the source and without overwriting', async () => {
    const { written, report } = await writes('convertFile', 'good.csv');
    assert.deepEqual(written, ['good-2.ndjson'], 'good.ndjson is taken');
    assert.equal(await read('good-2.ndjson'), asNdjson);
    assert.equal(await read('good.ndjson'), asNdjson);
    assert.deepEqual([report.records, report.notes], [2, []]);

    assert.deepEqual((await writes('convertFile', 'good-2.ndjson')).written, ['good-2.csv']);
    assert.equal(await read('good-2.csv'), good);
    assert.deepEqual((await writes('convertFile', 'good.csv')).written, ['good-3.ndjson']);
  });

  it("report as counts what they keep although imports don't read it", async () => {
    const { report } = await writes('convertFile', 'export.ndjson');
    const kept = report.notes.filter(({ reason }) => reason === 'response-only-kept');
    assert.deepEqual(kept.map(({ path, count }) => [path, count]).sort(), [
      ['ApplicationId', 1],
      ['CohortId', 1],
    ]);
    assert.doesNotMatch(JSON.stringify(report.notes), /ana@example/);
  });

  it('write a JSON array as one object per line', async () => {
    assert.deepEqual((await writes('toNdjson', 'array.json')).written, ['array.ndjson']);
    assert.equal(await read('array.ndjson'), '{"Id":"h-1"}\n{"Id":"h-2"}\n');
    assert.deepEqual((await writes('toNdjson', 'array.json')).written, ['array-2.ndjson']);
  });

  it('make exports importable, compressed or not', async () => {
    const clean = '{"Id":"h-1","ChannelType":"EMAIL","Address":"ana@example.com"}\n';
    for (const [source, target] of [
      ['packed.gz', 'packed.importable.ndjson'],
      ['export.ndjson', 'export.importable.ndjson'],
      ['packed.gz', 'packed.importable-2.ndjson'],
    ] as const) {
      const { written, report } = await writes('makeImportable', source);
      assert.deepEqual(written, [target]);
      assert.equal(await read(target), clean);
      assert.equal(report.notes.filter(({ reason }) => reason === 'response-only').length, 2);
    }
  });

  it('split by records and by size with the header in each part, by default below 1 GB', async () => {
    const header = good.slice(0, good.indexOf('\n') + 1);
    const byRecords = await writes('splitFile', 'good.csv', { maxRecords: 1 });
    assert.deepEqual(byRecords.written, ['good.part-001.csv', 'good.part-002.csv']);
    assert.equal(await read('good.part-001.csv'), `${header}EMAIL,ana@example.com,h-1,NONE\n`);
    assert.equal(await read('good.part-002.csv'), `${header}EMAIL,bo@example.com,h-2,NONE\n`);

    const bySize = await writes('splitFile', 'good.csv', { maxBytes: good.length - 1 });
    assert.deepEqual(bySize.written, ['good-2.part-001.csv', 'good-2.part-002.csv']);
    assert.deepEqual((await writes('splitFile', 'good.ndjson')).written, ['good.part-001.ndjson']);
    assert.equal(await read('good.part-001.ndjson'), asNdjson);
  });

  it('open a small result for the person who clicked', async () => {
    await writeFile(given.uri('clicked.csv').fsPath, good);
    const clicked = given.uri('clicked.csv');
    const [result] = await run<TransformResult[]>('convertFile', clicked, [clicked]);
    assert.deepEqual(result?.files.map(baseName), ['clicked.ndjson']);
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, given.uri('clicked.ndjson').fsPath);
  });

  it('process several files, all or none', async () => {
    const both = await run<TransformResult[]>(
      'makeImportable',
      [given.uri('good.csv'), given.uri('good.ndjson')],
      quiet,
    );
    assert.deepEqual(
      both.map((result) => result.files.map(baseName)),
      [['good.importable.csv'], ['good.importable.ndjson']],
    );
    await fails('convertFile', [given.uri('good.csv'), given.uri('broken.ndjson')], 'bad-input', /broken/);
  });

  it("explain why a file can't be converted, and leave nothing behind", async () => {
    for (const id of ['convertFile', 'toNdjson', 'makeImportable', 'splitFile'] as const) {
      await fails(id, given.uri('gone.json'), 'not-found', /gone\.json: it doesn't exist$/);
      await fails(id, given.uri('folder.csv'), 'bad-input', /^folder\.csv is a folder$/);
      await fails(id, given.uri('notes.txt'), 'bad-input', /^Unsupported file type: notes\.txt$/);
    }
    await fails('toNdjson', given.uri('good.csv'), 'bad-input', /^Unsupported file type: good\.csv/);
    await fails('convertFile', given.uri('packed.gz'), 'bad-input', /^Unsupported file type: packed\.gz/);
    await fails('convertFile', given.uri('empty.csv'), 'bad-input', /empty\.csv/);
    await fails('splitFile', given.uri('good.csv'), 'bad-input', /No maximum size/, { maxRecords: 0 });
    await fails('splitFile', given.uri('good.csv'), 'bad-input', /maxBytes must be a number/, {
      maxBytes: '1 MB',
    });
  });

  it('report line and column of invalid JSON', async () => {
    for (const id of ['convertFile', 'makeImportable'] as const) {
      await fails(id, given.uri('broken.ndjson'), 'bad-input', /line 2, column 13\b/i);
    }
    await fails('toNdjson', given.uri('broken.json'), 'bad-input', /line 3, column 10\b/i);
  });

  it('read the file on disk, and say so if an editor has other text', async () => {
    const uri = given.uri('typed.csv');
    await writeFile(uri.fsPath, good);
    await vscode.workspace.openTextDocument(uri);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(uri, new vscode.Position(3, 0), 'EMAIL,cy@example.com,h-3,NONE\n');
    await vscode.workspace.applyEdit(edit);
    try {
      await fails('convertFile', uri, 'bad-input', /Unsaved changes in typed\.csv$/);
    } finally {
      await vscode.window.showTextDocument(uri);
      await vscode.commands.executeCommand('workbench.action.files.revert');
    }
    assert.deepEqual((await writes('convertFile', 'typed.csv')).written, ['typed.ndjson']);
  });
});

describe('Write Fixed Copy', () => {
  let given: Awaited<ReturnType<typeof files>>;
  const wrong =
    'ChannelType,Address,OptOut,Location.Country\nemail,ana@example.com,all,US\n\nEMAIL,bo@example,NONE,USA\n';

  before(async () => {
    given = await files('fixed-copy', {
      'wrong.csv': wrong,
      'array.json': '[\n  {"Id": "h-1", "OptOut": "none"},\n  {"Id": "h-2"}\n]\n',
      'notes.txt': 'nothing\n',
    });
    await writeFile(given.uri('packed.csv.gz').fsPath, gzipSync(`\uFEFF${wrong}`));
  });

  after(() => given.remove());

  const read = (file: string): Promise<string> => readFile(given.uri(file).fsPath, 'utf8');
  const right =
    'ChannelType,Address,OptOut,Location.Country\nEMAIL,ana@example.com,ALL,US\nEMAIL,bo@example,NONE,US\n';

  it('applies certain fixes beside the source, and reports what was fixed and what remains', async () => {
    const result = await run<FixedCopyResult>('writeFixedCopy', given.uri('wrong.csv'), quiet);
    assert.deepEqual(result.files.map(baseName), ['wrong.fixed.csv']);
    assert.equal(await read('wrong.fixed.csv'), right);
    assert.equal(await read('wrong.csv'), wrong);
    assert.deepEqual(Object.fromEntries(result.report.fixed.map(({ code, count }) => [code, count])), {
      'channel-type-unknown': 1,
      'opt-out-unknown': 1,
      'csv-blank-line': 1,
      'country-alpha3': 1,
    });
    assert.deepEqual(result.remaining.counts, { 'address-email': 1 });
    assert.equal(result.remaining.errors, 1);
    assert.deepEqual(
      result.remaining.issues.map(({ line, code, file }) => [line, code, baseName(file)]),
      [[3, 'address-email', 'wrong.fixed.csv']],
    );
  });

  it('unpacks, removes the byte order mark, and writes arrays line by line', async () => {
    const packed = await run<FixedCopyResult>('writeFixedCopy', given.uri('packed.csv.gz'), quiet);
    assert.equal(await read('packed.fixed.csv'), right);
    const codes = packed.report.fixed.map(({ code }) => code);
    assert.ok(codes.includes('file-bom') && codes.includes('file-compressed'));
    await run('writeFixedCopy', given.uri('array.json'), quiet);
    assert.equal(await read('array.fixed.json'), '{"Id":"h-1","OptOut":"NONE"}\n{"Id":"h-2"}\n');
  });

  it('writes to the given path, applies the given fixes, and overwrites nothing', async () => {
    const target = given.uri('mine.csv').fsPath;
    const options = { ...quiet, target, codes: ['opt-out-unknown'] };
    await run('writeFixedCopy', given.uri('wrong.csv'), options);
    assert.equal(await read('mine.csv'), wrong.replace(',all,', ',ALL,'));
    await rejects(
      run('writeFixedCopy', given.uri('wrong.csv'), options),
      'conflict',
      /mine\.csv already exists/,
    );
    const again = await run<FixedCopyResult>('writeFixedCopy', given.uri('wrong.csv'), quiet);
    assert.deepEqual(again.files.map(baseName), ['wrong.fixed-2.csv']);
  });

  it('leaves no copy if it is cancelled', async () => {
    const signal = AbortSignal.abort();
    const before = (await vscode.workspace.fs.readDirectory(given.folder)).length;
    for (const command of ['writeFixedCopy', 'convertFile', 'splitFile'] as const) {
      await rejects(run(command, given.uri('wrong.csv'), { ...quiet, signal }), 'cancelled', /Cancelled/);
    }
    assert.equal((await vscode.workspace.fs.readDirectory(given.folder)).length, before);
  });

  it('explains invalid options', async () => {
    const fails = (what: string, options: object, message: RegExp): Promise<void> =>
      rejects(run('writeFixedCopy', given.uri(what), { ...quiet, ...options }), 'bad-input', message);
    await fails('notes.txt', {}, /^Unsupported file type: notes\.txt/);
    await fails('wrong.csv', { codes: ['file-empty'] }, /codes must be an array of codes of fixable rules/);
    await fails('wrong.csv', { likely: 'address-phone' }, /likely must be an array/);
  });
});

describe('Compare Audiences', () => {
  let given: Awaited<ReturnType<typeof files>>;

  before(async () => {
    given = await files('compare', {
      'before.csv': good,
      'after.ndjson':
        '{"ChannelType":"EMAIL","Address":"bo@example.com","Id":"h-2","OptOut":"ALL"}\n' +
        '{"ChannelType":"EMAIL","Address":"cy@example.com","Id":"h-3"}\n',
      'broken.ndjson': broken,
    });
  });

  after(() => given.remove());

  const compare = (
    pair: readonly string[],
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<Comparison> =>
    run<Comparison>(
      'compareFiles',
      pair.map((file) => given.uri(file)),
      { ...quiet, ...options },
    );

  it('counts what was added, removed and changed since the first file', async () => {
    const found = await compare(['before.csv', 'after.ndjson']);
    assert.deepEqual(
      [found.by, found.added, found.removed, found.changed, found.unchanged],
      ['id', 1, 1, 1, 0],
    );
    assert.equal(found.examples.added[0]?.key, 'h-3');
    const back = await compare(['after.ndjson', 'before.csv'], { by: 'address' });
    assert.deepEqual([back.by, back.added, back.removed, back.changed], ['address', 1, 1, 1]);
    assert.match(back.examples.added[0]?.key ?? '', /ana@example\.com/);
  });

  it('shows a read-only page with links to the lines of the files', async () => {
    await compare(['before.csv', 'after.ndjson'], { show: true });
    const document = vscode.window.activeTextEditor?.document;
    assert.equal(document?.uri.scheme, 'pinpoint-page');
    assert.equal(document.languageId, 'plaintext');
    assert.match(document.getText(), /^\| changed \| 1 \|$/m);
    assert.match(document.getText(), /^\| 3 → 1 \| "h-2" \| "OptOut" \| "NONE" \| "ALL" \|$/m);
    assert.doesNotMatch(document.getText(), /file:/, 'addresses are not in the way of the text');
    const links = await vscode.commands.executeCommand<vscode.DocumentLink[]>(
      'vscode.executeLinkProvider',
      document.uri,
    );
    const targets = links.map(({ range, target }) => [
      document.getText(range),
      baseName(target?.path ?? ''),
      target?.fragment,
    ]);
    for (const expected of [
      ['3', 'before.csv', 'L3,1'],
      ['1', 'after.ndjson', 'L1,1'],
      ['after.ndjson', 'after.ndjson', ''],
    ]) {
      assert.ok(
        targets.some((target) => target.join() === expected.join()),
        expected.join(),
      );
    }
  });

  it("explains why files can't be compared", async () => {
    const shown = (): number =>
      vscode.workspace.textDocuments.filter(({ uri }) => uri.path.includes('broken')).length;
    await rejects(compare(['before.csv']), 'bad-input', /No second file specified/);
    await rejects(compare(['before.csv', 'gone.csv']), 'not-found', /gone\.csv: it doesn't exist$/);
    await rejects(
      compare(['before.csv', 'after.ndjson', 'broken.ndjson']),
      'bad-input',
      /^Can't compare 3 files/,
    );
    await rejects(compare(['before.csv', 'after.ndjson'], { by: 'name' }), 'bad-input', /by "name"$/);
    await rejects(
      compare(['before.csv', 'broken.ndjson'], { show: true }),
      'bad-input',
      /line 2, column 13\b/i,
    );
    assert.equal(shown(), 0);
  });
});
