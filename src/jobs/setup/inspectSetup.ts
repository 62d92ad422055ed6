import { parseRoleArn } from '../../aws/iam/roleArn.ts';
import type { JobKind, Project } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { SetupServices, Simulated } from '../../aws/iam/setupServices.ts';
import { AudienceError, isCancelled, throwIfCancelled } from '../../errors.ts';
import type { CallerNeed } from './callerNeeds.ts';
import { callerNeeds } from './callerNeeds.ts';
import type {
  SetupScope,
  Seen,
  SetupFacts,
  BucketFacts,
  KeyFacts,
  RoleFacts,
  Permission,
} from './setupFacts.ts';
import { getOwn } from '../../ownMember.ts';

interface Inspecting {
  readonly signal?: AbortSignal | undefined;
  /** Called with a short description of the current step. */
  readonly onProgress?: ((done: number, total: number, what: string) => void) | undefined;
}

/** Reads all facts without changing anything. Records errors as facts; throws only `cancelled`. */
export async function inspectSetup(
  connection: Pick<Connection, 'audience' | 'staging' | 'setup'>,
  scope: SetupScope,
  { signal, onProgress }: Inspecting = {},
): Promise<SetupFacts> {
  const { audience, staging } = connection;
  const step = (done: number, what: string): void => {
    throwIfCancelled(signal);
    onProgress?.(done, 5, what);
  };
  step(0, 'project');
  const services = await connection.setup();
  const project = await see<Project | undefined>(async () =>
    scope.projectId === undefined
      ? (await audience.listProjects({ signal })).items[0]
      : audience.getProject(scope.projectId),
  );
  const id = 'value' in project ? project.value?.id : undefined;
  const listed =
    id === undefined
      ? undefined
      : await see(async () => audience.listSegments(id, { pageSize: 1, signal }).then(() => true as const));

  step(1, 'bucket');
  const bucket = scope.bucket === '' ? undefined : await inspectBucket(staging, services, scope, signal);
  step(2, 'import role');
  const importRole = await inspectRole(services, scope, 'import', signal);
  step(3, 'export role');
  const exportRole = await inspectRole(services, scope, 'export', signal);
  step(4, 'permissions');
  const principal = await see(() => principalOf(scope.identity.arn, services.roles, signal));
  const facts = { scope, principal, project, roles: { import: importRole, export: exportRole } };
  const withBucket = { ...facts, ...(listed && { audience: listed }), ...(bucket && { bucket }) };
  return {
    ...withBucket,
    caller: await inspectCaller(connection, services, { ...withBucket, caller: new Map() }, signal),
  };
}

async function see<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { value: await look() };
  } catch (error) {
    if (!(error instanceof AudienceError) || isCancelled(error)) throw error;
    return { error };
  }
}

async function inspectBucket(
  staging: Connection['staging'],
  { buckets, keys }: SetupServices,
  { bucket, prefix, kmsKeyId }: SetupScope,
  signal: AbortSignal | undefined,
): Promise<BucketFacts> {
  const region = await see(() => staging.bucketRegion(bucket, { folder: prefix, signal }));
  const exists = 'value' in region;
  const inside = exists
    ? {
        publicAccess: await see(() => buckets.publicAccess(bucket, signal)),
        encryption: await see(() => buckets.encryption(bucket, signal)),
        lifecycle: await see(() => buckets.lifecycle(bucket, signal)),
        policy: await see(() => buckets.policy(bucket, signal)),
        versioning: await see(() => buckets.versioning(bucket, signal)),
      }
    : undefined;
  const encryption = inside && 'value' in inside.encryption ? inside.encryption.value : undefined;
  const known = new Map<string, Promise<KeyFacts>>();
  const inspectKey = async (id: string | undefined): Promise<KeyFacts | undefined> => {
    if (id === undefined || id === '') return undefined;
    const inspected =
      known.get(id) ??
      see(() => keys.describe(id, signal)).then(async (key) => ({
        id,
        key,
        // The policy of AWS's own key doesn't matter.
        ...('value' in key &&
          !key.value.isManagedByAws && { policy: await see(() => keys.policy(key.value, signal)) }),
      }));
    known.set(id, inspected);
    return inspected;
  };
  return {
    region,
    ...(inside && { inside }),
    keys: {
      import: await inspectKey(kmsKeyId || encryption?.keyId),
      export: await inspectKey(encryption?.keyId),
    },
  };
}

async function inspectRole(
  { roles }: SetupServices,
  { identity, roles: arns }: SetupScope,
  kind: JobKind,
  signal: AbortSignal | undefined,
): Promise<RoleFacts> {
  const arn = arns[kind];
  const name = nameOfOwnRole(arn, identity.account);
  if (name === undefined) return { arn };
  const role = await see(() => roles.find(name, signal));
  if (!('value' in role) || role.value === undefined) return { arn, role };
  const found = role.value;
  return { arn, role, policies: await see(() => roles.policies(found, signal)) };
}

/** The name of a role of the connection's account. */
function nameOfOwnRole(arn: string, account: string): string | undefined {
  try {
    const role = parseRoleArn(arn, 'role');
    return role.account === account ? role.name : undefined;
  } catch (error) {
    if (error instanceof AudienceError) return undefined;
    throw error;
  }
}

/** Simulates in IAM if permitted, else tries read operations. Never tries a write operation. */
async function inspectCaller(
  { audience, staging }: Pick<Connection, 'audience' | 'staging'>,
  { roles }: SetupServices,
  facts: SetupFacts,
  signal: AbortSignal | undefined,
): Promise<SetupFacts['caller']> {
  const found = new Map<string, Seen<Permission>>();
  const needs = callerNeeds(facts);
  const id = 'value' in facts.project ? facts.project.value?.id : undefined;
  const { principal } = facts;
  const probes: Readonly<Record<string, () => Promise<unknown>>> = {
    'mobiletargeting:GetApps': () => audience.listProjects({ pageSize: 1, signal }),
    ...(id !== undefined && {
      'mobiletargeting:GetApp': () => audience.getProject(id),
      'mobiletargeting:GetSegments': () => audience.listSegments(id, { pageSize: 1, signal }),
      'mobiletargeting:GetImportJobs': () => audience.listJobs('import', id, { pageSize: 1, signal }),
      'mobiletargeting:GetExportJobs': () => audience.listJobs('export', id, { pageSize: 1, signal }),
    }),
    's3:ListBucket': () =>
      staging.list(facts.scope.bucket, facts.scope.prefix, signal)[Symbol.asyncIterator]().next(),
  };
  let refusal = 'error' in principal ? principal.error : undefined;
  for (const group of askedTogether(needs)) {
    throwIfCancelled(signal);
    const { resource, context } = group[0]!;
    const actions = group.map(({ action }) => action);
    const simulated =
      refusal === undefined && 'value' in principal
        ? await see(() => roles.simulate({ identity: principal.value, actions, resource, context }, signal))
        : { error: refusal! };
    // If one is refused, all are.
    if ('error' in simulated) refusal ??= simulated.error;
    for (const { key, action } of group) {
      const seen: Seen<Permission> =
        'error' in simulated ? simulated : { value: permissionOf(action, simulated.value) };
      const probe = 'error' in seen ? getOwn(probes, key) : undefined;
      found.set(key, probe ? await tryOut(probe, seen) : seen);
    }
  }
  return found;
}

/** Groups the actions on the same resource into one request to IAM. */
function askedTogether(needs: readonly CallerNeed[]): readonly (readonly CallerNeed[])[] {
  const groups = new Map<string, CallerNeed[]>();
  for (const need of needs) {
    const subject = JSON.stringify([need.resource, need.context]);
    groups.set(subject, [...(groups.get(subject) ?? []), need]);
  }
  return [...groups.values()];
}

function permissionOf(wanted: string, answers: readonly Simulated[]): Permission {
  const answer = answers.find(({ action }) => action === wanted);
  if (answer === undefined) return { decision: 'unknown', by: 'simulation', missing: [] };
  const { missing } = answer;
  const isOpen = answer.decision === 'implicitDeny' && missing.length > 0;
  return { decision: isOpen ? 'unknown' : answer.decision, by: 'simulation', missing };
}

async function tryOut(probe: () => Promise<unknown>, otherwise: Seen<Permission>): Promise<Seen<Permission>> {
  const tried = await see(probe);
  if ('value' in tried) return { value: { decision: 'allowed', by: 'probe', missing: [] } };
  if (tried.error.code !== 'access-denied') return otherwise;
  return { value: { decision: 'implicitDeny', by: 'probe', missing: [] } };
}

/**
 * The ARN for policies and simulations: for a session, the ARN of its role, which the ARN of the session names without its path.
 *
 * @throws AudienceError `bad-input` for identities without policies, such as the root user
 */
async function principalOf(
  arn: string,
  roles: SetupServices['roles'],
  signal: AbortSignal | undefined,
): Promise<string> {
  const [, partition, account, name] = /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn) ?? [];
  if (name !== undefined) {
    const role = await see(() => roles.find(name, signal));
    if ('value' in role && role.value) return role.value.arn;
    return `arn:${partition ?? 'aws'}:iam::${account ?? ''}:role/${name}`;
  }
  if (/:iam::\d{12}:(user|role)\//.test(arn)) return arn;
  throw new AudienceError('bad-input', 'IAM can simulate only users and roles');
}
