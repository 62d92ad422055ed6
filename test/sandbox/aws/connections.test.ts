import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import type { Connection, Connections } from '../../../src/aws/connection/connection.ts';
import { createConnections } from '../../../src/aws/connection/createConnections.ts';
import type { Log } from '../../../src/log.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox, temporaryFolder } from '../../support/sandbox.ts';
import { isWindows } from '../../support/platform.ts';

const variables = [
  'AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN',
  'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_S3', 'AWS_EC2_METADATA_DISABLED', 'HOME',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI', 'AWS_CONTAINER_AUTHORIZATION_TOKEN',
]; // prettier-ignore

describe('connecting', () => {
  let sandbox: TestSandbox;
  let home: string;
  let remove: () => Promise<void>;
  let connections: Connections;
  let serials: string[];
  let mfaCode: string | undefined;
  let lines: string[];
  let log: Log;
  const before_ = new Map<string, string | undefined>();

  before(async () => {
    sandbox = await startTestSandbox();
    await sandbox.s3.send(new CreateBucketCommand({ Bucket: 'staging' }));
  });
  after(() => sandbox.close());

  beforeEach(async () => {
    for (const name of variables) {
      before_.set(name, process.env[name]);
      // Assigning undefined would make it the text "undefined".
      Reflect.deleteProperty(process.env, name);
    }
    const place = await temporaryFolder();
    home = place.path;
    remove = () => place.remove();
    process.env['HOME'] = home;
    process.env['AWS_CONFIG_FILE'] = join(home, 'config');
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = join(home, 'credentials');
    process.env['AWS_EC2_METADATA_DISABLED'] = 'true';
    serials = [];
    mfaCode = '123456';
    lines = [];
    const keep = (message: string, error?: unknown): void => void lines.push(`${message} ${inspect(error)}`);
    log = { debug: keep, info: keep, warn: keep, error: keep };
    connections = createConnections({
      log,
      mfaCode: (serial) => {
        serials.push(serial);
        return Promise.resolve(mfaCode);
      },
    });
  });
  afterEach(async () => {
    for (const [name, value] of before_) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await remove();
  });

  const keys = (): string =>
    `aws_access_key_id = ${sandbox.accessKeyId}\naws_secret_access_key = ${sandbox.secretAccessKey}\n`;
  const writeConfig = (text: string): Promise<void> => writeFile(join(home, 'config'), text);
  const writeCredentials = (text: string): Promise<void> => writeFile(join(home, 'credentials'), text);

  async function assertWorks({ audience, staging, identity }: Connection): Promise<void> {
    assert.equal(identity.account, sandbox.account);
    assert.deepEqual(await staging.listBuckets(), ['staging']);
    assert.equal(await staging.bucketRegion('staging'), sandbox.region);
    assert.ok(Array.isArray((await audience.listProjects({})).items));
  }

  it("works with given keys, and doesn't expose them", async () => {
    const { endpoint: endpointUrl, region, accessKeyId, secretAccessKey } = sandbox;
    const connection = await connections.connect({
      endpointUrl,
      region,
      credentials: { accessKeyId, secretAccessKey },
    });
    await assertWorks(connection);
    assert.deepEqual(connection.identity, {
      account: sandbox.account,
      arn: `arn:aws:iam::${sandbox.account}:user/sandbox`,
      region,
    });
    assert.deepEqual(connection.settings, { profile: undefined, region, endpointUrl });
    assert.doesNotMatch(JSON.stringify(connection), new RegExp(secretAccessKey.replace(/\W/g, '.')));
  });

  it('works with a profile of the shared files, its region and its endpoint', async () => {
    await writeConfig(`[profile work]\nregion = ${sandbox.region}\nendpoint_url = ${sandbox.endpoint}\n`);
    await writeCredentials(`[work]\n${keys()}`);
    const connection = await connections.connect({ profile: 'work' });
    await assertWorks(connection);
    assert.equal(connection.settings.endpointUrl, sandbox.endpoint);
    assert.equal(connection.settings.profile, 'work');
  });

  it('connects to another region with the chosen settings, not with their results', async () => {
    const nowhere = 'http://127.0.0.1:1';
    await writeConfig(
      `[profile work]\nregion = ${sandbox.region}\nservices = local\n${keys()}\n[services local]\n` +
        `pinpoint =\n  endpoint_url = ${nowhere}\n` +
        ['s3', 'sts'].map((name) => `${name} =\n  endpoint_url = ${sandbox.endpoint}\n`).join(''),
    );
    const { chosen, settings } = await connections.connect({ profile: 'work' });
    assert.deepEqual(chosen, { profile: 'work', region: undefined, endpointUrl: undefined });
    assert.deepEqual(settings, { profile: 'work', region: sandbox.region, endpointUrl: nowhere });
    const elsewhere = await connections.connect({ ...chosen, region: 'eu-west-1' });
    assert.deepEqual(await elsewhere.staging.listBuckets(), ['staging']);
    assert.equal(elsewhere.identity.region, 'eu-west-1');
  });

  it('works with an endpoint given by host name', async () => {
    const endpointUrl = sandbox.endpoint.replace('127.0.0.1', 'localhost');
    await writeCredentials(`[default]\n${keys()}`);
    await assertWorks(await connections.connect({ endpointUrl, region: sandbox.region }));
  });

  it("works with the environment's credentials", async () => {
    process.env['AWS_ACCESS_KEY_ID'] = sandbox.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = sandbox.secretAccessKey;
    process.env['AWS_REGION'] = sandbox.region;
    process.env['AWS_ENDPOINT_URL'] = sandbox.endpoint;
    await assertWorks(await connections.connect({}));
  });

  it('works with the profile and the region in the environment', async () => {
    process.env['AWS_PROFILE'] = 'work';
    process.env['AWS_DEFAULT_REGION'] = sandbox.region;
    await writeConfig(`[profile work]\nendpoint_url = ${sandbox.endpoint}\n${keys()}`);
    await assertWorks(await connections.connect({}));
  });

  it('works with a credential process', async () => {
    const answer = JSON.stringify({
      Version: 1,
      AccessKeyId: sandbox.accessKeyId,
      SecretAccessKey: sandbox.secretAccessKey,
    });
    await writeFile(join(home, 'answer.json'), answer);
    await writeConfig(
      `[profile made]\nregion = ${sandbox.region}\ncredential_process = ${isWindows ? 'type' : 'cat'} ${join(home, 'answer.json')}\n`,
    );
    await assertWorks(await connections.connect({ profile: 'made', endpointUrl: sandbox.endpoint }));
  });

  it('assumes a role, prompting for an MFA code', async () => {
    process.env['AWS_ENDPOINT_URL'] = sandbox.endpoint;
    await writeConfig(
      `[profile base]\nregion = ${sandbox.region}\n${keys()}\n` +
        `[profile role]\nregion = ${sandbox.region}\nsource_profile = base\n` +
        `role_arn = arn:aws:iam::${sandbox.account}:role/Sender\nmfa_serial = arn:aws:iam::${sandbox.account}:mfa/phone\n`,
    );
    const connection = await connections.connect({ profile: 'role' });
    assert.match(connection.identity.arn, /assumed-role\/Sender\//);
    assert.deepEqual(serials, [`arn:aws:iam::${sandbox.account}:mfa/phone`]);
    await assertWorks(connection);
    assert.equal(serials.length, 1, 'the code is asked for once');

    const again = await connections.connect({ profile: 'role' });
    assert.notEqual(again.identity.arn, connection.identity.arn, 'another session');
    assert.equal(again.id, connection.id, 'of the same identity');

    const alone = createConnections({ log });
    await assert.rejects(alone.connect({ profile: 'role' }), {
      code: 'credentials',
      message: /MFA device code is required/,
      help: /export-credentials/,
    });
    mfaCode = undefined;
    await assert.rejects(connections.connect({ profile: 'role' }), { code: 'cancelled' });
    mfaCode = '000000';
    await assert.rejects(connections.connect({ profile: 'role' }), { name: 'AudienceError' });
    assert.equal(connections.current, again);
  });

  const ofSandbox = (service = ''): string => `${service}endpoint_url = ${sandbox.endpoint}\n`;
  const endpointsSaid: Readonly<Record<string, () => { setting?: string; profile?: string; more?: string }>> =
    {
      'the setting': () => ({ setting: sandbox.endpoint }),
      'the profile': () => ({ profile: ofSandbox() }),
      'a section of services': () => ({
        profile: 'services = local\n',
        more: `[services local]\n${['sts', 's3', 'pinpoint'].map((name) => ofSandbox(`${name} =\n  `)).join('')}`,
      }),
    };
  for (const [where, say] of Object.entries(endpointsSaid)) {
    it(`assumes a role only at the endpoint in ${where}`, async () => {
      const { setting: endpointUrl, profile = '', more = '' } = say();
      await writeConfig(
        `[profile base]\n${keys()}\n[profile role]\nregion = ${sandbox.region}\nsource_profile = base\n` +
          `role_arn = arn:aws:iam::${sandbox.account}:role/Sender\n${profile}${more}`,
      );
      const connection = await connections.connect({ profile: 'role', endpointUrl });
      assert.match(connection.identity.arn, /assumed-role\/Sender\//);
      await assertWorks(connection);
    });
  }

  it('works with container credentials', async () => {
    const { Credentials: session } = await sandbox.sts.send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${sandbox.account}:role/Task`,
        RoleSessionName: 'task',
      }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken: Token, Expiration } = session!;
    const agent = createServer((asked, response) => {
      assert.equal(asked.headers.authorization, 'told');
      response.end(JSON.stringify({ AccessKeyId, SecretAccessKey, Token, Expiration }));
    });
    await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = agent.address() as AddressInfo;
      process.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] = `http://127.0.0.1:${port}/`;
      process.env['AWS_CONTAINER_AUTHORIZATION_TOKEN'] = 'told';
      await assertWorks(await connections.connect({ region: sandbox.region, endpointUrl: sandbox.endpoint }));
    } finally {
      agent.close();
      agent.closeAllConnections();
    }
  });

  it('lets two windows have two identities at a time', async () => {
    process.env['AWS_ENDPOINT_URL'] = sandbox.endpoint;
    const role = `arn:aws:iam::${sandbox.account}:role/Sender`;
    await writeConfig(
      `[profile base]\nregion = ${sandbox.region}\n${keys()}\n` +
        `[profile role]\nregion = ${sandbox.region}\nsource_profile = base\nrole_arn = ${role}\n`,
    );
    const another = createConnections({ log, mfaCode: () => Promise.resolve(undefined) });
    const [one, two] = await Promise.all([
      connections.connect({ profile: 'base' }),
      another.connect({ profile: 'role' }),
    ]);
    assert.match(one.identity.arn, /user\/sandbox$/);
    assert.match(two.identity.arn, /assumed-role\/Sender\//);
    assert.notEqual(one.id, two.id);
    assert.equal(connections.current, one);
    assert.equal(another.current, two);
    await Promise.all([assertWorks(one), assertWorks(two)]);
  });

  it('explains how to sign in if an SSO session has expired', async () => {
    await mkdir(join(home, '.aws', 'sso', 'cache'), { recursive: true });
    await writeConfig(
      '[sso-session corp]\nsso_region = us-east-1\nsso_start_url = https://example.com/start\n' +
        '[profile sso]\nregion = us-east-1\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Sender\n',
    );
    await assert.rejects(connections.connect({ profile: 'sso' }), {
      code: 'credentials',
      help: 'Run "Pinpoint Audience: Sign In", or: aws sso login --profile sso',
    });
  });

  it('notices keys renewed by other programs', async () => {
    await writeCredentials(`[default]\n${keys()}`);
    const connection = await connections.connect({ region: sandbox.region, endpointUrl: sandbox.endpoint });
    sandbox.faults.set({ rules: [{ service: 's3', fault: { kind: 'expired-credentials' } }] });
    await writeCredentials('[default]\naws_access_key_id = AKIAOTHER\naws_secret_access_key = other\n');
    await assert.rejects(connection.staging.listBuckets(), { code: 'credentials' });
    await assert.rejects(connection.staging.listBuckets(), {
      code: 'credentials',
      message: /unknown credentials/,
    });
    await writeCredentials(`[default]\n${keys()}`);
    await assertWorks(connection);
  });

  const refusals: readonly (readonly [string, () => Promise<unknown>, string, RegExp])[] = [
    ['there is no region', () => connections.connect({ endpointUrl: sandbox.endpoint }), 'bad-input', /No region.*default/],
    ['the profile is missing', () => connections.connect({ profile: 'nobody' }), 'bad-input', /Unknown AWS profile: nobody/],
    ["the endpoint isn't a URL", () => connections.connect({ region: 'us-east-1', endpointUrl: 'localhost:1' }), 'bad-input', /Not a service URL/],
    ['the endpoint contains a password', () => connections.connect({ region: 'us-east-1', endpointUrl: 'http://me:hunter2@127.0.0.1:1' }), 'bad-input', /^Not a service URL$/],
    ['the endpoint has a query', () => connections.connect({ region: 'us-east-1', endpointUrl: 'http://127.0.0.1:1/?token=hunter2' }), 'bad-input', /^Not a service URL$/],
    ['there are no credentials', () => connections.connect({ region: 'us-east-1', endpointUrl: sandbox.endpoint }), 'credentials', /default/],
    ['the key is unknown', () => connections.connect({ region: 'us-east-1', endpointUrl: sandbox.endpoint, credentials: { accessKeyId: 'AKIAX', secretAccessKey: 'x' } }), 'credentials', /unknown credentials/],
    ['the secret is wrong', () => connections.connect({ region: 'us-east-1', endpointUrl: sandbox.endpoint, credentials: { accessKeyId: sandbox.accessKeyId, secretAccessKey: 'x' } }), 'credentials', /signature/],
    ['the connection is refused', () => connections.connect({ region: 'us-east-1', endpointUrl: 'http://127.0.0.1:1', credentials: { accessKeyId: 'AKIAX', secretAccessKey: 'x' } }), 'network', /connection refused/],
  ]; // prettier-ignore
  for (const [what, connect, code, message] of refusals) {
    it(`reports that ${what}, with a remedy, and keeps the old connection`, async () => {
      const { endpoint: endpointUrl, region, accessKeyId, secretAccessKey } = sandbox;
      const credentials = { accessKeyId, secretAccessKey };
      const old = await connections.connect({ endpointUrl, region, credentials });
      await assert.rejects(connect(), (error: Error & { code?: string; help?: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(error.help);
        return true;
      });
      assert.equal(connections.current, old);
    });
  }

  it('reports each change, lets the latest attempt win, and can be cancelled', async () => {
    const { endpoint: endpointUrl, region, accessKeyId, secretAccessKey } = sandbox;
    const settings = { endpointUrl, region, credentials: { accessKeyId, secretAccessKey } };
    const seen: (string | undefined)[] = [];
    connections.onDidChange((connection) => seen.push(connection?.id));
    const first = connections.connect(settings);
    const second = connections.connect(settings);
    await assert.rejects(first, { code: 'cancelled' });
    const { id } = await second;
    connections.disconnect();
    connections.disconnect();
    assert.equal(connections.current, undefined);
    assert.deepEqual(seen, [id, undefined]);
    const cancel = new AbortController();
    const third = connections.connect(settings, cancel.signal);
    cancel.abort();
    await assert.rejects(third, { code: 'cancelled' });
    assert.equal(connections.current, undefined);
  });

  it('lists the profiles, the default first, and no other section', async () => {
    await writeConfig(
      '[profile b]\nregion = x\n[default]\nregion = x\n[sso-session corp]\nsso_region = x\n[services mine]\ns3 =\n  endpoint_url = http://x\n',
    );
    await writeCredentials('[a]\naws_access_key_id = x\n');
    assert.deepEqual(await connections.profiles(), ['default', 'a', 'b']);
  });

  it('reads the region of a profile, which the environment overrides', async () => {
    await writeConfig('[profile gov]\nregion = us-gov-west-1\n[profile none]\n');
    assert.equal(await connections.regionOf('gov'), 'us-gov-west-1');
    assert.equal(await connections.regionOf('none'), undefined);
    process.env['AWS_DEFAULT_REGION'] = 'eu-west-2';
    assert.equal(await connections.regionOf('gov'), 'eu-west-2');
    process.env['AWS_REGION'] = 'eu-west-1';
    assert.equal(await connections.regionOf('none'), 'eu-west-1');
  });

  it('writes no key and no token into the log', async () => {
    await writeCredentials(`[default]\n${keys()}`);
    const connection = await connections.connect({ region: sandbox.region, endpointUrl: sandbox.endpoint });
    await assertWorks(connection);
    await connection.audience.getProject('nothing').catch(() => undefined);
    assert.ok(lines.length > 3);
    for (const line of lines) {
      assert.ok(!line.includes(sandbox.secretAccessKey) && !line.includes(sandbox.accessKeyId), line);
    }
  });

  it('loads nothing of the SDK before the first connection', async () => {
    const script = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      const { createConnections } = await import(${JSON.stringify(new URL('../../../src/aws/connection/createConnections.ts', import.meta.url).href)});
      const { createRuns } = await import(${JSON.stringify(new URL('../../../src/jobs/runs/runsService.ts', import.meta.url).href)});
      createConnections({ log: console });
      createRuns({ folder: ${JSON.stringify(join(home, 'runs'))}, log: console }).dispose();
      console.log(JSON.stringify(loaded.filter((url) => /@aws-sdk|@smithy/.test(url))));
      console.log(loaded.length);`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    const [sdk, count] = stdout.trim().split('\n');
    assert.equal(sdk, '[]');
    assert.ok(Number(count) > 10);
  });
});
