import { join } from 'node:path';
import * as esbuild from 'esbuild';

/** Names a folder with a bundle that was made elsewhere: a program for Linux, as esbuild is there, doesn't run under Wine. */
export const bundleVariable = 'PINPOINT_AUDIENCE_VICTIM';

/** Bundles the process that is killed and suspended: that loads much faster than the sources. */
export async function bundleVictim(folder: string): Promise<void> {
  await esbuild.build({
    entryPoints: [join(import.meta.dirname, 'victim.ts')],
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    mainFields: ['module', 'main'],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    banner: {
      js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
    },
  });
}
