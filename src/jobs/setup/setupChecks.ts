import { bucketChecks } from './bucketChecks.ts';
import { callerNeeds } from './callerNeeds.ts';
import type { Check, CheckGroup, Finding } from './checkFindings.ts';
import { failed, ok, pages, unknown, warning } from './checkFindings.ts';
import type { SetupFacts } from './setupFacts.ts';
import { roleChecks } from './roleChecks.ts';

/** A check with its finding. */
export interface CheckResult extends Finding {
  readonly id: string;
  readonly group: CheckGroup;
  readonly page: string;
}

const serviceChecks: readonly Check[] = [
  {
    id: 'identity',
    group: 'You',
    page: pages.identity,
    evaluate: ({ scope: { identity } }) => ok(`You are ${identity.arn}, in ${identity.region}`),
  },
  {
    id: 'project',
    group: 'Project',
    page: pages.actions,
    evaluate: ({ project, scope: { identity } }) => {
      if ('error' in project) return failed(project.error.message, project.error.help);
      if (project.value) return ok(`Project ${project.value.name} found`);
      return failed(
        `No project in ${identity.region}`,
        'Choose the region of your project with "Select Region…".',
      );
    },
  },
  {
    id: 'audience',
    group: 'Project',
    page: pages.endOfSupport,
    evaluate: ({ audience }) => {
      if (audience === undefined) return undefined;
      if ('error' in audience) return failed(audience.error.message, audience.error.help);
      return ok('Segments can be listed: this region serves audiences');
    },
  },
];

/** One check per permission of the user. PassRole is reported with the roles. */
function callerChecks(facts: SetupFacts): readonly Check[] {
  return callerNeeds(facts)
    .filter(({ action }) => action !== 'iam:PassRole')
    .map(({ key, action, resource, why, isOptional }) => ({
      id: `caller-${action}`,
      group: 'You',
      page: pages.actions,
      evaluate: ({ caller }) => {
        const seen = caller.get(key);
        const fix = `Ask for ${action} on ${resource}.`;
        if (seen === undefined) return undefined;
        if ('error' in seen) {
          return unknown(
            `Unknown whether you can ${why} (${action})`,
            'Ask for iam:SimulatePrincipalPolicy on yourself. Write operations are never tried out.',
          );
        }
        switch (seen.value.decision) {
          case 'allowed':
            return ok(`You can ${why} (${action})`);
          case 'unknown':
            return unknown(
              `Whether you can ${why} (${action}) depends on policy conditions: ${seen.value.missing.join(', ')}`,
              fix,
            );
          default:
            return isOptional === true
              ? warning(`You can't ${why} (${action})`, fix)
              : failed(`You can't ${why} (${action})`, fix);
        }
      },
    }));
}

/** Evaluates the facts. Omits checks whose subject doesn't exist. */
export function checkSetup(facts: SetupFacts): readonly CheckResult[] {
  return [...serviceChecks, ...callerChecks(facts), ...bucketChecks, ...roleChecks]
    .flatMap(({ id, group, page, evaluate }) => {
      const finding = evaluate(facts);
      return finding ? [{ id, group, page, ...finding }] : [];
    })
    .sort((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group));
}

export const groups: readonly CheckGroup[] = [
  'Project',
  'Staging bucket',
  'Import role',
  'Export role',
  'You',
];
