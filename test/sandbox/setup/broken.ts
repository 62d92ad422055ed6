import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
} from '@aws-sdk/client-s3';
import type { Connection } from '../../../src/aws/connection/connection.ts';
import type { SetupScope } from '../../../src/jobs/setup/setupFacts.ts';
import { clientConfig, startTestSandbox } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { connectTo } from '../aws/connected.ts';

/** A sandbox with a setup that is in order, and the means to break it. */
export interface Workshop {
  readonly sandbox: TestSandbox;
  readonly iam: IAMClient;
  readonly kms: KMSClient;
  readonly connection: Connection;
  /** A setup of its own: a bucket, an import role and an export role, all as they should be. */
  fresh(): Promise<SetupScope>;
  /** What the sandbox's user is denied, instead of what it was denied before. */
  deny(...actions: string[]): Promise<unknown>;
  denyOn(resource: string, ...actions: string[]): Promise<unknown>;
  close(): Promise<void>;
}

export const document = (...Statement: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement });

/** A trust policy as the Developer guide has it, with some of it changed. */
export function trust(account: string, source: string, change: object = {}): string {
  return document({
    Effect: 'Allow',
    Principal: { Service: 'pinpoint.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': source } },
    ...change,
  });
}

export async function openWorkshop(): Promise<Workshop> {
  const sandbox = await startTestSandbox({ sample: true });
  const iam = new IAMClient(clientConfig(sandbox));
  const connection = await connectTo(sandbox);
  const [project] = (await connection.audience.listProjects({})).items;
  let count = 0;
  const deny = (Resource: string, actions: readonly string[]): Promise<unknown> =>
    iam.send(
      new PutUserPolicyCommand({
        UserName: 'sandbox',
        PolicyName: 'Denied',
        PolicyDocument: document({
          Effect: 'Deny',
          Action: actions.length === 0 ? ['nothing:AtAll'] : actions,
          Resource,
        }),
      }),
    );
  return {
    sandbox,
    iam,
    kms: new KMSClient(clientConfig(sandbox)),
    connection,
    async fresh() {
      const bucket = `setup-${++count}`;
      const prefix = 'staged/';
      await sandbox.s3.send(new CreateBucketCommand({ Bucket: bucket }));
      await sandbox.s3.send(
        new PutBucketEncryptionCommand({
          Bucket: bucket,
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
          },
        }),
      );
      await setLifecycle(sandbox, bucket, {});
      const role = async (kind: 'Import' | 'Export'): Promise<string> => {
        const RoleName = `${kind}${count}`;
        const { Role } = await iam.send(
          new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(sandbox.account, project!.arn) }),
        );
        await iam.send(
          new PutRolePolicyCommand({
            RoleName,
            PolicyName: 'Staging',
            PolicyDocument: permissions(kind, bucket),
          }),
        );
        return Role!.Arn!;
      };
      return {
        identity: connection.identity,
        projectId: project!.id,
        bucket,
        prefix,
        kmsKeyId: '',
        roles: { import: await role('Import'), export: await role('Export') },
      };
    },
    deny: (...actions) => deny('*', actions),
    denyOn: (resource, ...actions) => deny(resource, actions),
    close: () => sandbox.close(),
  };
}

/** The policy of a role, without the actions that are left out. */
export function permissions(kind: 'Import' | 'Export', bucket: string, ...without: string[]): string {
  const may = (...actions: string[]): string[] => actions.filter((action) => !without.includes(action));
  const here = [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/staged/*`];
  const allow = (Action: string[], Resource: string[]): object => ({ Effect: 'Allow', Action, Resource });
  return kind === 'Import'
    ? document(allow(may('s3:GetObject', 's3:ListBucket'), here))
    : document(
        allow(may('s3:PutObject', 's3:GetBucketLocation'), here),
        allow(may('s3:ListAllMyBuckets', 's3:GetAccountPublicAccessBlock'), ['*']),
      );
}

/** One rule for what is staged, some of it changed; `undefined` takes a member away. */
export async function setLifecycle(
  { s3 }: Pick<TestSandbox, 's3'>,
  Bucket: string,
  change: Readonly<Record<string, unknown>>,
): Promise<void> {
  const rule = {
    ID: 'staged',
    Status: 'Enabled' as const,
    Filter: { Prefix: 'staged/' },
    Expiration: { Days: 7 },
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
    ...change,
  };
  await s3.send(
    new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }),
  );
}

export const attachAdministrator = (iam: IAMClient, RoleName: string): Promise<unknown> =>
  iam.send(
    new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
  );

export const removePolicy = (iam: IAMClient, RoleName: string): Promise<unknown> =>
  iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'Staging' }));
