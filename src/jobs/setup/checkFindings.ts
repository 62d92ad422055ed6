import type { AudienceError } from '../../errors.ts';
import type { SetupFacts } from './setupFacts.ts';

export type CheckStatus = 'ok' | 'warning' | 'failed' | 'unknown';

/** The result of a check, in plain words. */
export interface Finding {
  readonly status: CheckStatus;
  readonly message: string;
  /** How to fix it. */
  readonly fix?: string | undefined;
}

export type CheckGroup = 'You' | 'Project' | 'Staging bucket' | 'Import role' | 'Export role';

/** A check of something that imports and exports need. */
export interface Check {
  readonly id: string;
  readonly group: CheckGroup;
  /** The page that requires it, of AWS if there is one. */
  readonly page: string;
  /** `undefined` if its subject doesn't exist. */
  readonly evaluate: (facts: SetupFacts) => Finding | undefined;
}

const pinpoint = 'https://docs.aws.amazon.com/pinpoint/latest/developerguide';
const s3 = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide';
const iam = 'https://docs.aws.amazon.com/IAM/latest/UserGuide';

export const pages = {
  identity: `${iam}/reference_identifiers.html`,
  actions: `${pinpoint}/permissions-actions.html`,
  endOfSupport: 'https://docs.aws.amazon.com/pinpoint/latest/userguide/migrate.html',
  importRole: `${pinpoint}/permissions-import-segment.html`,
  exportRole: `${pinpoint}/permissions-export-endpoints.html`,
  passRole: `${iam}/id_roles_use_passrole.html`,
  confusedDeputy: `${iam}/confused-deputy.html`,
  buckets: `${s3}/UsingBucket.html`,
  /** AWS's pages don't document the region of the bucket; this one does. */
  bucketRegion: 'https://docs.getcensus.com/destinations/available-destinations/pinpoint',
  publicAccess: `${s3}/access-control-block-public-access.html`,
  encryption: `${s3}/bucket-encryption.html`,
  kms: `${s3}/UsingKMSEncryption.html`,
  lifecycle: `${s3}/object-lifecycle-mgmt.html`,
  versions: `${s3}/DeletingObjectVersions.html`,
  multipart: `${s3}/mpu-abort-incomplete-mpu-lifecycle-config.html`,
  bucketPolicy: `${s3}/bucket-policies.html`,
} as const;

export const ok = (message: string): Finding => ({ status: 'ok', message });
export const warning = (message: string, fix?: string): Finding => ({ status: 'warning', message, fix });
export const failed = (message: string, fix?: string): Finding => ({ status: 'failed', message, fix });
export const unknown = (message: string, fix?: string): Finding => ({ status: 'unknown', message, fix });

/** The finding if something can't be inspected: unknown, which isn't a problem of the setup. */
export function notSeen({ message, help, code }: AudienceError, permission: string): Finding {
  return unknown(
    `Unknown. ${message}`,
    code === 'access-denied' ? `Ask for ${permission}, or ask someone who has it to run the check.` : help,
  );
}
