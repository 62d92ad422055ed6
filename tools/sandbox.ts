import { join } from 'node:path';
import { sampleBucket } from '../src/sandbox/sampleAudience.ts';
import { dist } from './paths.ts';
import { startGuarded, type GuardedProcess } from './processes.ts';

/**
 * Starts the built sandbox with its sample data; `ready` is its line of JSON: endpoint, region and keys.
 * `paceMs`: milliseconds between two states of a job.
 */
export function startSandbox(dataDir: string, paceMs?: number): Promise<GuardedProcess> {
  const pace = paceMs === undefined ? [] : ['--pace', String(paceMs)];
  return startGuarded(
    process.execPath,
    [join(dist, 'cli.js'), 'sandbox', '--sample', '--data', dataDir, ...pace],
    { isReady: (line) => line.startsWith('{') },
  );
}

/** The settings that a team needs before it imports: in the sandbox, the sample's bucket and roles that work. */
export const sampleSettings = {
  'pinpointAudience.staging.bucket': sampleBucket,
  'pinpointAudience.roles.importArn': 'arn:aws:iam::123456789012:role/PinpointImport',
  'pinpointAudience.roles.exportArn': 'arn:aws:iam::123456789012:role/PinpointExport',
};
