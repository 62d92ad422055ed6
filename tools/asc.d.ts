/**
 * The AssemblyScript compiler as far as tools/engine.ts uses it. Its own declarations say, for the whole project, that
 * `Array.at` always finds something.
 */
export function main(
  options: string[],
  api: { readonly stderr: NodeJS.WritableStream },
): Promise<{ readonly error: Error | null }>;
