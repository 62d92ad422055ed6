import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CreateRoleCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  ListBucketsCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import { createConnections } from '../../../src/aws/connection/createConnections.ts';
import type { Connection } from '../../../src/aws/connection/connection.ts';
import type { PolicyDocument as PolicyFile } from '../../../src/aws/iam/policy.ts';
import type { SetupServices } from '../../../src/aws/iam/setupServices.ts';
import { AudienceError } from '../../../src/errors.ts';
import { noLog } from '../../../src/log.ts';
import { applySetup } from '../../../src/jobs/setup/applySetup.ts';
import { checkSetup } from '../../../src/jobs/setup/setupChecks.ts';
import { inspectSetup } from '../../../src/jobs/setup/inspectSetup.ts';
import type { PlanStep, SetupPlan } from '../../../src/jobs/setup/setupPlan.ts';
import type { WantedSetup } from '../../../src/jobs/setup/wantedSetup.ts';
import { planSetup, scopeOfWanted, stepsToTake } from '../../../src/jobs/setup/setupPlan.ts';
import { SetupRecords } from '../../../src/jobs/setup/setupRecords.ts';
import { cliScript, cloudFormation, terraform } from '../../../src/jobs/setup/setupScripts.ts';
import { findAwsCli, pathForScripts } from '../../support/awsCli.ts';
import { temporaryFolder } from '../../support/sandbox.ts';
import type { Workshop } from './broken.ts';
import { document, openWorkshop, trust } from './broken.ts';
import { findProgram, startMoto } from './programs.ts';

const run = promisify(execFile);
const noWait = (): Promise<void> => Promise.resolve();

const everything = [
  'bucket',
  'public-access',
  'encryption',
  'lifecycle',
  'import-role',
  'import-policy',
  'export-role',
  'export-policy',
];

describe('Creating a setup', () => {
  let shop: Workshop;
  let folder: { path: string; remove(): Promise<void> };
  let count = 0;

  before(async () => {
    shop = await openWorkshop();
    folder = await temporaryFolder();
  });
  after(async () => {
    await shop.close();
    await folder.remove();
  });

  const records = (): SetupRecords => new SetupRecords(join(folder.path, 'setups'));

  async function wish(change: Partial<WantedSetup> = {}): Promise<WantedSetup> {
    const [project] = (await shop.connection.audience.listProjects({})).items;
    const name = `wanted-${++count}`;
    return {
      identity: shop.connection.identity,
      bucket: name,
      prefix: 'pinpoint-audience/',
      kmsKeyId: '',
      projectId: project?.id,
      roles: { import: `${name}-import`, export: `${name}-export` },
      ...change,
    };
  }
  async function plan(wanted: WantedSetup, connection: Connection = shop.connection): Promise<SetupPlan> {
    const facts = await inspectSetup(connection, scopeOfWanted(wanted));
    return planSetup(wanted, facts, await records().begun(wanted));
  }
  async function apply(
    planned: SetupPlan,
    changeExisting = false,
    services?: Pick<SetupServices, 'send'>,
  ): Promise<readonly PlanStep[]> {
    const own = services ?? (await shop.connection.setup());
    return applySetup(planned, { services: own, records: records(), changeExisting, wait: noWait });
  }
  async function troubles(wanted: WantedSetup, connection: Connection = shop.connection): Promise<unknown> {
    const results = checkSetup(await inspectSetup(connection, scopeOfWanted(wanted)));
    return results
      .filter(({ status }) => status !== 'ok')
      .map(({ id, status, message }) => [id, status, message]);
  }
  const actions = ({ steps }: SetupPlan): Record<string, string> =>
    Object.fromEntries(steps.map(({ id, action }) => [id, action]));
  const ids = (steps: readonly PlanStep[]): readonly string[] => steps.map(({ id }) => id);

  it('creates everything as announced, passes its own checks, and has nothing to do the second time', async () => {
    const wanted = await wish();
    const planned = await plan(wanted);
    assert.deepEqual(ids(stepsToTake(planned, false)), everything);
    assert.deepEqual(ids(await apply(planned)), everything);
    assert.deepEqual(await troubles(wanted), []);

    const again = await plan(wanted);
    assert.deepEqual(new Set(Object.values(actions(again))), new Set(['none']));
    assert.deepEqual(await apply(again, true), []);
    assert.deepEqual([...(await records().begun(wanted))], []);
  });

  it('lets the roles list the bucket below the prefix only', async () => {
    const wanted = await wish();
    await apply(await plan(wanted));
    const listing = [];
    for (const RoleName of Object.values(wanted.roles)) {
      const PolicyName = `PinpointAudience-${wanted.bucket}`;
      const { PolicyDocument } = await shop.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      const policy = JSON.parse(decodeURIComponent(PolicyDocument ?? '')) as PolicyFile;
      listing.push(...policy.Statement.filter(({ Action }) => [Action].flat().includes('s3:ListBucket')));
    }
    assert.deepEqual(
      listing.map(({ Condition }) => Condition),
      Array(2).fill({ StringLike: { 's3:prefix': `${wanted.prefix}*` } }),
    );
  });

  it('works for every project of the region, and with a KMS key', async () => {
    const { KeyMetadata } = await shop.kms.send(new CreateKeyCommand({}));
    const wanted = await wish({ projectId: undefined, kmsKeyId: KeyMetadata?.KeyId ?? '' });
    await apply(await plan(wanted));
    assert.deepEqual(await troubles(wanted), []);
    const { Role } = await shop.iam.send(new GetRoleCommand({ RoleName: wanted.roles.import }));
    assert.match(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''), /:apps\/\*"/);
    assert.equal(stepsToTake(await plan(wanted), true).length, 0);
  });

  it('excludes a project until it is included, too', async () => {
    const wanted = await wish();
    await apply(await plan(wanted));
    const other = { ...wanted, projectId: 'f'.repeat(32) };
    const planned = await plan(other);
    assert.deepEqual(
      [actions(planned)['import-trust'], actions(planned)['export-trust']],
      ['change', 'change'],
    );
    await apply(planned, true);
    assert.equal(stepsToTake(await plan(other), true).length, 0);
    assert.equal(stepsToTake(await plan(wanted), true).length, 0, 'and still for the first');
  });

  for (const when of ['before', 'after'] as const) {
    it(`resumes wherever it was killed, ${when} the change was made`, async () => {
      const services = await shop.connection.setup();
      for (let at = 0; at < everything.length; at += 1) {
        const wanted = await wish();
        let sent = 0;
        const dying: Pick<SetupServices, 'send'> = {
          send: async (call) => {
            const isLast = sent++ === at;
            if (!isLast || when === 'after') await services.send(call);
            if (isLast) throw new Error('killed');
          },
        };
        await assert.rejects(apply(await plan(wanted), false, dying), /killed/);
        const rest = await plan(wanted);
        const left = when === 'before' ? at : at + 1;
        const again = [
          ...new Set([...ids(stepsToTake(rest, false))].map((id) => id.replace('-trust', '-role'))),
        ];
        // A new bucket has these two from S3 itself.
        const isThere = (id: string): boolean => left > 0 && ['public-access', 'encryption'].includes(id);
        const expected = everything.slice(left).filter((id) => !isThere(id));
        assert.deepEqual(again, expected, `at ${everything[at] ?? ''}`);
        assert.equal(
          Object.values(actions(rest)).includes('change'),
          false,
          'what we made is ours to finish',
        );
        await apply(rest);
        assert.deepEqual(await troubles(wanted), []);
      }
    });
  }

  it('reports what exists if a step is rejected, and continues once it is allowed', async () => {
    const services = await shop.connection.setup();
    const denied = new AudienceError('access-denied', 'Could not do it', { help: 'Ask for it.' });
    for (let at = 0; at < everything.length; at += 1) {
      const wanted = await wish();
      let sent = 0;
      const refusing: Pick<SetupServices, 'send'> = {
        send: (call) => (sent++ === at ? Promise.reject(denied) : services.send(call)),
      };
      await assert.rejects(apply(await plan(wanted), false, refusing), (error: AudienceError) => {
        assert.equal(error.code, 'access-denied');
        assert.match(
          error.message,
          at === 0 ? /Nothing was changed/ : new RegExp(`Done: Bucket ${wanted.bucket}`),
        );
        assert.match(error.message, /Not done: /);
        assert.match(error.help ?? '', /again to continue/);
        return true;
      });
      await apply(await plan(wanted));
      assert.deepEqual(await troubles(wanted), []);
    }
  });

  it('waits until a new role has propagated in IAM', async () => {
    const services = await shop.connection.setup();
    const wanted = await wish();
    const waits: number[] = [];
    let misses = 2;
    const slow: Pick<SetupServices, 'send'> = {
      send: (call) =>
        call.operation === 'PutRolePolicy' && misses-- > 0
          ? Promise.reject(new AudienceError('not-found', 'not yet'))
          : services.send(call),
    };
    await applySetup(await plan(wanted), {
      services: slow,
      records: records(),
      changeExisting: false,
      wait: (ms) => Promise.resolve(waits.push(ms)),
    });
    assert.deepEqual(waits, [500, 1000]);
    assert.deepEqual(await troubles(wanted), []);
  });

  it('stops when it is cancelled, and creates nothing', async () => {
    const wanted = await wish();
    const services = await shop.connection.setup();
    const cancelled = applySetup(await plan(wanted), {
      services,
      records: records(),
      changeExisting: false,
      wait: noWait,
      signal: AbortSignal.abort(),
    });
    await assert.rejects(cancelled, { code: 'cancelled' });
    assert.deepEqual(actions(await plan(wanted))['bucket'], 'create');
    assert.deepEqual([...(await records().begun(wanted))], []);
  });

  describe('from existing parts', () => {
    it('changes only what is requested', async () => {
      const wanted = await wish();
      const Bucket = wanted.bucket;
      await shop.sandbox.s3.send(new CreateBucketCommand({ Bucket }));
      const open = {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: false,
        RestrictPublicBuckets: false,
      };
      await shop.sandbox.s3.send(
        new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: open }),
      );
      const keep = {
        ID: 'keep',
        Status: 'Enabled' as const,
        Filter: { Prefix: 'logs/' },
        Expiration: { Days: 1 },
      };
      await shop.sandbox.s3.send(
        new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [keep] } }),
      );
      const planned = await plan(wanted);
      assert.deepEqual(actions(planned), {
        bucket: 'none',
        'public-access': 'change',
        encryption: 'none',
        lifecycle: 'change',
        'import-role': 'create',
        'import-policy': 'create',
        'export-role': 'create',
        'export-policy': 'create',
      });
      assert.deepEqual(planned.steps.find(({ id }) => id === 'public-access')?.now, open);
      await apply(planned);
      assert.deepEqual(
        ((await troubles(wanted)) as [string][]).map(([id]) => id),
        ['bucket-public-access', 'bucket-lifecycle', 'bucket-uploads'],
      );
      await apply(await plan(wanted), true);
      assert.deepEqual(await troubles(wanted), []);
      const { Rules = [] } = await shop.sandbox.s3.send(
        new GetBucketLifecycleConfigurationCommand({ Bucket }),
      );
      assert.deepEqual(Rules.slice(0, 1), [keep]);
      assert.equal(Rules.length, 2);
    });

    it('never weakens encryption', async () => {
      const wanted = await wish();
      const Bucket = wanted.bucket;
      await shop.sandbox.s3.send(new CreateBucketCommand({ Bucket }));
      const kms = { SSEAlgorithm: 'aws:kms' as const };
      await shop.sandbox.s3.send(
        new PutBucketEncryptionCommand({
          Bucket,
          ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: kms }] },
        }),
      );
      await apply(await plan(wanted), true);
      const { ServerSideEncryptionConfiguration: set } = await shop.sandbox.s3.send(
        new GetBucketEncryptionCommand({ Bucket }),
      );
      assert.deepEqual(set?.Rules?.[0]?.ApplyServerSideEncryptionByDefault, kms);
    });

    it('adds to a role, and removes nothing from it', async () => {
      const wanted = await wish();
      const RoleName = wanted.roles.import;
      const theirs = {
        Effect: 'Allow',
        Principal: { Service: 'ec2.amazonaws.com' },
        Action: 'sts:AssumeRole',
      };
      await shop.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: document(theirs) }));
      const PolicyName = `PinpointAudience-${wanted.bucket}`;
      const old = {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::${wanted.bucket}/other/*`,
      };
      await shop.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument: document(old) }));
      const planned = await plan(wanted);
      assert.deepEqual(
        [
          actions(planned)['import-role'],
          actions(planned)['import-trust'],
          actions(planned)['import-policy'],
        ],
        ['none', 'change', 'change'],
      );
      await apply(planned);
      const untouched = await shop.iam.send(new GetRoleCommand({ RoleName }));
      assert.equal(decodeURIComponent(untouched.Role?.AssumeRolePolicyDocument ?? ''), document(theirs));
      await apply(await plan(wanted), true);
      assert.deepEqual(await troubles(wanted), []);
      const { Role } = await shop.iam.send(new GetRoleCommand({ RoleName }));
      const changed = JSON.parse(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')) as {
        Statement: object[];
      };
      assert.deepEqual(changed.Statement[0], theirs);
      const { PolicyDocument } = await shop.iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      const policy = JSON.parse(decodeURIComponent(PolicyDocument ?? '')) as { Statement: object[] };
      assert.deepEqual(policy.Statement[0], old);
    });

    it('uses a sufficient role as it is, whatever its policies are called', async () => {
      const scope = await shop.fresh();
      const wanted = await wish({
        bucket: scope.bucket,
        prefix: scope.prefix,
        roles: {
          import: scope.roles.import.split('/').at(-1)!,
          export: scope.roles.export.split('/').at(-1)!,
        },
      });
      assert.deepEqual(stepsToTake(await plan(wanted), true), []);
    });

    it('rejects a bucket in another region, one of another account, and a folder that is the whole bucket', async () => {
      const wanted = await wish();
      const facts = await inspectSetup(shop.connection, scopeOfWanted(wanted));
      const at =
        (region: object): (() => SetupPlan) =>
        () =>
          planSetup(wanted, { ...facts, bucket: { ...facts.bucket!, ...region } }, new Set());
      assert.throws(at({ region: { value: 'eu-west-1' } }), { code: 'bad-input' });
      assert.throws(at({ region: { error: new AudienceError('access-denied', 'no') } }), {
        code: 'conflict',
      });
      assert.throws(at({ region: { error: new AudienceError('network', 'no') } }), { code: 'network' });
      assert.throws(() => planSetup({ ...wanted, prefix: '' }, facts, new Set()), { code: 'bad-input' });
    });
  });

  describe('by other means', () => {
    it('as an AWS CLI script, which works and can be run again', async function () {
      // Two dozen calls, a second or more each.
      this.timeout(600_000);
      const found = await findAwsCli();
      if ('missing' in found) {
        process.stderr.write(`Skipped: ${found.missing}\n`);
        this.skip();
      }
      const { KeyMetadata } = await shop.kms.send(new CreateKeyCommand({}));
      const wanted = await wish({ kmsKeyId: KeyMetadata?.Arn ?? '' });
      const script = join(folder.path, 'setup.sh');
      await writeFile(script, cliScript(await plan(wanted), false));
      const { endpoint, accessKeyId, secretAccessKey } = shop.sandbox;
      const env = {
        ...process.env,
        PATH: await pathForScripts(folder.path, endpoint, found.version),
        AWS_ENDPOINT_URL: endpoint,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      };
      await run('bash', [script], { env });
      assert.deepEqual(await troubles(wanted), []);
      const before = [
        await shop.iam.send(new ListRolesCommand({})),
        await shop.sandbox.s3.send(new ListBucketsCommand({})),
      ].map(({ $metadata: _metadata, ...content }) => content);
      await run('bash', [script], { env });
      const now = [
        await shop.iam.send(new ListRolesCommand({})),
        await shop.sandbox.s3.send(new ListBucketsCommand({})),
      ].map(({ $metadata: _metadata, ...content }) => content);
      assert.deepEqual(now, before);
      assert.equal(stepsToTake(await plan(wanted), true).length, 0);
    });

    it('as a CloudFormation template in which cfn-lint finds nothing', async function () {
      this.timeout(300_000);
      const lint = await findProgram('cfn-lint', '--version');
      if (lint === undefined) {
        process.stderr.write('Skipped: there is no cfn-lint on the PATH\n');
        this.skip();
      }
      const { KeyMetadata } = await shop.kms.send(new CreateKeyCommand({}));
      const files: string[] = [];
      for (const [name, wanted] of Object.entries({
        plain: await wish(),
        key: await wish({ kmsKeyId: KeyMetadata?.Arn ?? '', projectId: undefined }),
      })) {
        const file = join(folder.path, `${name}.yaml`);
        await writeFile(file, cloudFormation(await plan(wanted), false));
        files.push(file);
      }
      await run(lint, files).catch((error: unknown) => assert.fail((error as { stdout: string }).stdout));
    });

    it('as Terraform, with every value of the plan and no interpolation in strings', async () => {
      const wanted = await wish();
      const text = terraform(await plan(wanted), false);
      for (const part of [
        'resource "aws_s3_bucket" "staging"',
        'resource "aws_s3_bucket_public_access_block" "staging"',
        'resource "aws_s3_bucket_server_side_encryption_configuration" "staging"',
        'resource "aws_s3_bucket_lifecycle_configuration" "staging"',
        'resource "aws_iam_role" "import"',
        'resource "aws_iam_role_policy" "export"',
        'days_after_initiation = 7',
        `"${wanted.bucket}"`,
        `"${wanted.roles.export}"`,
        '"aws:SourceArn" = "arn:aws:mobiletargeting:us-east-1:',
        'allowed_account_ids = ["123456789012"]',
      ]) {
        assert.ok(text.includes(part), part);
      }
      assert.doesNotMatch(text, /\$\{|undefined|\[object/);
      // Every bracket is closed, outside of texts.
      const bare = text.replaceAll(/^#.*$/gm, '').replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
      for (const [open, close] of ['{}', '[]', '()']) {
        assert.equal(bare.split(open!).length, bare.split(close!).length);
      }
    });

    it('as Terraform in which terraform fmt finds nothing', async function () {
      const program = await findProgram('terraform', 'version');
      if (program === undefined) {
        process.stderr.write('Skipped: there is no terraform on the PATH\n');
        this.skip();
      }
      const { KeyMetadata } = await shop.kms.send(new CreateKeyCommand({}));
      for (const [name, wanted] of Object.entries({
        plain: await wish(),
        key: await wish({ kmsKeyId: KeyMetadata?.Arn ?? '', projectId: undefined }),
      })) {
        const file = join(folder.path, `${name}.tf`);
        await writeFile(file, terraform(await plan(wanted), false));
        await run(program, ['fmt', '-check', '-diff', file]).catch((error: unknown) => {
          const { stdout, stderr } = error as { stdout: string; stderr: string };
          assert.fail(stdout + stderr);
        });
      }
    });

    it('which contain only what is missing, and report what differs', async () => {
      const wanted = await wish();
      await shop.sandbox.s3.send(new CreateBucketCommand({ Bucket: wanted.bucket }));
      const planned = await plan(wanted);
      for (const text of [
        cliScript(planned, false),
        cloudFormation(planned, false),
        terraform(planned, false),
      ]) {
        assert.match(text, new RegExp(`# Unchanged: Bucket ${wanted.bucket}`));
        assert.match(text, /# Differs, not changed: Lifecycle/);
        assert.doesNotMatch(text, /create-bucket|AWS::S3::Bucket|resource "aws_s3_bucket"/);
      }
      assert.match(cliScript(planned, true), /put-bucket-lifecycle-configuration/);
      assert.match(
        terraform(planned, true),
        /# Not in this template, because it changes existing resources: Lifecycle/,
      );
    });
  });

  it('works against a moto server', async function () {
    const moto = await startMoto();
    if (moto === undefined) {
      process.stderr.write('Skipped: there is no moto_server on the PATH\n');
      this.skip();
    }
    try {
      const connection = await createConnections({ log: noLog }).connect({
        endpointUrl: moto.endpoint,
        region: 'eu-west-1',
        credentials: { accessKeyId: 'AKIAMOTO', secretAccessKey: 'moto' },
      });
      const wanted = await wish({ identity: connection.identity, projectId: undefined });
      const services = await connection.setup();
      assert.deepEqual(ids(await apply(await plan(wanted, connection), false, services)), everything);
      assert.equal(stepsToTake(await plan(wanted, connection), true).length, 0);
      const found = checkSetup(await inspectSetup(connection, scopeOfWanted(wanted)));
      const judged = found.filter(({ id }) => /^(bucket|import-role|export-role)/.test(id));
      // Whether the role may be passed cannot be told where IAM does not simulate, nor the project where there is none.
      assert.deepEqual(
        judged.filter(({ status }) => status !== 'ok').map(({ id, status }) => [id, status]),
        ['import', 'export'].flatMap((kind) => [
          [`${kind}-role-source`, 'unknown'],
          [`${kind}-role-pass`, 'unknown'],
        ]),
      );
      const stranger = {
        RoleName: wanted.roles.import,
        PolicyDocument: trust('999999999999', 'arn:aws:mobiletargeting:*:*:*'),
      };
      await services.send({
        service: 'iam',
        operation: 'UpdateAssumeRolePolicy',
        input: { RoleName: stranger.RoleName, PolicyDocument: JSON.parse(stranger.PolicyDocument) as never },
      });
      const broken = checkSetup(await inspectSetup(connection, scopeOfWanted(wanted)));
      assert.equal(broken.find(({ id }) => id === 'import-role-account')?.status, 'failed');
    } finally {
      await moto.stop();
    }
  });
});
