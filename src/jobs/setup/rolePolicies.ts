import { partitionOf } from '../../aws/connection/callerIdentity.ts';
import type { Statement } from '../../aws/iam/policy.ts';
import type { WantedSetup } from './wantedSetup.ts';
import { pinpointService } from './roleChecks.ts';

type Place = Pick<WantedSetup, 'identity' | 'bucket' | 'prefix'> & { readonly keyArn: string | undefined };

/** Lets Amazon Pinpoint assume a role, for the caller's account and projects only (Developer guide, permissions-import-segment). */
export function trustStatement({ identity, projectId }: WantedSetup): Statement {
  const { account, region } = identity;
  return {
    Sid: 'AmazonPinpoint',
    Effect: 'Allow',
    Principal: { Service: pinpointService },
    Action: 'sts:AssumeRole',
    Condition: {
      StringEquals: { 'aws:SourceAccount': account },
      ArnLike: {
        'aws:SourceArn': `arn:${partitionOf(identity)}:mobiletargeting:${region}:${account}:apps/${projectId ?? '*'}`,
      },
    },
  };
}

/** Permissions to read staged files: those of the import role of AWS's own solution, limited to the prefix. */
export function importStatements(place: Place): readonly Statement[] {
  const { object } = arns(place);
  return [
    { Sid: 'ReadStagedFiles', Effect: 'Allow', Action: 's3:GetObject', Resource: object },
    listing('FindStagedFiles', place),
    ...useOfKey(place, ['kms:Decrypt']),
  ];
}

/**
 * Permissions to write exports: those of the export role of AWS's own solution, limited to the prefix, and the bucket actions in the
 * Developer guide (permissions-export-endpoints). Which of them Pinpoint needs isn't documented.
 */
export function exportStatements(place: Place): readonly Statement[] {
  const { bucket, object } = arns(place);
  return [
    {
      Sid: 'WriteExports',
      Effect: 'Allow',
      Action: ['s3:PutObject', 's3:GetObject', 's3:GetObjectAcl', 's3:DeleteObject'],
      Resource: object,
    },
    { Sid: 'FindBucket', Effect: 'Allow', Action: 's3:GetBucketLocation', Resource: bucket },
    listing('FindExports', place),
    { Sid: 'ListBuckets', Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' },
    ...useOfKey(place, ['kms:GenerateDataKey', 'kms:Decrypt']),
  ];
}

/** Limited to keys under the prefix: the bucket may contain other files. */
function listing(Sid: string, place: Place): Statement {
  return {
    Sid,
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: arns(place).bucket,
    Condition: { StringLike: { 's3:prefix': `${place.prefix}*` } },
  };
}

/** Limited to use through S3. Pinpoint's pages don't mention KMS; S3 requires this for reading and writing with a key. */
function useOfKey({ keyArn, identity }: Place, Action: readonly string[]): readonly Statement[] {
  if (keyArn === undefined) return [];
  return [
    {
      Sid: 'UseKey',
      Effect: 'Allow',
      Action,
      Resource: keyArn,
      Condition: { StringEquals: { 'kms:ViaService': `s3.${identity.region}.amazonaws.com` } },
    },
  ];
}

function arns({ identity, bucket, prefix }: Place): { readonly bucket: string; readonly object: string } {
  const name = `arn:${partitionOf(identity)}:s3:::${bucket}`;
  return { bucket: name, object: `${name}/${prefix}*` };
}
