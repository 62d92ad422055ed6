import { join } from 'node:path';
import { dist } from './paths.ts';
import { startGuarded, type GuardedProcess } from './processes.ts';

/** Starts the built sandbox with its sample data; `ready` is its line of JSON: endpoint, region and keys. */
export function startSandbox(dataDir: string): Promise<GuardedProcess> {
  return startGuarded(process.execPath, [join(dist, 'cli.js'), 'sandbox', '--sample', '--data', dataDir], {
    isReady: (line) => line.startsWith('{'),
  });
}
