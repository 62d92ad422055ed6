import assert from 'node:assert/strict';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  SimulatePrincipalPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  GetKeyPolicyCommand,
  KMSClient,
  PutKeyPolicyCommand,
} from '@aws-sdk/client-kms';
import { CreateAppCommand, CreateImportJobCommand } from '@aws-sdk/client-pinpoint';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { after, before, describe, it } from 'mocha';
import { clientConfig, startTestSandbox, temporaryFolder } from '../../support/sandbox.ts';
import type { TestSandbox } from '../../support/sandbox.ts';

const trust = (principal: object, condition?: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: principal,
        Action: 'sts:AssumeRole',
        ...(condition && { Condition: condition }),
      },
    ],
  });
const pinpoint = { Service: 'pinpoint.amazonaws.com' };
const allow = (Action: string | string[], Resource: string, Effect = 'Allow'): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: { Effect, Action, Resource } });

describe('IAM and KMS of the sandbox', () => {
  let folder: { path: string; remove(): Promise<void> };
  let sandbox: TestSandbox;
  let iam: IAMClient;
  let kms: KMSClient;
  let userArn = '';

  const open = async (): Promise<void> => {
    sandbox = await startTestSandbox({ dataDir: folder.path });
    iam = new IAMClient(clientConfig(sandbox));
    kms = new KMSClient(clientConfig(sandbox));
    userArn = `arn:aws:iam::${sandbox.account}:user/sandbox`;
  };

  before(async () => {
    folder = await temporaryFolder();
    await open();
  });
  after(async () => {
    await sandbox.close();
    await folder.remove();
  });

  it('starts with an import role and an export role', async () => {
    const { Roles } = await iam.send(new ListRolesCommand({}));
    assert.deepEqual(
      Roles?.map(({ RoleName }) => RoleName),
      ['PinpointExport', 'PinpointImport'],
    );
    const { Role } = await iam.send(new GetRoleCommand({ RoleName: 'PinpointImport' }));
    assert.match(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''), /pinpoint\.amazonaws\.com/);
    assert.ok(Role?.CreateDate instanceof Date);
  });

  it('creates, changes and deletes roles and their policies', async () => {
    const RoleName = 'Made+here';
    await iam.send(
      new CreateRoleCommand({ RoleName, Description: 'a & b', AssumeRolePolicyDocument: trust(pinpoint) }),
    );
    await assert.rejects(
      iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust(pinpoint) })),
      { name: 'EntityAlreadyExistsException' },
    );
    const changed = trust({ AWS: '*' });
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: changed }));
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    assert.equal(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''), changed);
    assert.equal(Role?.Description, 'a & b');

    const PolicyDocument = allow('s3:*', '*');
    await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
    const read = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'p' }));
    assert.equal(decodeURIComponent(read.PolicyDocument ?? ''), PolicyDocument);
    assert.deepEqual((await iam.send(new ListRolePoliciesCommand({ RoleName }))).PolicyNames, ['p']);

    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'own', PolicyDocument }));
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
    const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    assert.deepEqual(attached.AttachedPolicies, [{ PolicyName: 'own', PolicyArn: Policy?.Arn }]);
    const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn: Policy?.Arn, VersionId: 'v1' }));
    assert.equal(decodeURIComponent(version.PolicyVersion?.Document ?? ''), PolicyDocument);

    await assert.rejects(iam.send(new DeleteRoleCommand({ RoleName })), { name: 'DeleteConflictException' });
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: Policy?.Arn }));
    await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'p' }));
    await iam.send(new DeleteRoleCommand({ RoleName }));
    await assert.rejects(iam.send(new GetRoleCommand({ RoleName })), { name: 'NoSuchEntityException' });
  });

  it('handles names of built-in object properties', async () => {
    const RoleName = 'PinpointImport';
    const PolicyDocument = allow('s3:*', '*');
    for (const PolicyName of ['constructor', '__proto__', 'toString']) {
      await assert.rejects(iam.send(new GetRolePolicyCommand({ RoleName, PolicyName })), {
        name: 'NoSuchEntityException',
      });
      await assert.rejects(iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })), {
        name: 'NoSuchEntityException',
      });
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument }));
      const read = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName }));
      assert.equal(decodeURIComponent(read.PolicyDocument ?? ''), PolicyDocument);
      await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName }));
      await assert.rejects(iam.send(new GetRoleCommand({ RoleName: PolicyName })), {
        name: 'NoSuchEntityException',
      });
    }
  });

  it('rejects documents that IAM would reject', async () => {
    for (const document of ['{', '{}', '{"Statement":{"Effect":"Maybe"}}', allow('s3:*', '*')]) {
      await assert.rejects(
        iam.send(new CreateRoleCommand({ RoleName: 'Bad', AssumeRolePolicyDocument: document })),
        { name: 'MalformedPolicyDocumentException' },
        document,
      );
    }
    await assert.rejects(
      iam.send(
        new PutRolePolicyCommand({
          RoleName: 'PinpointImport',
          PolicyName: 'x',
          PolicyDocument: trust(pinpoint),
        }),
      ),
      { name: 'MalformedPolicyDocumentException' },
    );
  });

  it("simulates, and applies the user's policies to its caller", async () => {
    const simulate = async (): Promise<unknown> => {
      const { EvaluationResults } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: userArn,
          ActionNames: ['s3:PutObject', 'iam:PassRole'],
          ResourceArns: ['arn:aws:s3:::b/k'],
        }),
      );
      return EvaluationResults?.map(({ EvalActionName, EvalDecision }) => [EvalActionName, EvalDecision]);
    };
    assert.deepEqual(await simulate(), [
      ['s3:PutObject', 'allowed'],
      ['iam:PassRole', 'allowed'],
    ]);
    const deny = (...actions: string[]): Promise<unknown> =>
      iam.send(
        new PutUserPolicyCommand({
          UserName: 'sandbox',
          PolicyName: 'no',
          PolicyDocument: allow(actions, '*', 'Deny'),
        }),
      );
    await deny('s3:Put*');
    assert.deepEqual(await simulate(), [
      ['s3:PutObject', 'explicitDeny'],
      ['iam:PassRole', 'allowed'],
    ]);
    await deny('iam:SimulatePrincipalPolicy', 'kms:*');
    await assert.rejects(simulate(), { name: 'AccessDenied' });
    await assert.rejects(kms.send(new CreateKeyCommand({})), { name: 'AccessDeniedException' });
    await deny('nothing:AtAll');
  });

  it('applies the policies of known roles to their sessions', async () => {
    const as = async (role: string): Promise<IAMClient> => {
      const RoleArn = `arn:aws:iam::${sandbox.account}:role/${role}`;
      const { Credentials: keys } = await sandbox.sts.send(
        new AssumeRoleCommand({ RoleArn, RoleSessionName: 'somebody' }),
      );
      const credentials = {
        accessKeyId: keys!.AccessKeyId!,
        secretAccessKey: keys!.SecretAccessKey!,
        sessionToken: keys!.SessionToken!,
      };
      return new IAMClient({ ...clientConfig(sandbox), credentials });
    };
    await assert.rejects((await as('PinpointImport')).send(new ListRolesCommand({})), {
      name: 'AccessDenied',
    });
    await (await as('OnlyStsKnows')).send(new ListRolesCommand({}));
  });

  it('allows jobs with unknown roles, and applies the policies of known ones', async () => {
    const { ApplicationResponse } = await sandbox.pinpoint.send(
      new CreateAppCommand({ CreateApplicationRequest: { Name: 'roles' } }),
    );
    await sandbox.s3.send(new CreateBucketCommand({ Bucket: 'roles-here' }));
    const Body = 'ChannelType,Address\nEMAIL,a@example.com\n';
    await sandbox.s3.send(new PutObjectCommand({ Bucket: 'roles-here', Key: 'in/a.csv', Body }));
    const start = (role: string): Promise<unknown> =>
      sandbox.pinpoint.send(
        new CreateImportJobCommand({
          ApplicationId: ApplicationResponse?.Id,
          ImportJobRequest: {
            Format: 'CSV',
            RoleArn: `arn:aws:iam::${sandbox.account}:role/${role}`,
            S3Url: 's3://roles-here/in/',
          },
        }),
      );
    const policy = (RoleName: string, resource: string): Promise<unknown> =>
      iam.send(
        new PutRolePolicyCommand({
          RoleName,
          PolicyName: 'p',
          PolicyDocument: allow(['s3:GetObject', 's3:ListBucket'], resource),
        }),
      );
    await start('NobodyKnows');
    await start('PinpointImport');
    const other = { StringEquals: { 'aws:SourceAccount': '999999999999' } };
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'OtherAccount',
        AssumeRolePolicyDocument: trust(pinpoint, other),
      }),
    );
    await policy('OtherAccount', '*');
    await assert.rejects(start('OtherAccount'), /can't assume the role/);
    await iam.send(
      new UpdateAssumeRolePolicyCommand({ RoleName: 'OtherAccount', PolicyDocument: trust(pinpoint) }),
    );
    await start('OtherAccount');
    await policy('OtherAccount', 'arn:aws:s3:::another-bucket*');
    await assert.rejects(start('OtherAccount'), /Access Denied/);
    await iam.send(
      new PutUserPolicyCommand({
        UserName: 'sandbox',
        PolicyName: 'no',
        PolicyDocument: allow('iam:PassRole', '*', 'Deny'),
      }),
    );
    await assert.rejects(start('PinpointImport'), { name: 'AccessDeniedException' });
  });

  it('keeps keys with their policies, and everything across a restart', async () => {
    const made = await kms.send(new CreateKeyCommand({ Description: 'staging' }));
    const KeyId = made.KeyMetadata?.KeyId;
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' },
    });
    await kms.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    await kms.send(new DisableKeyCommand({ KeyId }));
    await sandbox.close();
    await open();
    const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId: made.KeyMetadata?.Arn }));
    assert.deepEqual(
      [key?.KeyId, key?.Enabled, key?.KeyState, key?.KeyManager],
      [KeyId, false, 'Disabled', 'CUSTOMER'],
    );
    assert.ok(key?.CreationDate instanceof Date);
    assert.equal((await kms.send(new GetKeyPolicyCommand({ KeyId }))).Policy, Policy);
    await assert.rejects(kms.send(new DescribeKeyCommand({ KeyId: 'alias/none' })), {
      name: 'NotFoundException',
    });
    await iam.send(new GetRoleCommand({ RoleName: 'OtherAccount' }));
  });
});
