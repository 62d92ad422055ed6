import { globSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import * as esbuild from 'esbuild';
import { thirdPartyNotices } from './notices.ts';
import { dist, root } from './paths.ts';

/**
 * Options of every bundle. The output is ES modules with code splitting: dynamic imports (the AWS adapters) become chunks of
 * their own, which are loaded on first use.
 */
const common: esbuild.BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  // The Node of the oldest supported VS Code and of `engines` in package.json.
  target: 'node22',
  mainFields: ['module', 'main'],
  external: ['vscode', 'mocha'],
  chunkNames: '[name]-[hash]',
  // CommonJS dependencies call `require`, which ES modules lack.
  banner: {
    js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
  },
  logLevel: 'warning',
};

/** The program: dist/extension.js, dist/cli.js, dist/worker.js and their chunks, all in one folder. */
function program(production: boolean): esbuild.BuildOptions {
  return {
    ...common,
    entryPoints: {
      extension: 'src/extension.ts',
      cli: 'src/cli/main.ts',
      worker: 'src/endpoints/validation/worker.ts',
      documentWorker: 'src/endpoints/validation/documentWorker.ts',
      taskWorker: 'src/endpoints/transform/taskWorker.ts',
    },
    outdir: dist,
    minify: production,
    sourcemap: !production,
  };
}

/** The script of the report's page, which runs in a browser. */
function page(production: boolean): esbuild.BuildOptions {
  return {
    absWorkingDir: root,
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    entryPoints: { reportPage: 'src/pages/report/script/reportScript.ts' },
    outdir: dist,
    minify: production,
    sourcemap: false,
    logLevel: 'warning',
  };
}

/**
 * Builds the program into dist/. A production build is minified, has no source maps, and empties dist/ first.
 * Resolves with esbuild's metafile.
 */
export async function build(options: { readonly production?: boolean } = {}): Promise<esbuild.Metafile> {
  const { production = false } = options;
  if (production) await rm(dist, { recursive: true, force: true });
  const metafiles = await Promise.all([bundle(program(production)), bundle(page(production))]);
  const [metafile] = metafiles;
  if (production) await writeFile(join(dist, 'ThirdPartyNotices.txt'), await thirdPartyNotices(metafiles));
  await chmod(join(dist, 'cli.js'), 0o755);
  return metafile;
}

async function bundle(options: esbuild.BuildOptions): Promise<esbuild.Metafile> {
  const { outputFiles, metafile } = await esbuild.build({ ...options, metafile: true, write: false });
  for (const file of outputFiles) await writeIfChanged(file);
  return metafile;
}

/** Programs that run from dist/ never read a half-written file, and unchanged files are left alone. */
async function writeIfChanged({ path, contents }: esbuild.OutputFile): Promise<void> {
  const before = await readFile(path).catch(() => undefined);
  if (before?.equals(contents)) return;
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, contents);
  await rename(temporary, path);
}

/** Bundles the tests that run inside VS Code into dist/test/host; resolves with the path of the entry point. */
export async function buildHostTests(): Promise<string> {
  const outdir = join(dist, 'test', 'host');
  await rm(outdir, { recursive: true, force: true });
  await esbuild.build({
    ...common,
    entryPoints: globSync('test/host/**/*.ts', { cwd: root }),
    outbase: 'test/host',
    outdir,
    // Mocha calls `require` for .js files, which never returns in the oldest VS Code if they import `vscode`.
    outExtension: { '.js': '.mjs' },
    sourcemap: 'inline',
  });
  return join(outdir, 'index.mjs');
}

async function watch(): Promise<void> {
  const context = await esbuild.context({ ...program(false), logLevel: 'info' });
  await context.watch();
  await (await esbuild.context(page(false))).watch();
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { production: { type: 'boolean', default: false }, watch: { type: 'boolean', default: false } },
  });
  if (values.watch) await watch();
  else await build({ production: values.production });
}
