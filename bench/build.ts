import * as esbuild from 'esbuild';
import { built, root } from './data.ts';

/**
 * Bundles child.ts, and with it the validator and its worker as users get them: for the oldest Node that is supported.
 * Bundled, a child needs no memory for reading TypeScript.
 */
export async function build(): Promise<void> {
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: { child: 'bench/child.ts', worker: 'src/endpoints/validation/worker.ts' },
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
