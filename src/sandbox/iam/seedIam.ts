import { newIdentity } from './identityOperations.ts';
import type { IamState } from './iamState.ts';

/** Adds a new sandbox's identities: a user with all permissions, and roles for imports and exports. */
export function seedIam(
  state: IamState,
  { account, user, now }: { account: string; user: string; now: () => number },
): void {
  state.put({
    ...newIdentity('user', user, '/', account, now()),
    id: 'AIDASANDBOXSANDBOX000',
    attached: ['arn:aws:iam::aws:policy/AdministratorAccess'],
  });
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'pinpoint.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:aws:mobiletargeting:*:${account}:apps/*` },
        },
      },
    ],
  });
  for (const [name, Statement] of Object.entries(roleStatements)) {
    state.put({
      ...newIdentity('role', name, '/', account, now()),
      trust,
      inline: { Staging: JSON.stringify({ Version: '2012-10-17', Statement }) },
    });
  }
}

const bucketAndObjects = 'arn:aws:s3:::*';

const roleStatements = {
  PinpointImport: [
    { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: bucketAndObjects },
  ],
  PinpointExport: [
    {
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:ListBucket', 's3:GetBucketLocation'],
      Resource: bucketAndObjects,
    },
    { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' },
  ],
};
