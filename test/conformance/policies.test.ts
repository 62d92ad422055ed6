import assert from 'node:assert/strict';
import type { ListRolesCommandOutput } from '@aws-sdk/client-iam';
import {
  CreatePolicyCommand,
  CreateRoleCommand,
  DeletePolicyCommand,
  GetPolicyCommand,
  GetRoleCommand,
  IAMClient,
  ListRolesCommand,
  SimulatePrincipalPolicyCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import type { CreateKeyCommandInput } from '@aws-sdk/client-kms';
import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  KMSClient,
  ListKeysCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { after, before, describe, it } from 'mocha';
import { clientConfig, startTestSandbox } from '../support/sandbox.ts';
import type { TestSandbox } from '../support/sandbox.ts';

/*
 * Policies as IAM takes, refuses and evaluates them (IAM user guide, reference_policies_elements and _grammar). The invalid documents
 * are kinds of those of moto (tests/test_iam/test_iam_policies.py, test_create_policy_with_invalid_policy_document).
 */

const statement = { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::example_bucket' };
const trusting = {
  Effect: 'Allow',
  Principal: { Service: 'pinpoint.amazonaws.com' },
  Action: 'sts:AssumeRole',
};
const of = (...Statement: unknown[]): object => ({ Version: '2012-10-17', Statement });
const without = (name: string): object =>
  Object.fromEntries(Object.entries(statement).filter(([key]) => key !== name));

describe('Conformance: policies', () => {
  let sandbox: TestSandbox;
  let iam: IAMClient;
  let kms: KMSClient;
  let number = 0;
  before(async () => {
    sandbox = await startTestSandbox();
    iam = new IAMClient(clientConfig(sandbox));
    kms = new KMSClient(clientConfig(sandbox));
  });
  after(async () => {
    iam.destroy();
    kms.destroy();
    await sandbox.close();
  });
  const text = (document: unknown): string =>
    typeof document === 'string' ? document : JSON.stringify(document);
  const create = (document: unknown, PolicyName = `policy-${(number += 1)}`) =>
    iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: text(document) }));
  const createRole = (document: unknown, RoleName = `role-${(number += 1)}`) =>
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: text(document) }));

  const invalid: readonly (readonly [what: string, document: unknown])[] = [
    ['no JSON', 'This is not a json document'],
    ['a list', []],
    ['a string', '"policy"'],
    ['no statement', { Version: '2012-10-17' }],
    ['no statements', of()],
    ['a statement that is a string', { Version: '2012-10-17', Statement: 'x' }],
    ['a statement that is a list', of([statement])],
    ['a statement that is null', of(null)],
    ['an unknown element', { ...of(statement), Extra: 1 }],
    ['an element in another case', { version: '2012-10-17', Statement: [statement] }],
    ['an unknown version', { Version: '2012-10-18', Statement: [statement] }],
    ['a version that is a number', { Version: 20121017, Statement: [statement] }],
    ['an Id that is a list', { ...of(statement), Id: ['x'] }],
    ['an unknown member', of({ ...statement, Extra: 1 })],
    ['a member in another case', of({ ...statement, effect: 'Allow' })],
    ['no effect', of(without('Effect'))],
    ['an unknown effect', of({ ...statement, Effect: 'Maybe' })],
    ['an effect in another case', of({ ...statement, Effect: 'allow' })],
    [
      'an effect twice',
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}]}',
    ],
    [
      'an effect twice, once escaped',
      '{"Statement":[{"Effect":"Deny","\\u0045ffect":"Allow","Action":"*","Resource":"*"}]}',
    ],
    ['an effect that is a list', of({ ...statement, Effect: ['Allow'] })],
    ['no action', of(without('Action'))],
    ['no actions', of({ ...statement, Action: [] })],
    ['an action and none', of({ ...statement, NotAction: 's3:GetObject' })],
    ['an action that is null', of({ ...statement, Action: null })],
    ['an action that is a number', of({ ...statement, Action: 1 })],
    ['an action that is a map', of({ ...statement, Action: {} })],
    ['an action without a vendor', of({ ...statement, Action: 'invalid' })],
    ['an action with an empty vendor', of({ ...statement, Action: ':ListBucket' })],
    ['an action with a wildcard in its vendor', of({ ...statement, Action: 's*:ListBucket' })],
    ['an action with a space in its vendor', of({ ...statement, Action: 'invalid s3:ListBucket' })],
    ['an action with two colons', of({ ...statement, Action: 's3:ListBucket:more' })],
    ['an action with an empty name', of({ ...statement, Action: 's3:' })],
    ['one wrong action of two', of({ ...statement, Action: ['s3:ListBucket', 'invalid'] })],
    ['no resource', of(without('Resource'))],
    ['no resources', of({ ...statement, Resource: [] })],
    ['a resource and none', of({ ...statement, NotResource: '*' })],
    ['a resource that is no ARN', of({ ...statement, Resource: 'invalid resource' })],
    ['a resource that is a number', of({ ...statement, Resource: 1 })],
    ['a resource that is a map', of({ ...statement, Resource: { a: 'arn:aws:s3:::example_bucket' } })],
    ['a resource with too few parts', of({ ...statement, Resource: 'arn:aws:s3' })],
    ['a resource of no partition', of({ ...statement, Resource: 'arn:invalid:s3:::example_bucket' })],
    ['a resource without a partition', of({ ...statement, Resource: 'arn::s3:::example_bucket' })],
    ['a resource without a vendor', of({ ...statement, Resource: 'arn:aws::::example_bucket' })],
    [
      'a resource with a wildcard in its vendor',
      of({ ...statement, Resource: 'arn:aws:s*:::example_bucket' }),
    ],
    ['a bucket with a region', of({ ...statement, Resource: 'arn:aws:s3:us-east-1::example_bucket' })],
    ['a bucket with an account', of({ ...statement, Resource: 'arn:aws:s3::123456789012:example_bucket' })],
    ['a user with a region', of({ ...statement, Resource: 'arn:aws:iam:us-east-1:123456789012:user/x' })],
    ['an identity of no kind', of({ ...statement, Resource: 'arn:aws:iam::123456789012:nothing' })],
    ['one wrong resource of two', of({ ...statement, Resource: ['*', 'invalid'] })],
    ['a Sid with a space', of({ ...statement, Sid: 'sdf asdf' })],
    ['a Sid with a dash', of({ ...statement, Sid: 'a-b' })],
    ['a Sid that is a list', of({ ...statement, Sid: [] })],
    ['a Sid twice', of({ ...statement, Sid: 'a' }, { ...statement, Sid: 'a' })],
    ['a principal', of({ ...statement, Principal: '*' })],
    ['a NotPrincipal', of({ ...statement, NotPrincipal: { AWS: '*' } })],
    ['a condition that is a list', of({ ...statement, Condition: [] })],
    ['a condition that is a string', of({ ...statement, Condition: 'a' })],
    ['an unknown operator', of({ ...statement, Condition: { UnknownCondition: { 'a:b': 'c' } } })],
    ['an unknown operator without keys', of({ ...statement, Condition: { StringUnlike: {} } })],
    ['an operator in another case', of({ ...statement, Condition: { stringequals: { 'a:b': 'c' } } })],
    ['an unknown set', of({ ...statement, Condition: { 'ForSomeValues:StringEquals': { 'a:b': 'c' } } })],
    ['Null if it exists', of({ ...statement, Condition: { NullIfExists: { 'a:b': 'true' } } })],
    ['keys that are a list', of({ ...statement, Condition: { StringEquals: [] } })],
    ['keys that are a string', of({ ...statement, Condition: { StringEquals: 'a' } })],
    ['a key without a vendor', of({ ...statement, Condition: { StringEquals: { a: 'b' } } })],
    ['a value that is a map', of({ ...statement, Condition: { StringEquals: { 'a:b': {} } } })],
    ['a value that is null', of({ ...statement, Condition: { StringEquals: { 'a:b': null } } })],
    [
      'a number that is none',
      of({ ...statement, Condition: { NumericLessThan: { 's3:max-keys': 'many' } } }),
    ],
    [
      'a date that is none',
      of({ ...statement, Condition: { DateGreaterThan: { 'aws:CurrentTime': 'sdfsdf' } } }),
    ],
    ['a boolean that is none', of({ ...statement, Condition: { Bool: { 'aws:SecureTransport': 'maybe' } } })],
    [
      'an address that is none',
      of({ ...statement, Condition: { IpAddress: { 'aws:SourceIp': '300.0.0.1' } } }),
    ],
    [
      'a range that is none',
      of({ ...statement, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/33' } } }),
    ],
    ['an ARN that is none', of({ ...statement, Condition: { ArnLike: { 'aws:SourceArn': 'nothing' } } })],
  ];
  for (const [what, document] of invalid) {
    it(`are refused with ${what} [moto test_create_policy_with_invalid_policy_document]`, async () => {
      await assert.rejects(create(document), { name: 'MalformedPolicyDocumentException' });
    });
  }

  const invalidTrust: readonly (readonly [what: string, document: unknown])[] = [
    ['no principal', of({ Effect: 'Allow', Action: 'sts:AssumeRole' })],
    ['a resource', of({ ...trusting, Resource: '*' })],
    ['another action', of({ ...trusting, Action: 's3:GetObject' })],
    ['every action', of({ ...trusting, Action: '*' })],
    ['a principal of no kind', of({ ...trusting, Principal: { Everybody: '*' } })],
    ['a service that is none', of({ ...trusting, Principal: { Service: 'pinpoint' } })],
    ['an account of 11 digits', of({ ...trusting, Principal: { AWS: '12345678901' } })],
    ['a condition without a key', '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"pinpoint.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{"ArnLike":{"arn:aws:mobiletargeting:r:1:apps/a"}}}]}'],
  ]; // prettier-ignore
  for (const [what, document] of invalidTrust) {
    it(`of trust are refused with ${what} [facts D17, 3.6]`, async () => {
      await assert.rejects(createRole(document), { name: 'MalformedPolicyDocumentException' });
    });
  }

  const valid: readonly (readonly [what: string, document: unknown])[] = [
    ['one statement', { Version: '2012-10-17', Statement: statement }],
    ['the older version', { Version: '2008-10-17', Statement: [statement] }],
    ['no version', { Statement: [statement] }],
    ['an Id', { ...of(statement), Id: 'x' }],
    ['a value that looks like members', of({ ...statement, Condition: { StringEquals: { 'a:b': '"a":1,"a":{' } } }, statement)],
    ['a Sid', of({ ...statement, Sid: 'abc123' })],
    ['lists', of({ ...statement, Action: ['s3:Get*', 's3:List?ucket'], Resource: ['*', 'arn:aws:s3:::a/*'] })],
    ['NotAction and NotResource', of({ Effect: 'Deny', NotAction: 's3:*', NotResource: 'arn:aws:s3:::a' })],
    ['every kind of condition', of({ ...statement, Condition: { StringLikeIfExists: { 's3:prefix': ['a', 'b/*'] }, NumericEquals: { 's3:max-keys': 10 }, DateLessThan: { 'aws:EpochTime': '1700000000' }, Bool: { 'aws:SecureTransport': true }, IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '2001:db8::/32'] }, Null: { 'aws:TokenIssueTime': 'true' }, 'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['a'] } } })],
    ['a policy variable', of({ ...statement, Resource: 'arn:aws:s3:::a/${aws:username}/*' })],
  ]; // prettier-ignore
  for (const [what, document] of valid) {
    it(`are taken with ${what} [moto test_create_policy_with_valid_policy_document]`, async () => {
      await create(document);
    });
  }

  it('have one name [moto test_create_policy_already_exists]', async () => {
    const { Policy } = await create(of(statement), 'once');
    for (const name of ['once', 'ONCE'])
      await assert.rejects(create(of(statement), name), { name: 'EntityAlreadyExistsException' });
    for (const member of ['PolicyId', 'Arn', 'Path', 'DefaultVersionId', 'AttachmentCount', 'CreateDate', 'UpdateDate'] as const)
      assert.ok(Policy?.[member] !== undefined, member);
    assert.equal((await iam.send(new GetPolicyCommand({ PolicyArn: Policy?.Arn }))).Policy?.PolicyName, 'once');
    await iam.send(new DeletePolicyCommand({ PolicyArn: Policy?.Arn }));
    await create(of(statement), 'once');
  }); // prettier-ignore

  it('of roles have one name [moto test_create_role_with_same_name_should_fail]', async () => {
    const { Role } = await createRole(of(trusting), 'once');
    await assert.rejects(createRole(of(trusting), 'once'), { name: 'EntityAlreadyExistsException' });
    for (const member of [
      'Path',
      'RoleName',
      'RoleId',
      'Arn',
      'CreateDate',
      'AssumeRolePolicyDocument',
    ] as const)
      assert.ok(Role?.[member] !== undefined, member);
    assert.equal((await iam.send(new GetRoleCommand({ RoleName: 'once' }))).Role?.MaxSessionDuration, 3600);
  });

  const unsupported: readonly (readonly [what: string, more: object])[] = [
    ['a permissions boundary', { PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess' }],
    ['tags', { Tags: [{ Key: 'a', Value: 'b' }] }],
    ['another session duration', { MaxSessionDuration: 7200 }],
    ['a path that is none', { Path: 'a/b' }],
  ];
  for (const [what, more] of unsupported) {
    it(`of roles aren't made with ${what}, which would have no effect [IAM API reference, CreateRole]`, async () => {
      const RoleName = `role-${(number += 1)}`;
      const AssumeRolePolicyDocument = text(of(trusting));
      await assert.rejects(iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument, ...more })), {
        name: 'ValidationError',
      });
      await assert.rejects(iam.send(new GetRoleCommand({ RoleName })), { name: 'NoSuchEntityException' });
    });
  }

  it("aren't simulated with documents that would be ignored [IAM API reference, SimulatePrincipalPolicy]", async () => {
    const { Role } = await createRole(of(trusting));
    const request = { PolicySourceArn: Role!.Arn!, ActionNames: ['s3:GetObject'] };
    const PolicyInputList = [text(of(statement))];
    await assert.rejects(iam.send(new SimulatePrincipalPolicyCommand({ ...request, PolicyInputList })), {
      name: 'ValidationError',
    });
  });

  it('of roles are named as IAM allows [IAM API reference, PutRolePolicy]', async () => {
    const { Role } = await createRole(of(trusting));
    const PolicyDocument = text(of(statement));
    const request = { RoleName: Role!.RoleName, PolicyName: 'a b', PolicyDocument };
    await assert.rejects(iam.send(new PutRolePolicyCommand(request)), { name: 'ValidationError' });
  });

  for (const [Version, expected] of [
    ['2012-10-17', 'allowed'],
    ['2008-10-17', 'implicitDeny'],
    [undefined, 'implicitDeny'],
  ] as const) {
    it(`of version ${Version ?? 'none'}: a variable decides ${expected} [IAM user guide, reference_policies_variables]`, async () => {
      const { Role } = await createRole(of(trusting));
      const [RoleName, PolicySourceArn] = [Role!.RoleName!, Role!.Arn!];
      const PolicyDocument = text({
        Version,
        Statement: { ...statement, Resource: 'arn:aws:s3:::${aws:key}' },
      });
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
      const { EvaluationResults } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn,
          ActionNames: ['s3:ListBucket'],
          ResourceArns: ['arn:aws:s3:::k'],
          ContextEntries: [{ ContextKeyName: 'aws:key', ContextKeyType: 'string', ContextKeyValues: ['k'] }],
        }),
      );
      assert.equal(EvaluationResults?.[0]?.EvalDecision, expected);
    });
  }

  it('of roles are listed by path, in pages [IAM API reference, ListRoles]', async () => {
    const AssumeRolePolicyDocument = text(of(trusting));
    for (const RoleName of ['p1', 'p2', 'p3'])
      await iam.send(new CreateRoleCommand({ RoleName, Path: '/paged/', AssumeRolePolicyDocument }));
    const pages: string[] = [];
    let Marker: string | undefined;
    do {
      const page: ListRolesCommandOutput = await iam.send(
        new ListRolesCommand({ PathPrefix: '/paged/', MaxItems: 2, ...(Marker !== undefined && { Marker }) }),
      );
      pages.push(page.Roles!.map(({ RoleName }) => RoleName).join());
      Marker = page.Marker;
    } while (Marker !== undefined);
    assert.deepEqual(pages, ['p1,p2', 'p3']);
  });

  const otherKeys: readonly CreateKeyCommandInput[] = [
    { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' },
    { Origin: 'EXTERNAL' },
    { MultiRegion: true },
    { Tags: [{ TagKey: 'a', TagValue: 'b' }] },
  ];
  for (const more of otherKeys) {
    it(`of KMS aren't made for ${JSON.stringify(more)} [KMS API reference, CreateKey]`, async () => {
      await assert.rejects(kms.send(new CreateKeyCommand(more)), { name: 'UnsupportedOperationException' });
    });
  }

  it('of KMS must not lock their author out of a new key [KMS API reference, CreateKey]', async () => {
    const Principal = { AWS: 'arn:aws:iam::123456789012:role/PinpointImport' };
    const Policy = text(of({ Effect: 'Allow', Principal, Action: 'kms:*', Resource: '*' }));
    await assert.rejects(kms.send(new CreateKeyCommand({ Policy })), {
      name: 'MalformedPolicyDocumentException',
    });
    await kms.send(new CreateKeyCommand({ Policy, BypassPolicyLockoutSafetyCheck: true }));
  });

  it('of KMS: a key that is pending deletion is only revived by cancelling [KMS developer guide, key-state]', async () => {
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
    const schedule = (PendingWindowInDays: number) =>
      kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
    await assert.rejects(schedule(5), { name: 'ValidationException' });
    const { DeletionDate, KeyState } = await schedule(7);
    assert.deepEqual([KeyState, DeletionDate instanceof Date], ['PendingDeletion', true]);
    await assert.rejects(kms.send(new EnableKeyCommand({ KeyId })), { name: 'KMSInvalidStateException' });
    await kms.send(new CancelKeyDeletionCommand({ KeyId }));
    await kms.send(new EnableKeyCommand({ KeyId }));
  });

  it('of KMS: parts need the key of their upload [S3 user guide, mpuoverview, permissions]', async () => {
    const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
    const target = { Bucket: 'parts-with-a-key', Key: 'key' };
    const { s3 } = sandbox;
    await s3.send(new CreateBucketCommand({ Bucket: target.Bucket }));
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand({ ...target, ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyId }),
    );
    const part = { ...target, UploadId, PartNumber: 1 };
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: 'x' }));
    await kms.send(new DisableKeyCommand({ KeyId }));
    const refused = { name: 'KMS.DisabledException' };
    await assert.rejects(s3.send(new UploadPartCommand({ ...part, Body: 'y' })), refused);
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    const complete = { ...target, UploadId, MultipartUpload };
    await assert.rejects(s3.send(new CompleteMultipartUploadCommand(complete)), refused);
    await kms.send(new EnableKeyCommand({ KeyId }));
    await s3.send(new CompleteMultipartUploadCommand(complete));
  });

  it('of KMS: keys are listed in their region only [KMS API reference, ListKeys]', async () => {
    await kms.send(new CreateKeyCommand({}));
    const abroad = new KMSClient({ ...clientConfig(sandbox), region: 'eu-west-1' });
    assert.deepEqual((await abroad.send(new ListKeysCommand({}))).Keys, []);
    abroad.destroy();
  });

  const decisions: readonly (readonly [what: string, statements: readonly object[], expected: string])[] = [
    ['nothing allows', [], 'implicitDeny'],
    ['an Allow', [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }], 'allowed'],
    ['an action in any case', [{ Effect: 'Allow', Action: 'S3:getobject', Resource: '*' }], 'allowed'],
    ['a pattern', [{ Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::b/?' }], 'allowed'],
    ['a resource in another case', [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::B/k' }], 'implicitDeny'],
    ['a Deny beside an Allow', [{ Effect: 'Allow', Action: '*', Resource: '*' }, { Effect: 'Deny', Action: 's3:*', Resource: '*' }], 'explicitDeny'],
    ['all but one action', [{ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }], 'allowed'],
    ['all but this resource', [{ Effect: 'Allow', Action: '*', NotResource: 'arn:aws:s3:::b/*' }], 'implicitDeny'],
    ['a condition that holds', [{ Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringLike: { 'aws:team': 'aud*' } } }], 'allowed'],
    ['a condition on what is absent', [{ Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringEquals: { 'aws:other': 'x' } } }], 'implicitDeny'],
    ['a variable', [{ Effect: 'Allow', Action: '*', Resource: 'arn:aws:s3:::b/${aws:key}' }], 'allowed'],
    ['two conditions of which one holds', [{ Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringLike: { 'aws:team': 'aud*' }, StringEquals: { 'aws:key': 'x' } } }], 'implicitDeny'],
  ]; // prettier-ignore
  for (const [what, statements, expected] of decisions) {
    it(`decide ${expected} for ${what} [robotocore TestIAMSimulatePolicy; IAM user guide, evaluation logic]`, async () => {
      const { Role } = await createRole(of(trusting));
      if (statements.length > 0) {
        const PolicyDocument = text(of(...statements));
        await iam.send(
          new PutRolePolicyCommand({ RoleName: Role!.RoleName, PolicyName: 'p', PolicyDocument }),
        );
      }
      const context = { 'aws:team': 'audience', 'aws:key': 'k' };
      const { EvaluationResults } = await iam.send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: Role!.Arn,
          ActionNames: ['s3:GetObject'],
          ResourceArns: ['arn:aws:s3:::b/k'],
          ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
            ContextKeyName,
            ContextKeyType: 'string',
            ContextKeyValues: [value],
          })),
        }),
      );
      assert.equal(EvaluationResults?.[0]?.EvalDecision, expected);
    });
  }
});
