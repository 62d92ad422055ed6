import type { Connection } from '../../aws/connection/connection.ts';
import { parseRoleArn } from '../../aws/iam/roleArn.ts';
import type { JobKind } from '../../aws/pinpoint/audienceService.ts';
import { checkBucketName, folderPrefix } from '../../aws/s3/s3Url.ts';
import { AudienceError } from '../../errors.ts';
import type { ExportPlan, ImportPlan } from './runs.ts';

/**
 * Checks what an import asks for, without a request.
 *
 * @param jobs the number of jobs that its files take
 * @throws AudienceError `bad-input`
 */
export function checkImport(plan: ImportPlan, connection: Connection, jobs: number): void {
  checkBucketName(plan.bucket);
  checkRole(plan.roleArn, 'import role', connection);
  const { files, defineSegment, registerEndpoints, segmentId } = plan;
  if (files.length > 0 && plan.from !== undefined) {
    throw new AudienceError('bad-input', 'An import takes either files or objects in the bucket, not both', {
      help: 'Import them one after the other.',
    });
  }
  if (files.length === 0 && plan.from === undefined) {
    throw new AudienceError('bad-input', 'No file to import', { help: 'Choose at least one file.' });
  }
  if (jobs > 1 && segmentId !== undefined) {
    // None of AWS's pages says whether a second job replaces what the first one added (ImportJobRequest, SegmentId).
    throw new AudienceError(
      'bad-input',
      "The files exceed the limits of one job, and several jobs can't update one segment",
      {
        help: "AWS doesn't document whether a second import adds to a segment or replaces it. Import into new segments, or endpoints only.",
      },
    );
  }
  if (!defineSegment && !registerEndpoints) {
    // The service rejects it, too (Developer guide, audience-define-import).
    throw new AudienceError('bad-input', 'The import would neither create a segment nor register endpoints', {
      help: 'Choose at least one of the two.',
    });
  }
}

/** Checks what an export asks for, without a request. Throws `bad-input`. */
export function checkExport(plan: ExportPlan, connection: Connection): void {
  checkBucketName(plan.bucket);
  checkRole(plan.roleArn, 'export role', connection);
}

function checkRole(arn: string, what: string, { identity }: Connection): void {
  const role = parseRoleArn(arn, what);
  const partition = identity.arn.split(':')[1];
  if (role.account === identity.account && role.partition === partition) return;
  // A role can be passed to a service only within its account (IAM user guide, id_roles_use_passrole).
  throw new AudienceError('bad-input', `The ${what} belongs to another account: ${arn}`, {
    help: `Choose a role of the account ${identity.account}, or connect to the role's account.`,
  });
}

/** Throws if the bucket or the project doesn't exist or is no longer served, before anything is written. */
export async function checkPlaces(
  { identity, audience, staging }: Connection,
  kind: JobKind,
  { bucket, prefix, projectId }: ImportPlan | ExportPlan,
  signal: AbortSignal | undefined,
): Promise<void> {
  // Permission to write doesn't include permission to read.
  const unlessDenied = (error: unknown): undefined => {
    if (error instanceof AudienceError && error.code === 'access-denied') return undefined;
    throw error;
  };
  const [region] = await Promise.all([
    staging.bucketRegion(bucket, { folder: folderPrefix(prefix), signal }).catch(unlessDenied),
    audience.listJobs(kind, projectId, { pageSize: 1, signal }).catch(unlessDenied),
  ]);
  if (region === undefined || region === identity.region) return;
  throw new AudienceError('bad-input', `The bucket ${bucket} is in another region: ${region}`, {
    help: `Choose a bucket in ${identity.region}, the region of the project.`,
  });
}
