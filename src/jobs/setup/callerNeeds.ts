import { partitionOf } from '../../aws/connection/callerIdentity.ts';
import type { SetupFacts } from './setupFacts.ts';

/** Something that the user has to be allowed. */
export interface CallerNeed {
  /** The action, and with it the role for `iam:PassRole`. */
  readonly key: string;
  readonly action: string;
  readonly resource: string;
  readonly context?: Readonly<Record<string, string>>;
  /** Completes "You may …". */
  readonly why: string;
  /** Imports and exports work without it. */
  readonly isComfort?: boolean;
}

/** A key that no object has. */
export const sampleKey = '2026-01-01/0123456789abcdef/part-1.csv';

/** What is listed: a folder below the prefix. */
export function listedPrefix(prefix: string): string {
  return prefix + sampleKey.replace(/[^/]+$/, '');
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
  ['GetEndpoint', 'look an endpoint up'],
  ['UpdateEndpoint', 'change an endpoint'],
  ['DeleteEndpoint', 'delete an endpoint'],
] as const;
const ofUsers = [
  ['GetUserEndpoints', 'look a user up'],
  ['DeleteUserEndpoints', 'erase a user'],
] as const;

/**
 * What the user has to be allowed, with the resource that each is for (Developer guide, permissions-actions: imports are
 * authorised on the project, exports on its `jobs/export`). What depends on something that is not set is left out.
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
  const comfort = (action: string, resource: string, why: string): void =>
    need(action, resource, why, { isComfort: true });

  need('mobiletargeting:GetApps', apps, 'list projects');
  need('mobiletargeting:GetApp', app, 'show a project');
  need('mobiletargeting:GetSegments', app, 'list segments');
  need('mobiletargeting:CreateImportJob', app, 'import');
  need('mobiletargeting:GetImportJob', `${app}/jobs/import/*`, 'watch an import');
  need('mobiletargeting:GetImportJobs', app, 'list imports');
  need('mobiletargeting:CreateExportJob', `${app}/jobs/export`, 'export');
  need('mobiletargeting:GetExportJob', `${app}/jobs/export/*`, 'watch an export');
  need('mobiletargeting:GetExportJobs', `${app}/jobs/export`, 'list exports');
  comfort('mobiletargeting:CreateSegment', app, 'create dynamic segments');
  for (const [action, why] of ofSegments) comfort(`mobiletargeting:${action}`, `${app}/segments/*`, why);
  comfort('mobiletargeting:UpdateEndpointsBatch', app, 'send endpoints in bulk');
  for (const [action, why] of ofEndpoints) comfort(`mobiletargeting:${action}`, `${app}/endpoints/*`, why);
  for (const [action, why] of ofUsers) comfort(`mobiletargeting:${action}`, `${app}/users/*`, why);
  comfort('mobiletargeting:RemoveAttributes', `${app}/attributes/*`, 'remove attributes from all endpoints');

  comfort('s3:ListAllMyBuckets', '*', 'choose from the buckets');
  if (bucket && 'value' in bucket.region) {
    const name = `arn:${partition}:s3:::${scope.bucket}`;
    const object = `${name}/${prefix}${sampleKey}`;
    need('s3:PutObject', object, 'stage files');
    need('s3:ListBucket', name, 'list the bucket', { context: { 's3:prefix': listedPrefix(prefix) } });
    need('s3:GetObject', object, 'download exports');
    comfort('s3:ListMultipartUploadParts', object, 'go on with broken uploads');
    comfort('s3:AbortMultipartUpload', object, 'end broken uploads');
    comfort('s3:ListBucketMultipartUploads', name, 'list unfinished uploads');
    comfort('s3:DeleteObject', object, 'delete staged files');
  }
  const key = bucket?.keys.import?.key;
  if (key && 'value' in key && !key.value.isManagedByAws) {
    need('kms:GenerateDataKey', key.value.arn, 'write with the KMS key');
    need('kms:Decrypt', key.value.arn, 'read with the KMS key');
  }
  for (const kind of ['import', 'export'] as const) {
    const role = roles[kind].role;
    if (!role || !('value' in role) || !role.value) continue;
    need('iam:PassRole', role.value.arn, `give Amazon Pinpoint the ${kind} role`, {
      key: `iam:PassRole ${kind}`,
      context: { 'iam:PassedToService': 'pinpoint.amazonaws.com' },
    });
  }
  return needs;
}
