import { readFile } from 'node:fs/promises';
import { AudienceError } from '../errors.ts';
import { fileError } from '../fileErrors.ts';
import type { Section } from './profiles.ts';

/**
 * What every request is given of the way to the service. Proxies are not here: VS Code leads the requests of extensions
 * through the proxy of its settings or of HTTPS_PROXY by itself, with its own sign-in, and trusts the system's certificates;
 * outside of it Node does with NODE_USE_ENV_PROXY=1. NODE_EXTRA_CA_CERTS is Node's own, too.
 */
export interface RequestWay {
  readonly httpsAgent?: { readonly ca: string };
}

/**
 * The CA bundle that AWS_CA_BUNDLE or the profile's `ca_bundle` names, in place of the usual authorities, as with the AWS CLI
 * (AWS SDKs and Tools reference guide, feature-gen-config); the SDK for JavaScript does not read it by itself.
 *
 * @throws AudienceError where the file cannot be read or holds no certificate
 */
export async function requestWay(profile: Section): Promise<RequestWay> {
  const path = process.env['AWS_CA_BUNDLE'] || profile['ca_bundle'];
  if (path === undefined || path === '') return {};
  const ca = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileError(error, 'read the CA bundle', path);
  });
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new AudienceError(
      'bad-input',
      'The file that AWS_CA_BUNDLE or ca_bundle names holds no certificate',
      {
        help: 'Name a file of certificates in PEM form, or none.',
      },
    );
  }
  return { httpsAgent: { ca } };
}
