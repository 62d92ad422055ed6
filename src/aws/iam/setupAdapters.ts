import type { PolicyEvaluationDecisionType } from '@aws-sdk/client-iam';
import {
  CreateRoleCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  SimulatePrincipalPolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { DescribeKeyCommand, GetKeyPolicyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetBucketEncryptionCommand,
  GetBucketLifecycleConfigurationCommand,
  GetBucketPolicyCommand,
  GetBucketVersioningCommand,
  GetPublicAccessBlockCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import type { CreateBucketConfiguration, LifecycleRule as S3LifecycleRule } from '@aws-sdk/client-s3';
import type {
  GetBucketLifecycleConfigurationCommandOutput,
  PutBucketEncryptionCommandInput,
} from '@aws-sdk/client-s3';
import { AudienceError } from '../../errors.ts';
import type { Clients } from '../connection/clients.ts';
import { sending } from '../connection/clients.ts';
import type { RequestInfo } from '../connection/serviceErrors.ts';
import { allItems } from '../eachPage.ts';
import type { PolicyDocument } from './policy.ts';
import { parseEncodedPolicy, parsePolicy } from './policy.ts';
import type {
  BucketService,
  KeyService,
  LifecycleRule,
  Role,
  RolePolicies,
  RoleService,
  SetupCall,
  SetupServices,
} from './setupServices.ts';
import { setOwn } from '../../ownMember.ts';

/** Implements the ports with IAM, KMS and S3. This file is loaded with the first use of a setup. */
export function createSetupServices(clients: Clients): SetupServices {
  const iam = (): IAMClient => clients.other('iam', (settings) => new IAMClient(settings));
  const kms = (): KMSClient => clients.other('kms', (settings) => new KMSClient(settings));
  return {
    roles: roleService(clients, iam),
    keys: keyService(clients, kms),
    buckets: bucketService(clients),
    send: (call, signal) => send(clients, iam, call, signal),
  };
}

function roleService(clients: Clients, iam: () => IAMClient): RoleService {
  const ask = <T>(doing: string, work: () => Promise<T>): Promise<T> =>
    clients.ask({ service: 'access', doing }, work);

  const managed = async (arn: string, signal?: AbortSignal): Promise<PolicyDocument> => {
    const doing = `read the policy ${arn}`;
    const { Policy } = await ask(doing, () =>
      iam().send(new GetPolicyCommand({ PolicyArn: arn }), sending(signal)),
    );
    const version = { PolicyArn: arn, VersionId: Policy?.DefaultVersionId };
    const { PolicyVersion } = await ask(doing, () =>
      iam().send(new GetPolicyVersionCommand(version), sending(signal)),
    );
    return parseEncodedPolicy(PolicyVersion?.Document ?? '');
  };

  return {
    find: (name, signal) =>
      unlessMissing(async (): Promise<Role> => {
        const { Role: found } = await ask(`read the role ${name}`, () =>
          iam().send(new GetRoleCommand({ RoleName: name }), sending(signal)),
        );
        return {
          name,
          arn: found?.Arn ?? '',
          trust: parseEncodedPolicy(found?.AssumeRolePolicyDocument ?? ''),
          boundary: found?.PermissionsBoundary?.PermissionsBoundaryArn,
        };
      }),

    async policies({ name, boundary }, signal): Promise<RolePolicies> {
      const doing = `read the policies of the role ${name}`;
      const inlineNames = await allItems(async (Marker: string | undefined) => {
        const page = await ask(doing, () =>
          iam().send(new ListRolePoliciesCommand({ RoleName: name, Marker }), sending(signal)),
        );
        return { items: page.PolicyNames ?? [], next: page.IsTruncated === true ? page.Marker : undefined };
      });
      const attached = await allItems(async (Marker: string | undefined) => {
        const page = await ask(doing, () =>
          iam().send(new ListAttachedRolePoliciesCommand({ RoleName: name, Marker }), sending(signal)),
        );
        const arns = (page.AttachedPolicies ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []);
        return { items: arns, next: page.IsTruncated === true ? page.Marker : undefined };
      });
      const inline = await entries(inlineNames, async (policy) => {
        const input = { RoleName: name, PolicyName: policy };
        const { PolicyDocument } = await ask(doing, () =>
          iam().send(new GetRolePolicyCommand(input), sending(signal)),
        );
        return parseEncodedPolicy(PolicyDocument ?? '');
      });
      return {
        inline,
        managed: await entries(attached, (arn) => managed(arn, signal)),
        boundary: boundary === undefined ? undefined : await managed(boundary, signal),
      };
    },

    simulate: ({ identity, actions, resource, context = {} }, signal) => {
      const ContextEntries = Object.entries(context).map(([ContextKeyName, value]) => ({
        ContextKeyName,
        ContextKeyValues: [value],
        ContextKeyType: 'string' as const,
      }));
      const input = {
        PolicySourceArn: identity,
        ActionNames: [...actions],
        ResourceArns: [resource],
        ContextEntries,
      };
      return allItems(async (Marker: string | undefined) => {
        const page = await ask('simulate your permissions', () =>
          iam().send(new SimulatePrincipalPolicyCommand({ ...input, Marker }), sending(signal)),
        );
        const items = (page.EvaluationResults ?? []).map((result) => ({
          action: result.EvalActionName ?? '',
          decision: (result.EvalDecision ?? 'implicitDeny') satisfies PolicyEvaluationDecisionType,
          missing: result.MissingContextValues ?? [],
        }));
        return { items, next: page.IsTruncated === true ? page.Marker : undefined };
      });
    },
  };
}

function keyService(clients: Clients, kms: () => KMSClient): KeyService {
  const ask = <T>(id: string, work: () => Promise<T>): Promise<T> =>
    clients.ask({ service: 'access', doing: `read the KMS key ${id}` }, work);
  return {
    async describe(id, signal) {
      const { KeyMetadata: key } = await ask(id, () =>
        kms().send(new DescribeKeyCommand({ KeyId: id }), sending(signal)),
      );
      return {
        id: key?.KeyId ?? id,
        arn: key?.Arn ?? '',
        enabled: key?.Enabled === true,
        state: key?.KeyState ?? '',
        isManagedByAws: key?.KeyManager === 'AWS',
      };
    },
    async policy({ arn }, signal) {
      const { Policy } = await ask(arn, () =>
        kms().send(new GetKeyPolicyCommand({ KeyId: arn, PolicyName: 'default' }), sending(signal)),
      );
      return parsePolicy(Policy ?? '');
    },
  };
}

function bucketService(clients: Clients): BucketService {
  /** Reads a document of a bucket; `undefined` if it doesn't have one. */
  const read = <T>(what: string, bucket: string, work: () => Promise<T>): Promise<T | undefined> =>
    unlessMissing(() =>
      clients.ask({ service: 'staging', doing: `read ${what} of the bucket ${bucket}` }, work),
    );
  return {
    async publicAccess(Bucket, signal) {
      const answer = await read('the public access settings', Bucket, () =>
        clients.s3.send(new GetPublicAccessBlockCommand({ Bucket }), sending(signal)),
      );
      const set = answer?.PublicAccessBlockConfiguration;
      return (
        set && {
          BlockPublicAcls: set.BlockPublicAcls === true,
          IgnorePublicAcls: set.IgnorePublicAcls === true,
          BlockPublicPolicy: set.BlockPublicPolicy === true,
          RestrictPublicBuckets: set.RestrictPublicBuckets === true,
        }
      );
    },
    async encryption(Bucket, signal) {
      const answer = await read('the encryption', Bucket, () =>
        clients.s3.send(new GetBucketEncryptionCommand({ Bucket }), sending(signal)),
      );
      const byDefault =
        answer?.ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault;
      return (
        (byDefault?.SSEAlgorithm && {
          algorithm: byDefault.SSEAlgorithm,
          keyId: byDefault.KMSMasterKeyID || undefined,
        }) ||
        undefined
      );
    },
    async lifecycle(Bucket, signal) {
      const answer: Partial<GetBucketLifecycleConfigurationCommandOutput> =
        (await read('the lifecycle rules', Bucket, () =>
          clients.s3.send(new GetBucketLifecycleConfigurationCommand({ Bucket }), sending(signal)),
        )) ?? {};
      return {
        rules: (answer.Rules ?? []) as readonly LifecycleRule[],
        minimumSize: answer.TransitionDefaultMinimumObjectSize,
      };
    },
    async policy(Bucket, signal) {
      const answer = await read('the policy', Bucket, () =>
        clients.s3.send(new GetBucketPolicyCommand({ Bucket }), sending(signal)),
      );
      return answer?.Policy === undefined ? undefined : parsePolicy(answer.Policy);
    },
    async versioning(Bucket, signal) {
      const answer = await read('the versioning', Bucket, () =>
        clients.s3.send(new GetBucketVersioningCommand({ Bucket }), sending(signal)),
      );
      return answer?.Status;
    },
  };
}

async function send(
  clients: Clients,
  iam: () => IAMClient,
  call: SetupCall,
  signal?: AbortSignal,
): Promise<void> {
  const options = sending(signal);
  const ask = (
    service: RequestInfo['service'],
    doing: string,
    work: () => Promise<unknown>,
  ): Promise<unknown> => clients.ask({ service, doing }, work);
  const { s3 } = clients;
  switch (call.operation) {
    case 'CreateBucket': {
      const { Bucket, CreateBucketConfiguration: place } = call.input;
      const input = {
        Bucket,
        // The SDK's type lists known regions; there may be newer ones.
        ...(place && { CreateBucketConfiguration: place as CreateBucketConfiguration }),
      };
      await ask('staging', `create the bucket ${Bucket}`, () =>
        s3.send(new CreateBucketCommand(input), options),
      );
      return;
    }
    case 'PutPublicAccessBlock':
      await ask('staging', 'block public access to the bucket', () =>
        s3.send(new PutPublicAccessBlockCommand(call.input), options),
      );
      return;
    case 'PutBucketEncryption':
      await ask('staging', 'set the encryption of the bucket', () =>
        s3.send(new PutBucketEncryptionCommand(call.input as PutBucketEncryptionCommandInput), options),
      );
      return;
    case 'PutBucketLifecycleConfiguration': {
      const { Bucket, LifecycleConfiguration, TransitionDefaultMinimumObjectSize: size } = call.input;
      const input = {
        Bucket,
        LifecycleConfiguration: { Rules: LifecycleConfiguration.Rules as S3LifecycleRule[] },
        ...(size !== undefined && {
          TransitionDefaultMinimumObjectSize:
            size as GetBucketLifecycleConfigurationCommandOutput['TransitionDefaultMinimumObjectSize'],
        }),
      };
      await ask('staging', 'set the lifecycle rules of the bucket', () =>
        s3.send(new PutBucketLifecycleConfigurationCommand(input), options),
      );
      return;
    }
    case 'CreateRole': {
      const { RoleName, Description, AssumeRolePolicyDocument: trust } = call.input;
      const input = { RoleName, Description, AssumeRolePolicyDocument: JSON.stringify(trust) };
      await ask('access', `create the role ${RoleName}`, () =>
        iam().send(new CreateRoleCommand(input), options),
      );
      return;
    }
    case 'UpdateAssumeRolePolicy': {
      const { RoleName, PolicyDocument: trust } = call.input;
      const input = { RoleName, PolicyDocument: JSON.stringify(trust) };
      await ask('access', `change the trust policy of the role ${RoleName}`, () =>
        iam().send(new UpdateAssumeRolePolicyCommand(input), options),
      );
      return;
    }
    case 'PutRolePolicy': {
      const { RoleName, PolicyName, PolicyDocument: document } = call.input;
      const input = { RoleName, PolicyName, PolicyDocument: JSON.stringify(document) };
      await ask('access', `write the policy of the role ${RoleName}`, () =>
        iam().send(new PutRolePolicyCommand(input), options),
      );
    }
  }
}

/** Errors of IAM and S3 for missing roles and bucket documents; a missing bucket isn't among them. */
const missing = new Set([
  'NoSuchEntity',
  'NoSuchEntityException',
  'NoSuchPublicAccessBlockConfiguration',
  'ServerSideEncryptionConfigurationNotFoundError',
  'NoSuchLifecycleConfiguration',
  'NoSuchBucketPolicy',
]);

async function unlessMissing<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AudienceError && missing.has(error.service?.name ?? '')) return undefined;
    throw error;
  }
}

async function entries(
  names: readonly string[],
  read: (name: string) => Promise<PolicyDocument>,
): Promise<Readonly<Record<string, PolicyDocument>>> {
  const found: Record<string, PolicyDocument> = {};
  for (const name of names) setOwn(found, name, await read(name));
  return found;
}
