import type { Connection } from '../../../src/aws/connection/connection.ts';
import { createConnections } from '../../../src/aws/connection/createConnections.ts';
import { noLog } from '../../../src/log.ts';
import type { Log } from '../../../src/log.ts';
import type { TestSandbox } from '../../support/sandbox.ts';

/** A connection as the editor makes it to a sandbox that it started. */
export function connectTo(
  { endpoint, region, accessKeyId, secretAccessKey }: TestSandbox,
  log: Log = noLog,
): Promise<Connection> {
  const credentials = { accessKeyId, secretAccessKey };
  return createConnections({ log }).connect({ endpointUrl: endpoint, region, credentials });
}
