/** Who may do what, as the services of the sandbox ask it. */

/** Values by condition key; a key that isn't there is absent from the request. */
export type ConditionKeys = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Who acts: a caller, or the role of a job. */
export interface Actor {
  /** Of a user, a session of a role, or a role. */
  readonly arn: string;
  readonly region: string;
  /** What the request itself says of the connection, such as `aws:SourceIp`; jobs have none. */
  readonly keys?: ConditionKeys;
}

export interface Access {
  readonly actor: Actor;
  readonly action: string;
  readonly resource: string;
  readonly keys?: ConditionKeys | undefined;
  /** Of the bucket or key that is asked for. */
  readonly resourcePolicy?: string | undefined;
  /** True for KMS: without its key's policy nobody may do anything. */
  readonly needsResourcePolicy?: boolean;
}

/** IAM as the other services see it. */
export interface Authority {
  /** @throws ServiceError 403 `AccessDenied` */
  authorize(access: Access): void;
  isAllowed(access: Access): boolean;
  /**
   * Whether a caller may hand a role to a job, and the service may assume it. A role that IAM doesn't know passes: code that only
   * speaks Pinpoint needn't create one first.
   */
  checkRole(use: RoleUse): 'ok' | 'not-passable' | 'not-assumable';
}

export interface RoleUse {
  readonly roleArn: string;
  /** Who starts the job; absent if the sandbox itself does. */
  readonly caller: Actor | undefined;
  readonly projectArn: string;
}
