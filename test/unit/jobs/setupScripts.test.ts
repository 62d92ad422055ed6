import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import type { PolicyDocument } from '../../../src/aws/iam/policy.ts';
import type { SetupCall } from '../../../src/aws/iam/setupServices.ts';
import { cliScript, cloudFormation, terraform } from '../../../src/jobs/setup/setupScripts.ts';
import type { PlanStep, SetupPlan } from '../../../src/jobs/setup/setupPlan.ts';
import { planSetup } from '../../../src/jobs/setup/setupPlan.ts';
import { legible } from '../../../src/legible.ts';
import { installOnDebian } from '../../../tools/debian.ts';
import { withTemporaryFolder } from '../../support/environment.ts';
import type { HclBody } from '../../support/hclText.ts';
import { readHcl } from '../../support/hclText.ts';

const run = promisify(execFile);
type Wanted = SetupPlan['wanted'];
const seed = 20_261_130;

/** What a shell, YAML, HCL, or an editor's eye makes something of. */
const nasty = [
  '\n', '\r\n', '\r', '\t', '\0', '\x1b[2J', '\x7f', '\x85', '\u2028', '\u2029', '\u202e', '\ufeff', '\ud800', '😀',
  "'", '"', '\\', '\\f', '\\b', '\b', '\f', '`', '$', '$(touch ran)', '`touch ran`', '${path}', '%{ if x }', '$${', '%', '!', '#', ';touch ran;',
  '&', '|', '*', '?', '~', '<', '>', '(', ')', '{', '}', '[', ']', '- ', ': ', '? ', '! ', '&a', '*a', '---', '...', '<<EOF', 'EOF',
  'null', 'yes', 'on', 'Null', '0x1', '1e3', '-rf', '--profile', 'file:///etc/passwd', '*/', '/*', '//', "'; touch ran; '", ' ',
]; // prettier-ignore

const text = fc
  .array(fc.oneof(fc.constantFrom(...nasty), fc.string({ unit: 'grapheme', maxLength: 6 })), { maxLength: 5 })
  .map((parts) => parts.join(''));
/** For what the command line takes as it is: it has no room for a NUL, and writes UTF-8. */
const argument = text.map((value) => `x${asArgument(value)}`);
const list = fc.array(text, { maxLength: 3 });
const policy = fc
  .record({
    Sid: text,
    Effect: fc.constantFrom('Allow', 'Deny'),
    Action: fc.oneof(text, list),
    Resource: fc.oneof(text, list),
    Condition: fc.dictionary(
      fc.constantFrom('StringLike', 'Null', 'Bool'),
      fc.dictionary(
        text.filter((name) => name !== '__proto__'),
        fc.oneof(text, list),
        { maxKeys: 2 },
      ),
      { maxKeys: 2 },
    ),
  })
  .map((statement) => {
    const document = { Version: '2012-10-17', Statement: [statement] };
    // As it came from a service: plain objects.
    return JSON.parse(JSON.stringify(document)) as PolicyDocument;
  });

const plans = fc
  .record({
    account: text,
    region: text,
    bucket: argument,
    prefix: text,
    key: text,
    rule: text,
    roles: fc.tuple(argument, argument).filter(([one, other]) => one !== other),
    description: argument,
    policyName: argument,
    documents: fc.tuple(policy, policy, policy),
    title: text,
    says: text,
    isBucketNew: fc.boolean(),
    isRoleNew: fc.boolean(),
  })
  .map((from): SetupPlan => {
    const [importRole, exportRole] = from.roles;
    const calls: SetupCall[] = [
      {
        service: 's3',
        operation: 'CreateBucket',
        input: { Bucket: from.bucket, CreateBucketConfiguration: { LocationConstraint: from.region } },
      },
      {
        service: 's3',
        operation: 'PutBucketEncryption',
        input: {
          Bucket: from.bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [
              { ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: from.key } },
            ],
          },
        },
      },
      {
        service: 's3',
        operation: 'PutBucketLifecycleConfiguration',
        input: {
          Bucket: from.bucket,
          LifecycleConfiguration: {
            Rules: [
              {
                ID: from.rule,
                Status: 'Enabled',
                Filter: { Prefix: from.prefix },
                Expiration: { Days: 7 },
                AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
              },
            ],
          },
        },
      },
      ...[importRole, exportRole].flatMap((RoleName, index): SetupCall[] => [
        {
          service: 'iam',
          operation: 'CreateRole',
          input: {
            RoleName,
            Description: from.description,
            AssumeRolePolicyDocument: from.documents[index]!,
          },
        },
        {
          service: 'iam',
          operation: 'PutRolePolicy',
          input: { RoleName, PolicyName: from.policyName, PolicyDocument: from.documents[2] },
        },
      ]),
    ];
    const taken = calls.filter(
      ({ operation }) =>
        (from.isBucketNew || operation !== 'CreateBucket') && (from.isRoleNew || operation !== 'CreateRole'),
    );
    const step = (call?: SetupCall): PlanStep => ({
      id: 'bucket',
      title: from.title,
      action: call === undefined ? 'none' : 'create',
      summary: from.says,
      fixes: [],
      ...(call !== undefined && { call }),
    });
    const identity = { account: from.account, region: from.region, arn: 'arn:aws:iam::123456789012:user/me' };
    return {
      wanted: {
        identity: { ...identity, account: asArgument(identity.account), region: asArgument(identity.region) },
        bucket: from.bucket,
        prefix: from.prefix,
        kmsKeyId: from.key,
        projectId: undefined,
        roles: { import: importRole, export: exportRole },
      },
      steps: [step(), ...taken.map(step)],
      roleArns: { import: '', export: '' },
    };
  });

function asArgument(value: string): string {
  return Buffer.from(value.replaceAll('\0', '')).toString();
}

function callsOf({ steps }: SetupPlan): readonly SetupCall[] {
  return steps.flatMap(({ call }) => call ?? []);
}

/** The flags of the AWS CLI for the members of our calls (AWS CLI reference, s3api and iam). */
const flags: Readonly<Record<string, string>> = {
  Bucket: '--bucket',
  CreateBucketConfiguration: '--create-bucket-configuration',
  ServerSideEncryptionConfiguration: '--server-side-encryption-configuration',
  LifecycleConfiguration: '--lifecycle-configuration',
  RoleName: '--role-name',
  Description: '--description',
  AssumeRolePolicyDocument: '--assume-role-policy-document',
  PolicyName: '--policy-name',
  PolicyDocument: '--policy-document',
};
const operations: Readonly<Record<string, string>> = {
  CreateBucket: 'create-bucket',
  PutBucketEncryption: 'put-bucket-encryption',
  PutBucketLifecycleConfiguration: 'put-bucket-lifecycle-configuration',
  CreateRole: 'create-role',
  PutRolePolicy: 'put-role-policy',
};

/** An `aws` that writes down what it was called with, and says that nothing exists. */
const stub = `#!/usr/bin/env bash
{ printf '%s\\0' "$#" "$@"; } >> "$STUB_CALLS"
case "$2" in
  get-caller-identity) printf '%s' "$STUB_ACCOUNT" ;;
  head-bucket|get-role) exit 1 ;;
esac
`;

/** Runs a script with that `aws`; returns the arguments of each call that changes something. */
async function runScript(folder: string, script: string, account: string): Promise<string[][]> {
  const calls = join(folder, 'calls');
  await writeFile(calls, '');
  await writeFile(join(folder, 'script.sh'), script);
  await run('bash', ['-n', join(folder, 'script.sh')]);
  await run('bash', [join(folder, 'script.sh')], {
    cwd: folder,
    env: {
      PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      STUB_CALLS: calls,
      STUB_ACCOUNT: account,
    },
  });
  const words = (await readFile(calls, 'utf8')).split('\0').slice(0, -1);
  const made: string[][] = [];
  for (let at = 0; at < words.length;) {
    const count = Number(words[at]);
    made.push(words.slice(at + 1, at + 1 + count));
    at += 1 + count;
  }
  return made.filter(([, operation]) => Object.values(operations).includes(operation!));
}

/** A call as the AWS CLI understands its arguments. */
function readArguments([service, operation, ...rest]: readonly string[]): unknown {
  const input: Record<string, unknown> = {};
  const members = new Map(Object.entries(flags).map(([name, flag]) => [flag, name]));
  for (let at = 0; at < rest.length; at += 1) {
    const [flag = '', inline] = rest[at]!.split(/=(.*)/s, 2);
    const value = inline ?? rest[(at += 1)]!;
    assert.ok(inline !== undefined || !value.startsWith('-'), `another flag: ${value}`);
    const name = members.get(flag);
    assert.ok(name, `no flag of ours: ${flag}`);
    input[name] = /(?:Configuration|Document)$/.test(name) ? JSON.parse(value) : value;
  }
  return { service, operation, input };
}

describe('Setup scripts', function () {
  const numRuns = Number(process.env['FUZZ_RUNS'] ?? 25);

  it("for the AWS CLI call it with exactly the plan's arguments, whatever they contain", async function () {
    if (process.platform === 'win32') this.skip();
    await withTemporaryFolder(async (folder) => {
      await run('mkdir', [join(folder, 'bin')]);
      await writeFile(join(folder, 'bin', 'aws'), stub, { mode: 0o755 });
      await fc.assert(
        fc.asyncProperty(plans, async (plan) => {
          const account = plan.wanted.identity.account.replace(/\n+$/, '');
          const script = cliScript(
            { ...plan, wanted: { ...plan.wanted, identity: { ...plan.wanted.identity, account } } },
            false,
          );
          assert.deepEqual(script.split('\n').map(legible), script.split('\n'));
          const made = (await runScript(folder, script, account)).map(readArguments);
          const wanted = callsOf(plan).map(({ service, operation, input }) => ({
            service: service === 's3' ? 's3api' : service,
            operation: operations[operation],
            input,
          }));
          assert.deepEqual(made, JSON.parse(JSON.stringify(wanted)));
          await assert.rejects(readFile(join(folder, 'ran')), 'nothing else was run');
        }),
        { seed, numRuns },
      );
    });
  });

  it('for the AWS CLI pass shellcheck', async function () {
    let program = await findShellcheck();
    if (program === undefined) {
      await installOnDebian('shellcheck');
      program = await findShellcheck();
    }
    if (program === undefined) {
      process.stderr.write('Skipped: there is no shellcheck on the PATH\n');
      this.skip();
    }
    await withTemporaryFolder(async (folder) => {
      const files: string[] = [];
      for (const [index, plan] of fc.sample(plans, { seed, numRuns: 20 }).entries()) {
        files.push(join(folder, `${index}.sh`));
        await writeFile(files.at(-1)!, cliScript(plan, false));
      }
      // Dollars and backslashes in single quotes are meant.
      const { stdout } = await run('shellcheck', [
        '--exclude=SC2016,SC1003',
        '--severity=style',
        ...files,
      ]).catch((error: unknown) => error as { stdout: string });
      assert.equal(stdout, '');
    });
  });

  it("for CloudFormation contain the plan's resources for readers of YAML 1.1 and 1.2", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const template = cloudFormation(plan, false);
        for (const version of ['1.1', '1.2'] as const) {
          const { Resources } = parse(template, { version, strict: true }) as {
            Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
          };
          const expected = new Map<string, unknown>();
          for (const { operation, input } of callsOf(plan)) {
            const role =
              'RoleName' in input && input.RoleName === plan.wanted.roles.import ? 'Import' : 'Export';
            if (operation === 'CreateRole') expected.set(`${role}Role`, input);
            if (operation === 'PutRolePolicy') {
              const isHere = expected.has(`${role}Role`);
              const RoleName = isHere ? { Ref: `${role}Role` } : input.RoleName;
              expected.set(`${role}RolePolicy`, { ...input, RoleName });
            }
            if (operation === 'CreateBucket') expected.set('StagingBucket', input.Bucket);
          }
          assert.deepEqual(Object.keys(Resources), [...expected.keys()].sort(bucketFirst));
          for (const [name, { Properties }] of Object.entries(Resources)) {
            const found = name === 'StagingBucket' ? Properties['BucketName'] : Properties;
            assert.deepEqual(found, expected.get(name));
          }
        }
        assert.deepEqual(template.split('\n').map(legible), template.split('\n'));
      }),
      { seed, numRuns: numRuns * 2 },
    );
  });

  it("for Terraform contain the plan's resources, without interpolation in strings", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const file = terraform(plan, false);
        assert.deepEqual(file.split('\n').map(legible), file.split('\n'));
        const resources = new Map(
          readHcl(file).flatMap(({ type, labels, body }): [string, HclBody][] =>
            type === 'resource' ? [[labels.join('.'), body]] : [],
          ),
        );
        const of = (name: string): Readonly<Record<string, unknown>> => resources.get(name)!.values;
        for (const { operation, input } of callsOf(plan)) {
          const role =
            'RoleName' in input && input.RoleName === plan.wanted.roles.import ? 'import' : 'export';
          if (operation === 'CreateBucket') {
            assert.equal(of('aws_s3_bucket.staging')['bucket'], input.Bucket);
          } else if (operation === 'CreateRole') {
            assert.deepEqual(of(`aws_iam_role.${role}`), {
              name: input.RoleName,
              description: input.Description,
              assume_role_policy: input.AssumeRolePolicyDocument,
            });
          } else if (operation === 'PutRolePolicy') {
            const { name, policy: document } = of(`aws_iam_role_policy.${role}`);
            assert.deepEqual([name, document], [input.PolicyName, input.PolicyDocument]);
          } else if (
            operation === 'PutBucketLifecycleConfiguration' &&
            resources.has('aws_s3_bucket.staging')
          ) {
            const { blocks } = resources.get('aws_s3_bucket_lifecycle_configuration.staging')!;
            const [rule] = input.LifecycleConfiguration.Rules;
            assert.equal(blocks[0]!.body.values['id'], rule!.ID);
            assert.equal(blocks[0]!.body.blocks[0]!.body.values['prefix'], rule!.Filter!.Prefix);
          }
        }
      }),
      { seed, numRuns: numRuns * 2 },
    );
  });

  it('accept only names that AWS allows', () => {
    const wanted: Wanted = {
      identity: { account: '123456789012', region: 'us-east-1', arn: 'arn:aws:iam::123456789012:user/me' },
      bucket: 'staging-bucket',
      prefix: 'audience/',
      kmsKeyId: '',
      projectId: undefined,
      roles: { import: 'PinpointImport', export: 'PinpointExport' },
    };
    const refused: Partial<Wanted>[] = [
      { prefix: '' },
      { prefix: 'a\nrm -rf ~/' },
      { prefix: 'a\u202e/' },
      { prefix: '*' },
      { prefix: 'team?/' },
      { prefix: '${aws:username}/' },
      { prefix: '{{resolve:secretsmanager:a}}/' },
      { prefix: `${'x'.repeat(1000)}/` },
      { bucket: 'a$(id)' },
      { kmsKeyId: "alias/x'\n" },
      { projectId: '$(id)' },
      { roles: { import: 'a b', export: 'PinpointExport' } },
      { roles: { import: 'PinpointImport', export: 'x\n' } },
    ];
    for (const change of refused) {
      assert.throws(
        () => planSetup({ ...wanted, ...change }, undefined as never, new Set()),
        { name: 'AudienceError', code: 'bad-input' },
        JSON.stringify(change),
      );
    }
  });
});

function bucketFirst(one: string, other: string): number {
  const rank = (name: string): number => (name === 'StagingBucket' ? 0 : name.endsWith('Policy') ? 2 : 1);
  return rank(one) - rank(other);
}

async function findShellcheck(): Promise<string | undefined> {
  return run('shellcheck', ['--version']).then(
    () => 'shellcheck',
    () => undefined,
  );
}
