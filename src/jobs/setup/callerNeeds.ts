import { partitionOf } from '../../aws/connection/callerIdentity.ts';
import type { SetupFacts } from './setupFacts.ts';

/** A permission that the user needs. */
export interface CallerNeed {
  /** The action; for `iam:PassRole`, followed by the kind of role. */
  readonly key: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
  /** Completes "You can …". */
  readonly why: string;
  /** Imports and exports work without it. */
  readonly isOptional?: boolean;
}

/** A key that doesn't exist. */
export const sampleKey = '2026-01-01/0123456789abcdef/part-1.csv';

/** The listed folder, under the prefix. */
export function listedPrefix(prefix: string): string {
  return prefix + sampleKey.replace(/(?<![^/])[^/]+$/, '');
}

const ofSegments = [
  ['GetSegment', 'show a segment'],
  ['GetSegmentVersion', 'show an earlier version of a segment'],
  ['GetSegmentVersions', 'list the versions of a segment'],
  ['GetSegmentImportJobs', 'list the imports of a segment'],
  ['UpdateSegment', 'change a segment'],
  ['DeleteSegment', 'delete a segment'],
] as const;
const ofEndpoints = [
  ['GetEndpoint', 'look up an endpoint'],
  ['UpdateEndpoint', 'change an endpoint'],
  ['DeleteEndpoint', 'delete an endpoint'],
] as const;
const ofUsers = [
  ['GetUserEndpoints', 'look up a user'],
  ['DeleteUserEndpoints', 'erase a user'],
] as const;

/**
 * The permissions that the user needs, and their resources (Developer guide, permissions-actions: imports are authorized on the
 * project, exports on its `jobs/export`). Omits those that depend on missing settings.
 */
export function callerNeeds({ scope, project, bucket, roles }: SetupFacts): readonly CallerNeed[] {
  const { identity, prefix } = scope;
  const partition = partitionOf(identity);
  const apps = `arn:${partition}:mobiletargeting:${identity.region}:${identity.account}:apps`;
  const id = 'value' in project ? (project.value?.id ?? scope.projectId) : scope.projectId;
  const app = `${apps}/${id ?? '*'}`;
  const needs: CallerNeed[] = [];
  const need = (action: string, resource: string, why: string, more: Partial<CallerNeed> = {}): void => {
    needs.push({ key: action, action, resource, why, ...more });
  };
  const optional = (action: string, resource: string, why: string): void =>
    need(action, resource, why, { isOptional: true });

  need('mobiletargeting:GetApps', apps, 'list projects');
  need('mobiletargeting:GetApp', app, 'show a project');
  need('mobiletargeting:GetSegments', app, 'list segments');
  need('mobiletargeting:CreateImportJob', app, 'import');
  need('mobiletargeting:GetImportJob', `${app}/jobs/import/*`, 'watch an import');
  need('mobiletargeting:GetImportJobs', app, 'list imports');
  need('mobiletargeting:CreateExportJob', `${app}/jobs/export`, 'export');
  need('mobiletargeting:GetExportJob', `${app}/jobs/export/*`, 'watch an export');
  need('mobiletargeting:GetExportJobs', `${app}/jobs/export`, 'list exports');
  optional('mobiletargeting:CreateSegment', app, 'create dynamic segments');
  for (const [action, why] of ofSegments) optional(`mobiletargeting:${action}`, `${app}/segments/*`, why);
  optional('mobiletargeting:UpdateEndpointsBatch', app, 'send endpoints in bulk');
  for (const [action, why] of ofEndpoints) optional(`mobiletargeting:${action}`, `${app}/endpoints/*`, why);
  for (const [action, why] of ofUsers) optional(`mobiletargeting:${action}`, `${app}/users/*`, why);
  optional('mobiletargeting:RemoveAttributes', `${app}/attributes/*`, 'remove attributes from all endpoints');

  optional('s3:ListAllMyBuckets', '*', 'choose from the buckets');
  if (bucket && 'value' in bucket.region) {
    const name = `arn:${partition}:s3:::${scope.bucket}`;
    const object = `${name}/${prefix}${sampleKey}`;
    need('s3:PutObject', object, 'stage files');
    need('s3:ListBucket', name, 'list the bucket', { context: { 's3:prefix': listedPrefix(prefix) } });
    need('s3:GetObject', object, 'download exports');
    optional('s3:ListMultipartUploadParts', object, 'resume interrupted uploads');
    optional('s3:AbortMultipartUpload', object, 'abort interrupted uploads');
    optional('s3:ListBucketMultipartUploads', name, 'list incomplete uploads');
    optional('s3:DeleteObject', object, 'delete staged files');
  }
  const key = bucket?.keys.import?.key;
  if (key && 'value' in key && !key.value.isManagedByAws) {
    need('kms:GenerateDataKey', key.value.arn, 'write with the KMS key');
    need('kms:Decrypt', key.value.arn, 'read with the KMS key');
  }
  for (const kind of ['import', 'export'] as const) {
    const role = roles[kind].role;
    if (!role || !('value' in role) || !role.value) continue;
    need('iam:PassRole', role.value.arn, `pass the ${kind} role to Amazon Pinpoint`, {
      key: `iam:PassRole ${kind}`,
      context: { 'iam:PassedToService': 'pinpoint.amazonaws.com' },
    });
  }
  return needs;
}
