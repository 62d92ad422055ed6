import type { Identity } from '../../aws/connection/connection.ts';
import type { JobKind } from '../../aws/pinpoint/audienceService.ts';

/** A setup as it should be. */
export interface WantedSetup {
  readonly identity: Identity;
  readonly bucket: string;
  /** Ends with a slash; what lies below it expires. */
  readonly prefix: string;
  /** Id, alias or ARN of the key for SSE-KMS; SSE-S3 where empty. */
  readonly kmsKeyId: string;
  /** Whom the roles are for: one project, or every project of the account in the region where absent. */
  readonly projectId: string | undefined;
  /** Names, not ARNs. */
  readonly roles: Readonly<Record<JobKind, string>>;
}
