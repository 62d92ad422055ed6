/** Authorization, as the sandbox's services see it. */

/** Values by condition key; `undefined` if the request doesn't have the key. */
export type ConditionKeys = Readonly<Record<string, string | readonly string[] | undefined>>;

/** A caller, or the role of a job. */
export interface Actor {
  /** The ARN of a user, a role session or a role. */
  readonly arn: string;
  readonly region: string;
  /** Keys of the connection, such as `aws:SourceIp`; absent for jobs. */
  readonly keys?: ConditionKeys;
}

export interface Access {
  readonly actor: Actor;
  readonly action: string;
  readonly resource: string;
  readonly keys?: ConditionKeys | undefined;
  /** The policy of the bucket or KMS key, if it has one. */
  readonly resourcePolicy?: string | undefined;
  /** True for KMS: only the key policy can grant access, or delegate to IAM. */
  readonly needsResourcePolicy?: boolean;
}

/** IAM as the other services see it. */
export interface Authority {
  /** @throws ServiceError 403 `AccessDenied` */
  authorize(access: Access): void;
  isAllowed(access: Access): boolean;
  /**
   * Checks that the caller may pass a role to a job and that the service may assume it. Roles unknown to IAM pass, so that code
   * that only calls Pinpoint doesn't have to create one.
   */
  checkRole(use: RoleUse): 'ok' | 'not-passable' | 'not-assumable';
}

export interface RoleUse {
  readonly roleArn: string;
  /** Absent if the sandbox itself starts the job. */
  readonly caller: Actor | undefined;
  readonly projectArn: string;
}
