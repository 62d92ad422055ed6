import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main as compile } from 'assemblyscript/asc';
import { root } from './paths.ts';

/*
 * Compiles the engine (src/endpoints/engine, AssemblyScript) to WebAssembly, stored as text in engineCode.ts, so that
 * everything else runs from source without a build.
 */

export const engineCodeFile = join(root, 'src/endpoints/engine/host/engineCode.ts');

const options = [
  // Inline aggressively. There are no managed objects, so no runtime is needed.
  ['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  // The workers of a file share memory.
  ['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
  ['--enable', 'simd', '--enable', 'threads'],
].flat();

/** The text of engineCode.ts for the current source. With `names`, profiles show function names. */
export async function compileEngine({ names = false } = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'engine-'));
  try {
    const outFile = join(folder, 'engine.wasm');
    const entry = 'src/endpoints/engine/index.ts';
    const { error } = await compile(
      [entry, '--baseDir', root, '-o', outFile, ...options, ...(names ? ['--debug'] : [])],
      {
        stderr: process.stderr,
      },
    );
    if (error !== null) throw new Error('The engine does not compile', { cause: error });
    const code = (await readFile(outFile)).toString('base64');
    return `// Made by \`node tools/engine.ts\` from src/endpoints/engine.\nexport const engineCode =\n  '${code}';\n`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (import.meta.main) {
  await writeFile(engineCodeFile, await compileEngine({ names: process.argv.includes('--names') }));
}
