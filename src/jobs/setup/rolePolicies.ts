import { partitionOf } from '../../aws/connection/callerIdentity.ts';
import type { Statement } from '../../aws/iam/policy.ts';
import type { WantedSetup } from './wantedSetup.ts';
import { pinpointService } from './roleChecks.ts';

type Place = Pick<WantedSetup, 'identity' | 'bucket' | 'prefix'> & { readonly keyArn: string | undefined };

/** Lets Amazon Pinpoint take on a role, for the caller's account and projects only (Developer guide, permissions-import-segment). */
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

/** Reading what is staged: what AWS's own solution gives its import role, below the folder only. */
export function importStatements(place: Place): readonly Statement[] {
  const { object } = arns(place);
  return [
    { Sid: 'ReadStagedFiles', Effect: 'Allow', Action: 's3:GetObject', Resource: object },
    listing('FindStagedFiles', place),
    ...useOfKey(place, ['kms:Decrypt']),
  ];
}

/**
 * Writing exports: what AWS's own solution gives its export role, below the folder only, and the actions on buckets that the
 * Developer guide lists (permissions-export-endpoints). Which of them Pinpoint needs is not documented.
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

/** The names below the folder only: other people's files may be in the bucket. */
function listing(Sid: string, place: Place): Statement {
  return {
    Sid,
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: arns(place).bucket,
    Condition: { StringLike: { 's3:prefix': `${place.prefix}*` } },
  };
}

/** Only through S3: Pinpoint's pages do not mention KMS, this is what S3 asks of those who read and write with such a key. */
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
