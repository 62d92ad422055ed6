import { getOwn } from '../../ownMember.ts';
/** A section of the shared config files: a profile, an SSO session, endpoints of services. */
export type Section = Readonly<Record<string, string | undefined>>;
export type Sections = Readonly<Record<string, Section | undefined>>;

/** Sections of the shared config file that are no profiles. */
const otherSections = /^(sso-session|services)\./;

/** Profiles and other sections of both shared files, read again; where both have a member, the credentials file's is taken. */
export async function readProfiles(): Promise<Sections> {
  const { loadSharedConfigFiles } = await import('@smithy/shared-ini-file-loader');
  const { configFile, credentialsFile } = await loadSharedConfigFiles({ ignoreCache: true });
  const names = [...Object.keys(configFile), ...Object.keys(credentialsFile)];
  return Object.fromEntries(
    names.map((name) => [name, { ...getOwn(configFile, name), ...getOwn(credentialsFile, name) }]),
  );
}

/** The names of the profiles, `default` first. */
export function profileNames(sections: Sections): readonly string[] {
  return Object.keys(sections)
    .filter((name) => !otherSections.test(name))
    .sort((a, b) => (a === 'default' ? -1 : b === 'default' ? 1 : a.localeCompare(b)));
}

/** The profile that is meant where a name is given or not. */
export function profileName(given: string | undefined): string {
  return given ?? process.env['AWS_PROFILE'] ?? 'default';
}

/** Where people sign in with a browser (AWS SDKs and Tools reference guide, feature-sso-credentials). */
export interface SsoSession {
  readonly startUrl: string;
  readonly region: string;
  /** What the cached token is filed under: the name of the session, else the start URL. */
  readonly cacheKey: string;
  /** Given where the session is a section of its own; then its token can be refreshed. */
  readonly scopes: readonly string[] | undefined;
}

/** How a profile signs in with a browser, itself or through the profile that it takes its credentials from. */
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
  const given = (scopes ?? '').split(',').map((scope) => scope.trim());
  const asked = given.filter((scope) => scope !== '');
  // The AWS CLI's own default.
  return { startUrl, region, cacheKey: name, scopes: asked.length > 0 ? asked : ['sso:account:access'] };
}
