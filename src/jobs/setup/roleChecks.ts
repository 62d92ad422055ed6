import { partitionOf } from '../../aws/connection/callerIdentity.ts';
import { parseRoleArn } from '../../aws/iam/roleArn.ts';
import type { JobKind } from '../../aws/pinpoint/audienceService.ts';
import type { AccessRequest, Decision, PolicyDocument } from '../../aws/iam/policy.ts';
import { decide } from '../../aws/iam/policy.ts';
import type { Role, RolePolicies } from '../../aws/iam/setupServices.ts';
import { AudienceError } from '../../errors.ts';
import { listedPrefix, sampleKey } from './callerNeeds.ts';
import type { Check, CheckGroup, Finding } from './checkFindings.ts';
import { failed, notSeen, ok, pages, unknown, warning } from './checkFindings.ts';
import type { KeyFacts, SetupFacts, SetupScope } from './setupFacts.ts';
import { getOwn } from '../../ownMember.ts';

/** The service principal that assumes the roles; it was regional until 2022 (Developer guide, permissions-import-segment). */
export const pinpointService = 'pinpoint.amazonaws.com';

const sourceAccount = 'aws:sourceaccount';
const sourceArn = 'aws:sourcearn';

type Need = readonly [action: string, severity: 'failed' | 'warning'];

/**
 * The permissions that a role needs in the bucket. Import: those of AWS's own solution. Export: AWS's page lists all three, but
 * doesn't document whether jobs work without the second and third.
 */
const needs: Readonly<Record<JobKind, readonly Need[]>> = {
  import: [
    ['s3:GetObject', 'failed'],
    ['s3:ListBucket', 'failed'],
  ],
  export: [
    ['s3:PutObject', 'failed'],
    ['s3:GetBucketLocation', 'warning'],
    ['s3:ListAllMyBuckets', 'warning'],
  ],
};

/** The same checks for both roles, except for their permissions. */
export const roleChecks: readonly Check[] = (['import', 'export'] as const).flatMap(
  (kind): readonly Check[] => {
    const group: CheckGroup = kind === 'import' ? 'Import role' : 'Export role';
    const page = kind === 'import' ? pages.importRole : pages.exportRole;
    const check = (what: string, source: string, evaluate: Check['evaluate']): Check => ({
      id: `${kind}-role${what}`,
      group,
      page: source,
      evaluate,
    });
    /** A check of an existing role. */
    const of =
      (evaluate: (role: Role, facts: SetupFacts) => Finding | undefined): Check['evaluate'] =>
      (facts) => {
        const { role } = facts.roles[kind];
        return role && 'value' in role && role.value ? evaluate(role.value, facts) : undefined;
      };
    const allowed = ([action, severe]: Need): Check =>
      check(
        `-${action.replace('s3:', '')}`,
        page,
        of((_role, facts) => permission(kind, action, severe, facts)),
      );

    return [
      check('', page, (facts) => existence(kind, facts)),
      check(
        '-trust',
        page,
        of((role) => admission(role)),
      ),
      check(
        '-account',
        pages.confusedDeputy,
        of((role, { scope }) => accountCondition(role, scope)),
      ),
      check(
        '-source',
        pages.confusedDeputy,
        of((role, facts) => projectCondition(role, facts)),
      ),
      ...needs[kind].map(allowed),
      check(
        '-key',
        pages.kms,
        of((role, facts) => keyUse(kind, role, facts)),
      ),
      check(
        '-pass',
        pages.passRole,
        of((_role, facts) => passing(kind, facts)),
      ),
    ];
  },
);

const setting = (kind: JobKind): string => `pinpointAudience.roles.${kind}Arn`;

function existence(kind: JobKind, { scope, roles }: SetupFacts): Finding {
  const { arn, role } = roles[kind];
  const set = `Set ${setting(kind)} to the ARN of the ${kind} role, or create a setup.`;
  if (arn === '') return warning(`No ${kind} role is set. Each ${kind} prompts for it`, set);
  try {
    const { account } = parseRoleArn(arn, `${kind} role`);
    if (account !== scope.identity.account) {
      return failed(
        `The ${kind} role is in account ${account}, you are in ${scope.identity.account}`,
        'Use a role in the account of the project.',
      );
    }
  } catch (error) {
    if (error instanceof AudienceError) return failed(error.message, error.help);
    throw error;
  }
  if (role && 'error' in role) return notSeen(role.error, 'iam:GetRole');
  if (!role?.value) return failed(`Role not found: ${arn}`, `${set} The role may have been deleted.`);
  if (role.value.arn === arn) return ok(`Role ${role.value.name} found`);
  return failed(`The role is not ${arn} but ${role.value.arn}`, `Set ${setting(kind)} to that ARN.`);
}

/** The request of Amazon Pinpoint to assume a role for a project. */
export function assumption(account: string, source: readonly string[] | undefined): AccessRequest {
  return {
    requester: { service: pinpointService },
    action: 'sts:AssumeRole',
    context: { [sourceAccount]: [account], ...(source && { [sourceArn]: source }) },
  };
}

function admission({ trust }: Role): Finding {
  const { effect } = decide([trust], assumption('', []), { ignoring: [sourceAccount, sourceArn] });
  if (effect === 'allow') return ok('The role trusts Amazon Pinpoint');
  const add = `Let the trust policy allow ${pinpointService} sts:AssumeRole.`;
  if (effect === 'deny') return failed('The trust policy denies Amazon Pinpoint sts:AssumeRole', add);
  if (effect === 'unknown') {
    return unknown(
      'Unknown: whether the role trusts Amazon Pinpoint depends on policy conditions',
      'Check the conditions of its trust policy.',
    );
  }
  const named = trust.Statement.flatMap(({ Principal }) =>
    typeof Principal === 'object' ? Object.values(Principal).flat() : [],
  );
  const old = named.find((name) => /^pinpoint\.[a-z0-9-]+\.amazonaws\.com$/.test(name));
  if (old !== undefined) {
    return failed(
      `The role trusts ${old}, the principal of Amazon Pinpoint until 2022, not ${pinpointService}`,
      add,
    );
  }
  return failed(
    `The role doesn't trust Amazon Pinpoint${named.length > 0 ? `, but ${named.join(', ')}` : ''}`,
    add,
  );
}

function isAdmitted(trust: PolicyDocument): boolean {
  return admission({ name: '', arn: '', trust }).status === 'ok';
}

function accountCondition({ trust }: Role, { identity }: SetupScope): Finding | undefined {
  if (!isAdmitted(trust)) return undefined;
  const { account } = identity;
  const condition = `Let its condition aws:SourceAccount be ${account}.`;
  const { effect } = decide([trust], assumption(account, []), { ignoring: [sourceArn] });
  if (effect === 'unknown') return unknown('Unknown: the trust policy has further conditions', condition);
  if (effect !== 'allow') {
    return failed(`The trust policy doesn't allow Amazon Pinpoint for account ${account}`, condition);
  }
  const stranger = '000000000000';
  const foreign = decide(
    [trust],
    assumption(stranger, [`arn:aws:mobiletargeting:us-east-1:${stranger}:apps/0`]),
  );
  if (foreign.effect !== 'allow') return ok(`The role is for account ${account} only`);
  return warning(
    'The role trusts Amazon Pinpoint for any account: no condition names yours (the confused deputy problem)',
    condition,
  );
}

function projectCondition({ trust }: Role, { scope, project }: SetupFacts): Finding | undefined {
  if (!isAdmitted(trust)) return undefined;
  const found = 'value' in project ? project.value : undefined;
  const { account, region } = scope.identity;
  if (!found)
    return unknown(
      'Unknown: no project to check the role for',
      'Choose a project that exists and that you may read, then check again.',
    );
  const { effect } = decide([trust], assumption(account, [found.arn]), { ignoring: [sourceAccount] });
  const condition = `Let its condition aws:SourceArn match ${found.arn}, or ${found.arn.replace(/(?<![^/])[^/]+$/, '*')} for all projects of the region.`;
  if (effect === 'allow') return ok(`The role is for the project ${found.name}`);
  if (effect === 'unknown') return unknown('Unknown: the trust policy has further conditions', condition);
  const elsewhere = decide(
    [trust],
    { ...assumption(account, [found.arn.replace(/(?<![^/])[^/]+$/, '0'.repeat(32))]) },
    { ignoring: [sourceAccount] },
  );
  return failed(
    elsewhere.effect === 'allow'
      ? `The trust policy excludes the project ${found.name}`
      : `The trust policy allows Amazon Pinpoint for other projects, not for ${found.name} in ${region}, account ${account}`,
    condition,
  );
}

/** The decision of a role's policies and its boundary. */
function roleMay({ inline, managed, boundary }: RolePolicies, request: AccessRequest): Decision['effect'] {
  const own = decide([...Object.values(inline), ...Object.values(managed)], request).effect;
  if (own !== 'allow' && own !== 'unknown') return own;
  const bounded = boundary ? decide([boundary], request).effect : 'allow';
  return bounded === 'allow' ? own : bounded;
}

/** The known context of a role's request. */
function roleContext({ identity }: SetupScope, role: string): Record<string, readonly string[]> {
  return {
    'aws:principalarn': [role],
    'aws:principalaccount': [identity.account],
    'aws:resourceaccount': [identity.account],
    's3:resourceaccount': [identity.account],
    'aws:requestedregion': [identity.region],
    'aws:securetransport': ['true'],
    'kms:calleraccount': [identity.account],
    'kms:viaservice': [`s3.${identity.region}.amazonaws.com`],
  };
}

/** Decides whether the policies of a role allow an action in the bucket. */
export function roleMayUseBucket(
  policies: RolePolicies,
  action: string,
  scope: SetupScope,
  role: string,
): Decision['effect'] {
  const bucket = `arn:${partitionOf(scope.identity)}:s3:::${scope.bucket}`;
  const resources: Readonly<Record<string, string>> = {
    's3:ListAllMyBuckets': '*',
    's3:ListBucket': bucket,
    's3:GetBucketLocation': bucket,
  };
  return roleMay(policies, {
    action,
    resource: getOwn(resources, action) ?? `${bucket}/${scope.prefix}${sampleKey}`,
    context: {
      ...roleContext(scope, role),
      ...(action === 's3:ListBucket' && { 's3:prefix': [listedPrefix(scope.prefix)] }),
    },
  });
}

function permission(
  kind: JobKind,
  action: string,
  severity: Need[1],
  facts: SetupFacts,
): Finding | undefined {
  const { scope } = facts;
  const { policies, arn } = facts.roles[kind];
  if (!facts.bucket || !policies) return undefined;
  if ('error' in policies) {
    return notSeen(
      policies.error,
      'iam:ListRolePolicies, iam:GetRolePolicy, iam:ListAttachedRolePolicies, iam:GetPolicy and iam:GetPolicyVersion',
    );
  }
  const place = `s3://${scope.bucket}/${scope.prefix}`;
  switch (roleMayUseBucket(policies.value, action, scope, arn)) {
    case 'allow':
      return ok(`The role has ${action} for ${place}`);
    case 'unknown':
      return unknown(
        `Unknown: whether the role has ${action} for ${place} depends on policy conditions`,
        'Check the conditions of its policies.',
      );
    case 'deny':
      return {
        status: severity,
        message: `A policy of the role, or its boundary, denies ${action} for ${place}`,
        fix: `Remove the denial of ${action}.`,
      };
    case 'none':
      return severity === 'failed'
        ? failed(`The role doesn't have ${action} for ${place}`, `Allow the role ${action}.`)
        : warning(
            `The role doesn't have ${action}, which AWS lists. AWS doesn't document whether exports work without it`,
            `Allow the role ${action}.`,
          );
  }
}

/** Imports decrypt staged files, exports encrypt theirs. Pinpoint's pages don't mention KMS; S3 requires this. */
function keyUse(kind: JobKind, { arn }: Role, { scope, bucket, roles }: SetupFacts): Finding | undefined {
  const used = bucket?.keys[kind];
  const policies = roles[kind].policies;
  if (!used || !('value' in used.key) || !policies) return undefined;
  if (used.key.value.isManagedByAws)
    return ok("AWS's own KMS key for S3 can be used by every role of the account");
  if (!used.policy) return undefined;
  if ('error' in used.policy) return notSeen(used.policy.error, 'kms:GetKeyPolicy');
  if ('error' in policies) return undefined;
  const action = kind === 'import' ? 'kms:Decrypt' : 'kms:GenerateDataKey';
  const fix = `Allow the role ${action} on ${used.key.value.arn}, in its own policy or in the key policy.`;
  switch (mayUseKey(used, used.policy.value, policies.value, action, arn, scope)) {
    case 'allow':
      return ok(`The role can use the KMS key (${action})`);
    case 'unknown':
      return unknown(`Unknown: whether the role has ${action} depends on conditions of the key policy`, fix);
    default:
      return failed(`The role can't use the KMS key ${used.id}: ${action}`, fix);
  }
}

/** The key policy allows it, or delegates to the account's policies, which then must allow it (KMS developer guide, key-policies). */
export function mayUseKey(
  { key }: KeyFacts,
  keyPolicy: PolicyDocument,
  policies: RolePolicies,
  action: string,
  role: string,
  scope: SetupScope,
): Decision['effect'] {
  if ('error' in key) return 'unknown';
  const request = { action, resource: key.value.arn, context: roleContext(scope, role) };
  const asked = { ...request, requester: { arn: role, account: scope.identity.account } };
  const own = roleMay(policies, request);
  if (own === 'deny') return 'deny';
  const direct = decide([keyPolicy], asked).effect;
  if (direct !== 'none') return direct;
  const delegated = decide([keyPolicy], asked, { accountAllows: true }).effect;
  return delegated === 'allow' ? own : delegated;
}

function passing(kind: JobKind, { caller }: SetupFacts): Finding | undefined {
  const seen = caller.get(`iam:PassRole ${kind}`);
  if (seen === undefined) return undefined;
  const fix = `Ask for iam:PassRole on the role. It can be limited to iam:PassedToService ${pinpointService}.`;
  if ('error' in seen) {
    return unknown("Unknown whether you have iam:PassRole for this role: you can't simulate it in IAM", fix);
  }
  switch (seen.value.decision) {
    case 'allowed':
      return ok('You have iam:PassRole for this role');
    case 'unknown':
      return unknown(
        `Whether you have iam:PassRole for this role depends on policy conditions: ${seen.value.missing.join(', ')}`,
        fix,
      );
    default:
      return failed("You don't have iam:PassRole for this role", fix);
  }
}
