import type { Connection } from '../../aws/connection/connection.ts';
import type { RunRecord } from './runRecord.ts';

/** Where a run is: runs are only taken up by a connection to there. A sandbox is the same one on another port of this machine. */
function place(account: string, region: string, endpointUrl: string | undefined): string {
  const host = endpointUrl === undefined ? '' : new URL(endpointUrl).host;
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);
  return JSON.stringify([account, region, isLocal ? 'this machine' : host]);
}

export function connectionKeyOf({ identity, settings }: Pick<Connection, 'identity' | 'settings'>): string {
  return place(identity.account, identity.region, settings.endpointUrl);
}

export function connectionKeyOfRecord({ account, region, endpointUrl }: RunRecord): string {
  return place(account, region, endpointUrl);
}
