import assert from 'node:assert/strict';
import { mkdir, mkdtemp, realpath, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { defaultFolder } from '../../src/commands/export/chooseExport.ts';
import { readInvocation } from '../../src/commands/framework/invocation.ts';
import {
  allowed,
  allowedToSend,
  isConfirmedHere,
  outsideFact,
  outsideOf,
} from '../../src/commands/framework/unattended.ts';
import { commandIds, type CommandId } from '../../src/host/commandIds.ts';
import { CallNode } from '../../src/host/targets.ts';
import { localFile } from '../../src/host/files.ts';
import { files, good } from './support.ts';

const setting = 'automation.allowFilesOutsideWorkspace';

describe('A call with confirm: false', () => {
  let inside: Awaited<ReturnType<typeof files>>;
  let outside: string;
  const call = readInvocation([{ confirm: false }]);
  const isInteractive = async (...paths: readonly string[]): Promise<boolean> =>
    (
      await allowedToSend(
        call,
        paths.map((path) => ({ path })),
      )
    ).isInteractive;

  before(async () => {
    inside = await files('unattended', { 'good.csv': good });
    outside = await mkdtemp(join(tmpdir(), 'pinpoint-audience-outside-'));
    await writeFile(join(outside, 'private.csv'), good);
    await symlink(join(outside, 'private.csv'), inside.uri('link.csv').fsPath);
    await symlink(outside, inside.uri('..folder').fsPath);
  });

  after(async () => {
    await inside.remove();
    await rm(outside, { recursive: true });
  });

  it('asks nothing in a trusted workspace about its files', async () => {
    assert.equal(vscode.workspace.isTrusted, true);
    assert.equal((await allowed(call, commandIds.uploadFile)).isInteractive, false);
    assert.equal(await isInteractive(inside.uri('good.csv').fsPath), false);
  });

  it('asks before it sends a file from elsewhere, also through a link or as one of several', async () => {
    const good = inside.uri('good.csv').fsPath;
    for (const path of [
      join(outside, 'private.csv'),
      inside.uri('link.csv').fsPath,
      inside.uri('..folder/private.csv').fsPath,
      `${inside.folder.fsPath}/../../../${outside}/private.csv`,
      inside.uri('gone.csv').fsPath,
    ])
      assert.equal(await isInteractive(good, path), true, path);
  });

  it('names those files by their paths in the question, since a name could be that of a file in the workspace', async () => {
    const paths = ['good.csv', 'link.csv', 'gone.csv'].map((name) => ({ path: inside.uri(name).fsPath }));
    const [, text] = await outsideFact(paths);
    assert.equal(text, [await realpath(join(outside, 'private.csv')), paths[2]!.path].join(', '));
    assert.equal((await outsideFact(paths.slice(0, 1)))[1], '');
    const many = Array.from({ length: 30 }, (_, index) => ({ path: join(outside, `${index}.csv`) }));
    assert.match((await outsideFact(many))[1] ?? '', /19\.csv, 10 more$/);
  });

  it('knows what is in a folder, whatever folders are links, in each other, or gone', async () => {
    const root = await realpath(outside);
    await mkdir(join(root, 'a', 'b'), { recursive: true });
    await mkdir(join(root, 'a-sibling'));
    for (const name of ['a/1.csv', 'a/b/2.csv', 'a-sibling/3.csv']) await writeFile(join(root, name), good);
    await symlink(join(root, 'a'), join(root, 'link'));
    await symlink(join(root, 'a-sibling'), join(root, 'a', 'away'));
    const at = (...names: readonly string[]): string[] => names.map((name) => join(root, name));
    for (const [folders, paths, left] of [
      [['a'], ['a/1.csv', 'a/b/2.csv'], []],
      [['link'], ['a/1.csv', 'link/1.csv', 'link/b/2.csv'], []],
      [['a'], ['link/b/../1.csv'], []],
      [['a/b'], ['a/1.csv', 'a/b/2.csv'], ['a/1.csv']],
      [['a/b', 'a'], ['a/1.csv', 'a/b/2.csv'], []],
      [['a'], ['a-sibling/3.csv', 'a/away/3.csv'], ['a-sibling/3.csv', 'a-sibling/3.csv']],
      [['gone', 'a'], ['a/1.csv'], []],
      [['gone'], ['a/1.csv'], ['a/1.csv']],
      [[], ['a/1.csv'], ['a/1.csv']],
      [['a/1.csv'], ['a/1.csv'], ['a/1.csv']],
    ] as const) {
      const found = await outsideOf(at(...folders), at(...paths));
      assert.deepEqual(found, at(...left), `${folders.join()}: ${paths.join()}`);
    }
    // A path in letters of another case is inside only if the disk says that it is the same file.
    const upper = join(root, 'A', '1.CSV');
    const isSame = await realpath(upper).then(
      () => true,
      () => false,
    );
    assert.deepEqual(await outsideOf(at('a'), [upper]), isSame ? [] : [upper]);
  });

  it('downloads to the workspace by default, and shows the real path if a link in it leads out', async function () {
    if (process.platform === 'win32') this.skip();
    const root = vscode.workspace.workspaceFolders![0]!.uri.fsPath;
    const exports = join(root, 'exports');
    assert.deepEqual(await defaultFolder('a'), { folder: join(exports, 'a'), isOutside: false });
    const elsewhere = await realpath(await mkdtemp(join(tmpdir(), 'pinpoint-audience-elsewhere-')));
    try {
      await symlink(elsewhere, exports);
      assert.deepEqual(await defaultFolder('a'), { folder: join(elsewhere, 'a'), isOutside: true });
      await unlink(exports);
      await mkdir(exports);
      await symlink(elsewhere, join(exports, 'a'));
      assert.deepEqual(await defaultFolder('a'), { folder: elsewhere, isOutside: true });
      assert.deepEqual(await defaultFolder('b'), { folder: join(exports, 'b'), isOutside: false });
    } finally {
      await rm(exports, { recursive: true, force: true });
      await rm(elsewhere, { recursive: true });
    }
  });

  it('takes no file that is on no disk: unsaved, or of a virtual folder', async () => {
    for (const uri of [
      'untitled:Untitled-1.csv',
      'vscode-vfs://github/a/b/c.csv',
      'http://example.com/a.csv',
      'data:text/csv,a',
    ])
      await assert.rejects(localFile(vscode.Uri.parse(uri)), { code: 'bad-input' }, uri);
  });

  it('asks nothing about them if a machine setting allows that, which no workspace can set', async () => {
    const settings = vscode.workspace.getConfiguration('pinpointAudience');
    await assert.rejects(
      Promise.resolve(settings.update(setting, true, vscode.ConfigurationTarget.Workspace)),
    );
    await settings.update(setting, true, vscode.ConfigurationTarget.Global);
    try {
      assert.equal(await isInteractive(join(outside, 'private.csv')), false);
    } finally {
      await settings.update(setting, undefined, vscode.ConfigurationTarget.Global);
    }
    assert.equal(await isInteractive(join(outside, 'private.csv')), true);
  });
});

describe('A call in a workspace that is not trusted', () => {
  const uri = vscode.Uri.file('/tmp/private.csv');
  const plain = { $mid: 1, scheme: 'file', path: '/tmp/private.csv' };
  /** What a link can pass: any JSON, as menus, keybindings, trees and programs do. */
  const forged: Readonly<Record<string, readonly unknown[]>> = {
    'nothing, as the palette': [],
    'a file and a selection, as the Explorer': [uri, [uri]],
    'the same as JSON': [plain, [plain]],
    'a file and an editor, as a tab': [plain, { groupId: 1 }],
    'a file': ['/tmp/private.csv'],
    options: [{ confirm: false }],
    'what looks like a node': [{ target: { kind: 'run', run: { id: 'a' } } }],
  };
  const acting: readonly CommandId[] = [
    commandIds.writeFixedCopy,
    commandIds.convertFile,
    commandIds.toNdjson,
    commandIds.makeImportable,
    commandIds.splitFile,
    commandIds.openMirrors,
    commandIds.stopSandbox,
    commandIds.cancelRun,
    commandIds.disconnect,
    commandIds.startSandbox,
    commandIds.watchJob,
  ];

  /** They read no option that says where to send a request to, and act on files of a disk, known runs or what a person chooses. */
  const local: readonly CommandId[] = [
    commandIds.validateFile,
    commandIds.compareFiles,
    commandIds.signIn,
    commandIds.selectRegion,
    commandIds.selectBucket,
    commandIds.connectionMenu,
    commandIds.openSampleWorkspace,
    commandIds.refresh,
    commandIds.loadMore,
    commandIds.retry,
    commandIds.copyId,
    commandIds.copyArn,
    commandIds.copyS3Url,
    commandIds.openConsole,
    commandIds.showJob,
    commandIds.showFailures,
    commandIds.markFailures,
    commandIds.filterJobs,
    commandIds.clearJobsFilter,
    commandIds.showRule,
    commandIds.showLog,
    commandIds.whatNow,
  ];

  it('is confirmed, whatever the command, before a request goes to what it names', () => {
    const naming: readonly (readonly unknown[])[] = [
      [{ bucket: 'of-others' }],
      [uri, { bucket: 'of-others' }],
      [uri, [uri], { bucket: 'of-others', confirm: false }],
      ['/tmp/private.csv', { prefix: 'x/' }],
      [{ projectId: 'of-others' }],
      ['a-segment', { projectId: 'of-others' }],
      ['s3://of-others/x/'],
      [vscode.Uri.parse('s3://of-others/x/')],
      [[uri, vscode.Uri.parse('s3://of-others/x/')]],
      [{ $mid: 1, scheme: 's3', authority: 'of-others', path: '/x/' }],
      ['a-run'],
    ];
    for (const id of Object.values(commandIds)) {
      if (local.includes(id)) continue;
      for (const args of naming)
        assert.equal(isConfirmedHere(readInvocation(args), id), true, `${id}: ${JSON.stringify(args)}`);
    }
  });

  it('is confirmed if it would write or stop something, whatever it passes', () => {
    const node = new CallNode({ kind: 'other' });
    for (const id of acting)
      for (const [name, args] of Object.entries({
        ...forged,
        'a node': [node],
        'a node and a file': [node, uri],
      }))
        assert.equal(isConfirmedHere(readInvocation(args), id), true, `${id}: ${name}`);
  });

  it('is confirmed if its options say where to write or connect to', () => {
    for (const [id, options] of [
      [commandIds.showReport, { markdown: '/tmp/report.md' }],
      [commandIds.downloadExport, { folder: '/tmp' }],
      [commandIds.listEndpointIds, { folder: '/tmp' }],
      [commandIds.connect, { endpointUrl: 'http://pinpoint.example' }],
      [commandIds.validateObject, { bucket: 'of-others' }],
      [commandIds.checkSetup, { bucket: 'of-others' }],
    ] as const) {
      for (const args of [[options], [uri, [uri], options], ['a', { ...options, confirm: false }]])
        assert.equal(isConfirmedHere(readInvocation(args), id), true, id);
      assert.equal(isConfirmedHere(readInvocation([uri, [uri]]), id), false, id);
    }
  });

  it('is not confirmed twice if the command has a question of its own', () => {
    for (const id of [commandIds.uploadFile, commandIds.importFile, commandIds.deleteSegment])
      for (const [name, args] of Object.entries(forged))
        assert.equal(
          isConfirmedHere(readInvocation(args), id),
          name === 'what looks like a node',
          `${id}: ${name}`,
        );
  });
});
