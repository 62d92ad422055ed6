import type { Identity } from '../../aws/connection/connection.ts';
import type { JobKind } from '../../aws/pinpoint/audienceService.ts';

/** The wanted setup. */
export interface WantedSetup {
  readonly identity: Identity;
  readonly bucket: string;
  /** Ends with a slash; objects under it expire. */
  readonly prefix: string;
  /** Id, alias or ARN of the key for SSE-KMS; SSE-S3 if empty. */
  readonly kmsKeyId: string;
  /** The project that can use the roles; every project of the account in the region if absent. */
  readonly projectId: string | undefined;
  /** Names, not ARNs. */
  readonly roles: Readonly<Record<JobKind, string>>;
}
