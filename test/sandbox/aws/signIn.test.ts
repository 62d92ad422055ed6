import assert from 'node:assert/strict';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { Connections, ConnectionSettings } from '../../../src/aws/connection/connection.ts';
import { createConnections } from '../../../src/aws/connection/createConnections.ts';
import type { SignInPage } from '../../../src/aws/connection/ssoSignIn.ts';
import type { Log } from '../../../src/log.ts';
import type { AwsHome } from '../../support/awsEnvironment.ts';
import { openAwsHome } from '../../support/awsEnvironment.ts';
import type { IdentityCenter } from '../../support/identityCenter.ts';
import { startIdentityCenter } from '../../support/identityCenter.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox } from '../../support/sandbox.ts';

describe('signing in', () => {
  let sandbox: TestSandbox;
  let center: IdentityCenter;
  let home: AwsHome;
  let connections: Connections;
  let lines: string[];
  let pages: SignInPage[];
  let mfaCode: string | undefined;
  let mfaQuestions: number;

  before(async () => {
    sandbox = await startTestSandbox();
  });
  after(() => sandbox.close());
  beforeEach(async () => {
    center = await startIdentityCenter(sandbox);
    home = await openAwsHome();
    process.env['AWS_ENDPOINT_URL_SSO'] = center.endpoint;
    process.env['AWS_ENDPOINT_URL_SSO_OIDC'] = center.endpoint;
    lines = [];
    pages = [];
    mfaQuestions = 0;
    const keep = (message: string, error?: unknown): void => void lines.push(`${message} ${inspect(error)}`);
    const log: Log = { debug: keep, info: keep, warn: keep, error: keep };
    const askMfa = (): Promise<string | undefined> => {
      mfaQuestions += 1;
      return Promise.resolve(mfaCode);
    };
    connections = createConnections({ log, mfaCode: askMfa });
  });
  afterEach(async () => {
    sandbox.faults.set({});
    await home.remove();
    await center.close();
  });

  const show = (page: SignInPage): void => void pages.push(page);
  const cache = (): string => join(home.path, '.aws', 'sso', 'cache');

  const profiles: Readonly<Record<string, () => string>> = {
    'a session of its own': () =>
      `[sso-session corp]\nsso_region = us-east-1\nsso_start_url = ${center.startUrl}\n` +
      '[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Sender\n',
    'the older form': () =>
      `[profile sso]\nsso_region = us-east-1\nsso_start_url = ${center.startUrl}\n` +
      'sso_account_id = 123456789012\nsso_role_name = Sender\n',
    'a profile that takes on a role of its own': () =>
      `[sso-session corp]\nsso_region = us-east-1\nsso_start_url = ${center.startUrl}\n` +
      '[profile base]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Sender\nregion = us-east-1\n' +
      '[profile sso]\nregion = us-east-1\nsource_profile = base\nrole_arn = arn:aws:iam::123456789012:role/Other\n',
  };
  const settings = (): ConnectionSettings => ({
    profile: 'sso',
    region: sandbox.region,
    endpointUrl: sandbox.endpoint,
  });

  for (const [how, config] of Object.entries(profiles)) {
    it(`opens the browser if the token has expired, and then connects: ${how}`, async () => {
      await home.config(config());
      await assert.rejects(connections.connect(settings()), { code: 'credentials' });
      const signing = connections.signIn(settings(), show);
      while (pages.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(pages, [{ url: 'https://example.com/device?user_code=ABCD-EFGH', code: 'ABCD-EFGH' }]);
      center.decision = 'allow';
      assert.equal(await signing, true);
      const connection = await connections.connect(settings());
      assert.match(connection.identity.arn, /assumed-role\/(AWSReservedSSO_Sender|Other)\//);
      assert.ok(Array.isArray(await connection.staging.listBuckets()));

      const [name, ...others] = await readdir(cache());
      assert.deepEqual(others, [], 'nothing else is written');
      assert.match(name!, /^[0-9a-f]{40}\.json$/);
      const path = join(cache(), name!);
      const token = JSON.parse(await readFile(path, 'utf8')) as Record<string, string>;
      assert.equal(token['accessToken'], center.tokens[0]);
      assert.equal(token['startUrl'], center.startUrl);
      assert.match(token['expiresAt']!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      assert.equal('refreshToken' in token, how !== 'the older form');
      if (process.platform !== 'win32') assert.equal((await stat(path)).mode & 0o777, 0o600);
      for (const line of lines) assert.doesNotMatch(line, /planted/);
    });
  }

  for (const decision of ['deny', 'too late'] as const) {
    it(`reports that the user didn't sign in: ${decision}`, async () => {
      await home.config(profiles['a session of its own']!());
      center.decision = decision;
      await assert.rejects(connections.signIn(settings(), show), {
        name: 'AudienceError',
        message: /sign in to IAM Identity Center/,
      });
      await assert.rejects(readdir(cache()), { code: 'ENOENT' });
    });
  }

  it('polls less often on request, and can be cancelled', async () => {
    await home.config(profiles['a session of its own']!());
    center.impatience = 1;
    const cancel = new AbortController();
    const signing = connections.signIn(settings(), show, cancel.signal);
    const rejected = assert.rejects(signing, { code: 'cancelled' });
    while (center.impatience > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const asked = center.asked.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(center.asked.length, asked);
    cancel.abort();
    await rejected;
  });

  it('opens nothing for profiles without browser sign-in', async () => {
    await home.credentials('[plain]\naws_access_key_id = AKIAX\naws_secret_access_key = x\n');
    assert.equal(await connections.signIn({ profile: 'plain' }, show), false);
    assert.deepEqual(pages, []);
  });

  it('is requested once while the service rejects the credentials, and no longer once they are renewed elsewhere', async () => {
    const keys = `[default]\naws_access_key_id = ${sandbox.accessKeyId}\naws_secret_access_key = ${sandbox.secretAccessKey}\n`;
    await home.credentials(keys);
    const { staging } = await connections.connect({ region: sandbox.region, endpointUrl: sandbox.endpoint });
    const told: (string | undefined)[] = [];
    connections.onDidChangeSignIn((trouble) => told.push(trouble?.code));
    await home.credentials('[default]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n');
    sandbox.faults.set({ rules: [{ service: 's3', fault: { kind: 'expired-credentials' } }] });
    for (let round = 0; round < 3; round += 1) {
      await assert.rejects(staging.listBuckets(), { code: 'credentials' });
    }
    assert.deepEqual(told, ['credentials']);
    assert.equal(await connections.check(), false);
    assert.ok((await connections.credentialFiles()).includes(join(home.path, 'credentials')));
    await home.credentials(keys);
    assert.equal(await connections.check(), true);
    assert.deepEqual([told, connections.signInNeeded], [['credentials', undefined], undefined]);
  });

  it('prompts for an MFA code again only on reconnecting, never in the background', async () => {
    process.env['AWS_ENDPOINT_URL'] = sandbox.endpoint;
    await home.config(
      `[profile base]\naws_access_key_id = ${sandbox.accessKeyId}\naws_secret_access_key = ${sandbox.secretAccessKey}\n` +
        `[profile role]\nregion = ${sandbox.region}\nsource_profile = base\n` +
        `role_arn = arn:aws:iam::${sandbox.account}:role/Sender\nmfa_serial = arn:aws:iam::${sandbox.account}:mfa/phone\n`,
    );
    mfaCode = '123456';
    const { staging } = await connections.connect({ profile: 'role' });
    mfaCode = undefined;
    sandbox.faults.set({ rules: [{ service: 's3', fault: { kind: 'expired-credentials' } }] });
    await assert.rejects(staging.listBuckets(), { code: 'credentials' });
    await assert.rejects(staging.listBuckets(), { code: 'cancelled' });
    await assert.rejects(staging.listBuckets(), { code: 'credentials', message: /MFA/ });
    await assert.rejects(staging.listBuckets(), { code: 'credentials', message: /MFA/ });
    assert.equal(mfaQuestions, 2);
    mfaCode = '123456';
    await (await connections.connect({ profile: 'role' })).staging.listBuckets();
    assert.equal(mfaQuestions, 3);
  });
});
