import { getOwn } from '../../ownMember.ts';

/** A section of the shared config files: a profile, an SSO session, or service endpoints. */
export type Section = Readonly<Record<string, string | undefined>>;
export type Sections = Readonly<Record<string, Section | undefined>>;

/** Sections of the shared config file that aren't profiles. */
const otherSections = /^(sso-session|services)\./;

/** Reads all sections of both shared files, without cache. The credentials file takes precedence. */
export async function readProfiles(): Promise<Sections> {
  const { loadSharedConfigFiles } = await import('@smithy/shared-ini-file-loader');
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const names = [...Object.keys(configFile), ...Object.keys(credentialsFile)];
  return Object.fromEntries(
    names.map((name) => [name, { ...getOwn(configFile, name), ...getOwn(credentialsFile, name) }]),
  );
}

/** Profile names, `default` first. */
export function profileNames(sections: Sections): readonly string[] {
  return Object.keys(sections)
    .filter((name) => !otherSections.test(name))
    .sort((a, b) => (a === 'default' ? -1 : b === 'default' ? 1 : a.localeCompare(b)));
}

/** The given profile, or the default one. */
export function profileName(given: string | undefined): string {
  return given ?? process.env['AWS_PROFILE'] ?? 'default';
}

/** An IAM Identity Center sign-in (AWS SDKs and Tools reference guide, feature-sso-credentials). */
export interface SsoSession {
  readonly startUrl: string;
  readonly region: string;
  /** The token's cache key: the session name, or the start URL of older profiles. */
  readonly cacheKey: string;
  /** Present if the session has its own section, which makes its token refreshable. */
  readonly scopes: readonly string[] | undefined;
}

/** The SSO session of a profile, or of its source profile. */
export function ssoSessionOf(name: string, sections: Sections): SsoSession | undefined {
  const seen = new Set<string>();
  for (let next: string | undefined = name; next !== undefined && !seen.has(next);) {
    seen.add(next);
    const profile: Section = getOwn(sections, next) ?? {};
    const session = readSession(profile, sections);
    if (session !== undefined) return session;
    next = profile['source_profile'];
  }
  return undefined;
}

function readSession(profile: Section, sections: Sections): SsoSession | undefined {
  const name = profile['sso_session'];
  const section = name === undefined ? profile : (sections[`sso-session.${name}`] ?? {});
  const { sso_start_url: startUrl, sso_region: region, sso_registration_scopes: scopes } = section;
  if (startUrl === undefined || region === undefined) return undefined;
  if (name === undefined) return { startUrl, region, cacheKey: startUrl, scopes: undefined };
  const names = (scopes ?? '').split(',').map((scope) => scope.trim());
  const nonEmpty = names.filter((scope) => scope !== '');
  // The AWS CLI's own default.
  return {
    startUrl,
    region,
    cacheKey: name,
    scopes: nonEmpty.length > 0 ? nonEmpty : ['sso:account:access'],
  };
}
