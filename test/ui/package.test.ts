import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { listFiles, PackageManager } from '@vscode/vsce';
import { build } from '../../tools/build.ts';
import { root } from '../../tools/paths.ts';
import { npm, run } from '../../tools/processes.ts';
import { ensureVscode } from '../../tools/vscodeServer.ts';
import { copySampleWorkspace, withTemporaryFolder } from '../support/environment.ts';
import { Workbench } from '../support/workbench.ts';

const notCopied = new Set(['node_modules', '.git', 'dist', '.bench', 'bench', 'test']);

describe('npm run package', () => {
  /** A copy of the project: packing empties dist/, from which other tests run meanwhile. */
  let project = '';

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'pinpoint-audience-package-'));
    await cp(root, project, { recursive: true, filter: (path) => !notCopied.has(relative(root, path)) });
    await symlink(join(root, 'node_modules'), join(project, 'node_modules'), 'junction');
    await npm(['run', '--silent', 'package'], project);
  });

  after(() => rm(project, { recursive: true, force: true }));

  it('packs the program, its media and its documents only', async () => {
    const packed = (cwd: string): Promise<string[]> =>
      listFiles({ cwd, packageManager: PackageManager.None });
    const files = await packed(project);
    const others = [...files, ...(await packed(root))].filter(
      (file) =>
        !/^(dist\/[\w-]+\.js|dist\/ThirdPartyNotices\.txt|(media|docs)\/[\w./-]+|package(\.nls)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(
          file,
        ),
    );
    assert.deepEqual(others, []);
    for (const file of [
      'dist/extension.js',
      'dist/cli.js',
      'dist/worker.js',
      'package.nls.json',
      'media/activity.svg',
    ])
      assert.ok(files.includes(file), file);
    const manifest = await readFile(join(root, 'package.json'), 'utf8');
    for (const [path] of manifest.matchAll(/(?<=")media\/[^"]+/g)) assert.ok(files.includes(path), path);
  });

  it('packs the notices of all bundled packages', async () => {
    const packed = await listFiles({ cwd: project, packageManager: PackageManager.None });
    assert.ok(packed.includes('dist/ThirdPartyNotices.txt'));
    const notices = await readFile(join(project, 'dist', 'ThirdPartyNotices.txt'), 'utf8');
    const [, ...sections] = notices.split(/^={80}$/m).map((section) => section.trim());
    const found = new Map(sections.map((section) => [section.split('\n', 1)[0], section]));
    const { outputs } = await build();
    const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
    const folders = new Set(
      inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []),
    );
    assert.ok(folders.size > 30, String(folders.size));
    for (const folder of folders) {
      const manifest = await readFile(join(root, folder, 'package.json'), 'utf8');
      const { name, version, license } = JSON.parse(manifest) as Record<string, string>;
      const section = found.get(`${name} ${version} (${license})`);
      assert.ok(section !== undefined, `${name} ${version}`);
      assert.match(section, /copyright/i);
      assert.match(
        section,
        /Apache License|Permission is hereby granted|Redistribution and use|Permission to use|unencumbered/,
      );
    }
  });

  it('loads the AWS SDK only when it is needed', async () => {
    const { outputs } = await build();
    const loaded = new Set<string>();
    const load = (file: string): void => {
      if (loaded.has(file)) return;
      loaded.add(file);
      for (const { path, kind, external } of outputs[file]!.imports)
        if (kind === 'import-statement' && external !== true) load(path);
    };
    load('dist/extension.js');
    const sources = (files: Iterable<string>): string[] =>
      [...files].flatMap((file) => Object.keys(outputs[file]!.inputs));
    const ofSdk = (source: string): boolean => /node_modules\/@(aws-sdk|smithy)\//.test(source);
    assert.ok(sources(Object.keys(outputs)).some(ofSdk), 'it is in the program');
    assert.deepEqual(sources(loaded).filter(ofSdk), []);
  });

  it('ships no schema compiler', async () => {
    const { outputs } = await build();
    const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
    assert.ok(inputs.includes('src/jobs/runs/runRecordValidator.ts'));
    assert.deepEqual(
      inputs.filter((path) => path.includes('node_modules/ajv/')),
      [],
    );
  });

  it('installs in a fresh VS Code, activates there, and validates a file', async () => {
    await withTemporaryFolder(async (folder) => {
      const vscode = await ensureVscode();
      const dataDir = join(folder, 'vscode');
      await run(vscode.node, [
        join(vscode.folder, 'out', 'server-main.js'),
        ...['--server-data-dir', dataDir, '--accept-server-license-terms'],
        ...['--install-extension', join(project, 'dist', 'pinpoint-audience.vsix')],
      ]);
      assert.ok(existsSync(join(dataDir, 'extensions', 'pinpoint-audience.pinpoint-audience-0.1.0')));
      const workbench = await Workbench.open({
        folder: await copySampleWorkspace(folder),
        extension: false,
        dataDir,
      });
      try {
        await workbench.explorerMenu(['crm-export-with-errors.csv'], 'Pinpoint Audience', 'Validate');
        await workbench.until('the findings', async () =>
          (await workbench.problems()).some((row) => row.includes('channel-type-unknown')) ? true : undefined,
        );
      } finally {
        await workbench.close();
      }
    });
  });
});
