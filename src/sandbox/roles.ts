/** The sandbox's IAM as its Pinpoint half sees it. */
export interface Roles {
  /**
   * Whether a job may be given a role and work with it. A role that IAM does not know passes, as it did before the sandbox had
   * an IAM: tests of code that only speaks Pinpoint need not make one first.
   */
  check(job: RoleUse): 'ok' | 'not-passable' | 'not-assumable' | 'no-access';
}

export interface RoleUse {
  readonly roleArn: string;
  /** Who starts the job; absent where the sandbox itself does. */
  readonly principalArn: string | undefined;
  readonly projectArn: string;
  /** What the role has to be allowed, each an action and the ARN that it is for. */
  readonly needs: readonly (readonly [action: string, resource: string])[];
}
