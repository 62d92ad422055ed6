// eslint-disable-next-line no-restricted-syntax -- For a file that the user's AWS configuration names.
import { readFile } from 'node:fs/promises';
import type { AgentOptions } from 'node:https';
import { AudienceError } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import type { Section } from './sharedConfig.ts';

interface Agent extends AgentOptions {
  /** Node's own proxy support, since 22.21; older versions connect directly. */
  readonly proxyEnv?: ProxyVariables;
}

/** Environment variables, among them HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in upper or lower case. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>;

/** Agent options of every request. Node itself handles NODE_EXTRA_CA_CERTS. */
export interface TransportOptions {
  readonly httpAgent?: Agent;
  readonly httpsAgent?: Agent;
}

/** Hosts of this machine, such as a sandbox, which proxies can't reach. */
const ownHosts = 'localhost,127.0.0.1,[::1]';

/**
 * Agent options with the environment's proxies and the CA bundle of AWS_CA_BUNDLE or the profile's `ca_bundle`, which replaces
 * the default authorities as in the AWS CLI (AWS SDKs and Tools reference guide, feature-gen-config). The SDK for JavaScript
 * doesn't support these itself.
 *
 * @throws AudienceError if the file can't be read or contains no certificate
 */
export async function transportOptions(
  profile: Section,
  proxies?: ProxyVariables,
): Promise<TransportOptions> {
  const ca = await readBundle(profile);
  if (proxies === undefined) return ca === undefined ? {} : { httpsAgent: { ca } };
  const noProxy = [proxies['no_proxy'] || proxies['NO_PROXY'], ownHosts].filter(Boolean).join(',');
  const proxyEnv = { ...proxies, no_proxy: noProxy, NO_PROXY: noProxy };
  return { httpAgent: { proxyEnv }, httpsAgent: { proxyEnv, ...(ca !== undefined && { ca }) } };
}

async function readBundle(profile: Section): Promise<string | undefined> {
  const path = process.env['AWS_CA_BUNDLE'] || profile['ca_bundle'];
  if (path === undefined || path === '') return undefined;
  const ca = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(error, 'read the CA bundle', path);
  });
  if (ca.includes('-----BEGIN CERTIFICATE-----')) return ca;
  throw new AudienceError('bad-input', 'The CA bundle (AWS_CA_BUNDLE or ca_bundle) contains no certificate', {
    help: 'Use a file of PEM certificates, or remove the setting.',
  });
}
