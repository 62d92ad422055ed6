import type { Connection } from '../../aws/connection/connection.ts';
import { isThisMachine } from '../../aws/connection/serviceUrl.ts';
import type { RunRecord } from './runRecord.ts';

/** Identifies account, region and service. Sandboxes on different ports of this machine count as the same. */
function keyOf(account: string, region: string, endpointUrl: string | undefined): string {
  const { host, hostname } = endpointUrl === undefined ? { host: '', hostname: '' } : new URL(endpointUrl);
  return JSON.stringify([account, region, isThisMachine(hostname) ? 'this machine' : host]);
}

export function connectionKeyOf({ identity, settings }: Pick<Connection, 'identity' | 'settings'>): string {
  return keyOf(identity.account, identity.region, settings.endpointUrl);
}

export function connectionKeyOfRecord({
  account,
  region,
  endpointUrl,
}: Pick<RunRecord, 'account' | 'region' | 'endpointUrl'>): string {
  return keyOf(account, region, endpointUrl);
}
