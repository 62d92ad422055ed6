import { readFile } from 'node:fs/promises';
import type { AgentOptions } from 'node:https';
import { AudienceError } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import type { Section } from './sharedConfig.ts';

interface Agent extends AgentOptions {
  /** Node's own way to proxies, since 22.21; those before it go straight. */
  readonly proxyEnv?: ProxyVariables;
}

/** HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not, among other things. */
export type ProxyVariables = Readonly<Record<string, string | undefined>>;

/** What every request is given of the way to the service. NODE_EXTRA_CA_CERTS is Node's own business. */
export interface RequestWay {
  readonly httpAgent?: Agent;
  readonly httpsAgent?: Agent;
}

/** Hosts of this machine, such as a sandbox, which no proxy can reach. */
const ownHosts = 'localhost,127.0.0.1,[::1]';

/**
 * The proxies that the environment names, where one is given, and the CA bundle that AWS_CA_BUNDLE or the profile's `ca_bundle`
 * names, in place of the usual authorities, as with the AWS CLI (AWS SDKs and Tools reference guide, feature-gen-config);
 * the SDK for JavaScript reads neither by itself.
 *
 * @throws AudienceError where the file cannot be read or holds no certificate
 */
export async function requestWay(profile: Section, proxies?: ProxyVariables): Promise<RequestWay> {
  const ca = await readBundle(profile);
  if (proxies === undefined) return ca === undefined ? {} : { httpsAgent: { ca } };
  const never = [proxies['no_proxy'] || proxies['NO_PROXY'], ownHosts].filter(Boolean).join(',');
  const proxyEnv = { ...proxies, no_proxy: never, NO_PROXY: never };
  return { httpAgent: { proxyEnv }, httpsAgent: { proxyEnv, ...(ca !== undefined && { ca }) } };
}

async function readBundle(profile: Section): Promise<string | undefined> {
  const path = process.env['AWS_CA_BUNDLE'] || profile['ca_bundle'];
  if (path === undefined || path === '') return undefined;
  const ca = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(error, 'read the CA bundle', path);
  });
  if (ca.includes('-----BEGIN CERTIFICATE-----')) return ca;
  throw new AudienceError(
    'bad-input',
    'The file that AWS_CA_BUNDLE or ca_bundle names holds no certificate',
    {
      help: 'Name a file of certificates in PEM form, or none.',
    },
  );
}
