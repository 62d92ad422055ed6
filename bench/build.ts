import * as esbuild from 'esbuild';
import { built, root } from './data.ts';

/**
 * Bundles child.ts with the validator and its worker as for users: for the oldest supported Node.js. A bundled child needs no
 * memory for reading TypeScript.
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
