import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import type * as document from '../src/endpoints/document.ts';
import type * as validate from '../src/endpoints/validate.ts';
import { benchFolder, root } from './data.ts';

type Validate = typeof validate;
type Document = typeof document;

const built = join(benchFolder, 'build');

/** Bundles the validator as users get it, but for short names: for the oldest Node that is supported. */
export async function buildValidator(): Promise<void> {
  await mkdir(built, { recursive: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['validate', 'worker', 'document'].map((name) => `src/endpoints/${name}.ts`),
    outdir: built,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    outExtension: { '.js': '.mjs' },
    banner: {
      js: "import { createRequire as createRequireOfBundle } from 'node:module'; const require = createRequireOfBundle(import.meta.url);",
    },
    logLevel: 'warning',
  });
}

async function load<T>(name: string): Promise<T> {
  return (await import(pathToFileURL(join(built, `${name}.mjs`)).href)) as T;
}

/** The validator's module and the worker that it starts, from what `buildValidator` made. */
export async function loadValidator(): Promise<Validate & { readonly workerFile: URL }> {
  return { ...(await load<Validate>('validate')), workerFile: pathToFileURL(join(built, 'worker.mjs')) };
}

/** The module that follows an open document, from what `buildValidator` made. */
export function loadDocument(): Promise<Document> {
  return load<Document>('document');
}
