/**
 * The AssemblyScript compiler as far as tools/engine.ts uses it. Its own declarations say, for the whole project, that
 * `Array.at` always finds something.
 */
export function main(options: string[]): Promise<{
  readonly error: Error | null;
  readonly stderr: { toString(): string };
}>;
