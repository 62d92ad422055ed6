import assert from 'node:assert/strict';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { CreateAppCommand } from '@aws-sdk/client-pinpoint';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { after, afterEach, before, describe, it } from 'mocha';
import type { Connections } from '../../../src/aws/connection/connection.ts';
import { createConnections } from '../../../src/aws/connection/createConnections.ts';
import { createRuns } from '../../../src/jobs/runs/runsService.ts';
import type { ImportPlan } from '../../../src/jobs/runs/runs.ts';
import type { Log } from '../../../src/log.ts';
import type { AwsHome } from '../../support/awsEnvironment.ts';
import { openAwsHome } from '../../support/awsEnvironment.ts';
import type { IdentityCenter } from '../../support/identityCenter.ts';
import { startIdentityCenter } from '../../support/identityCenter.ts';
import { isWindows } from '../../support/platform.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox } from '../../support/sandbox.ts';

describe('secrets and personal data', () => {
  let sandbox: TestSandbox;
  let center: IdentityCenter;
  let home: AwsHome;
  /** Everything that was logged, with all that errors hold. */
  let lines: string[];
  let projectId: string;

  before(async () => {
    sandbox = await startTestSandbox();
    await sandbox.s3.send(new CreateBucketCommand({ Bucket: 'staging' }));
    const { ApplicationResponse: app } = await sandbox.pinpoint.send(
      new CreateAppCommand({ CreateApplicationRequest: { Name: 'Shop' } }),
    );
    projectId = app!.Id!;
    center = await startIdentityCenter(sandbox);
    home = await openAwsHome();
    lines = [];
  });
  after(async () => {
    await home.remove();
    await center.close();
    await sandbox.close();
  });
  afterEach(() => sandbox.faults.set({}));

  const keep = (message: string, error?: unknown): void =>
    void lines.push(`${message} ${inspect(error, { depth: 10, showHidden: true })}`);
  const log: Log = { debug: keep, info: keep, warn: keep, error: keep };
  const rows =
    'ChannelType,Address,Id,User.UserAttributes.Name\n' +
    Array.from(
      { length: 50 },
      (_, n) => `EMAIL,planted-address-${n}@example.com,planted-id-${n},Planted Name ${n}\n`,
    ).join('');

  /** Goes through what goes well and what goes wrong, with every way to sign in. */
  async function work(connections: Connections, profile: string): Promise<void> {
    const connection = await connections.connect({
      profile,
      region: sandbox.region,
      endpointUrl: sandbox.endpoint,
    });
    const runs = createRuns({ folder: join(home.path, 'runs'), log });
    const path = join(home.path, `${profile}.csv`);
    await writeFile(path, rows);
    const { size: bytes, mtimeMs: modified } = await stat(path);
    const plan: ImportPlan = {
      projectId,
      files: [{ path, bytes, modified }],
      format: 'CSV',
      bucket: 'staging',
      prefix: 'imports',
      roleArn: `arn:aws:iam::${sandbox.account}:role/Import`,
      defineSegment: true,
      registerEndpoints: true,
      segmentName: 'People',
    };
    try {
      await runs.waitFor((await runs.startImport(connection, plan, {})).id);
      for (const kind of ['cut-answer', 'throttle', 'server-error', 'expired-credentials'] as const) {
        sandbox.faults.set({ rules: [{ service: 's3', method: 'PUT', fault: { kind } }] });
        const started = await runs.startImport(connection, plan, {}).catch((error: unknown) => {
          keep('told to people', error);
          return runs.list()[0]!;
        });
        sandbox.faults.set({});
        runs.poke();
        await runs.waitFor(started.id);
      }
      sandbox.faults.set({ jobs: [{ type: 'IMPORT' }] });
      await runs.waitFor((await runs.startImport(connection, plan, {})).id);
      const broken = join(home.path, 'broken.ndjson');
      await writeFile(broken, '{ planted: "planted-address@example.com" }\n');
      const entry = await stat(broken);
      const files = [{ path: broken, bytes: entry.size, modified: entry.mtimeMs }];
      await runs.startImport(connection, { ...plan, format: 'JSON', files }, {}).catch((error: unknown) => {
        keep('told to people', error);
      });
      await connection.audience
        .getProject('nothing')
        .catch((error: unknown) => keep('told to people', error));
      keep('the connection', connection);
    } finally {
      runs.dispose();
    }
  }

  it('are in no log line, error, record or key, whichever the sign-in method', async () => {
    const { Credentials: session } = await sandbox.sts.send(
      new AssumeRoleCommand({
        RoleArn: `arn:aws:iam::${sandbox.account}:role/Sender`,
        RoleSessionName: 'planted',
      }),
    );
    const { accessKeyId, secretAccessKey } = sandbox;
    const process_ = JSON.stringify({
      Version: 1,
      AccessKeyId: session!.AccessKeyId,
      SecretAccessKey: session!.SecretAccessKey,
      SessionToken: session!.SessionToken,
    });
    await writeFile(join(home.path, 'answer.json'), process_);
    await home.credentials(
      `[keys]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
    );
    await home.config(
      `[profile process]\ncredential_process = ${isWindows ? 'type' : 'cat'} ${join(home.path, 'answer.json')}\n` +
        `[sso-session corp]\nsso_region = us-east-1\nsso_start_url = ${center.startUrl}\n` +
        '[profile sso]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Sender\n' +
        `[profile role]\nsource_profile = keys\nrole_arn = arn:aws:iam::${sandbox.account}:role/Sender\n` +
        `mfa_serial = arn:aws:iam::${sandbox.account}:mfa/phone\n`,
    );
    process.env['AWS_ENDPOINT_URL_SSO'] = center.endpoint;
    process.env['AWS_ENDPOINT_URL_SSO_OIDC'] = center.endpoint;
    const connections = createConnections({ log, mfaCode: () => Promise.resolve('918273') });
    await connections.connect({ profile: 'sso', region: 'us-east-1' }).catch((error: unknown) => {
      keep('told to people', error);
    });
    center.decision = 'allow';
    await connections.signIn({ profile: 'sso' }, () => undefined);
    for (const profile of ['keys', 'process', 'role', 'sso']) await work(connections, profile);

    const secrets = [
      secretAccessKey,
      accessKeyId,
      session!.AccessKeyId!,
      session!.SecretAccessKey!,
      session!.SessionToken!,
      '918273',
      ...center.secrets,
      ...center.tokens,
      'planted-address',
      'planted-id',
      'Planted Name',
    ];
    const folder = join(home.path, 'runs');
    const records: string[] = [];
    for (const name of await readdir(folder, { recursive: true })) {
      const path = join(folder, name);
      if ((await stat(path)).isFile()) records.push(`${name} ${await readFile(path, 'utf8')}`);
    }
    assert.ok(lines.length > 100 && records.length >= 20, `${lines.length} lines, ${records.length} records`);
    for (const secret of secrets) {
      for (const text of [...lines, ...records]) {
        if (text.includes(secret)) assert.fail(`${secret} is in: ${text.slice(0, 2000)}`);
      }
    }
    assert.equal(center.tokens.length, 1);
  });

  it('would be found: the searched texts contain the harmless parts', () => {
    assert.ok(lines.some((text) => text.includes('Connected to')));
    assert.ok(lines.some((text) => text.includes('ExpiredToken')));
  });
});
