import { parseRoleArn } from '../../aws/iam/roleArn.ts';
import type { JobKind, Project } from '../../aws/pinpoint/audienceService.ts';
import { AudienceError } from '../../errors.ts';
import type { CheckResult } from './setupChecks.ts';
import { checkSetup } from './setupChecks.ts';
import type { SetupFacts, SetupScope } from './setupFacts.ts';
import type { WantedSetup } from './wantedSetup.ts';
import { planSetup } from './setupPlan.ts';
import { cliCommand } from './setupScripts.ts';

/** The checks of a setup, with the commands that would fix them. */
export interface SetupReport {
  readonly scope: SetupScope;
  readonly project: Project | undefined;
  readonly results: readonly CheckResult[];
  /** AWS CLI commands that fix a check, by its id. "Create Setup" does the same. */
  readonly fixes: ReadonlyMap<string, readonly string[]>;
}

export function reportSetup(facts: SetupFacts): SetupReport {
  const { scope, project } = facts;
  const results = checkSetup(facts);
  const found = 'value' in project ? project.value : undefined;
  return { scope, project: found, results, fixes: fixesOf(facts, results, found?.id) };
}

/** The setup in the settings, with proposed names for missing ones. */
export function wantedOfScope(scope: SetupScope, projectId: string | undefined): WantedSetup {
  const { identity, bucket, prefix, kmsKeyId } = scope;
  return {
    identity,
    projectId,
    bucket: bucket || proposedNames(scope).bucket,
    prefix,
    kmsKeyId,
    roles: { import: nameOfRole(scope, 'import'), export: nameOfRole(scope, 'export') },
  };
}

/** Names with account and region: bucket names are unique across AWS, role names within the account. */
export function proposedNames({ identity }: Pick<SetupScope, 'identity'>): {
  readonly bucket: string;
  readonly roles: Readonly<Record<JobKind, string>>;
} {
  const { account, region } = identity;
  return {
    bucket: `pinpoint-audience-${account}-${region}`,
    roles: { import: `PinpointAudienceImport-${region}`, export: `PinpointAudienceExport-${region}` },
  };
}

function nameOfRole(scope: SetupScope, kind: JobKind): string {
  try {
    const { account, name } = parseRoleArn(scope.roles[kind], `${kind} role`);
    if (account === scope.identity.account) return name;
  } catch (error) {
    if (!(error instanceof AudienceError)) throw error;
  }
  return proposedNames(scope).roles[kind];
}

function fixesOf(
  facts: SetupFacts,
  results: readonly CheckResult[],
  projectId: string | undefined,
): SetupReport['fixes'] {
  const fixes = new Map<string, readonly string[]>();
  const failing = new Set(results.filter(({ status }) => status !== 'ok').map(({ id }) => id));
  // Commands need the names of all three.
  if (facts.bucket === undefined || !facts.roles.import.role || !facts.roles.export.role) return fixes;
  try {
    const plan = planSetup(wantedOfScope(facts.scope, projectId), facts, new Set());
    for (const { call, fixes: ids } of plan.steps) {
      if (call === undefined) continue;
      const fixed = ids.filter((id) => failing.has(id));
      for (const id of fixed) fixes.set(id, [...(fixes.get(id) ?? []), cliCommand(call)]);
    }
  } catch (error) {
    // The results include what prevents a plan.
    if (!(error instanceof AudienceError)) throw error;
  }
  return fixes;
}
