import * as vscode from 'vscode';
import { AudienceError, isCancelled } from '../../errors.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { mirrorsFile } from '../../jobs/mirror/mirrorDeclaration.ts';
import type { MirrorResources, MirrorPlan } from '../../jobs/mirror/mirrorPlan.ts';
import type { MirrorCounts, MirrorRecord } from '../../jobs/mirror/mirrorRecord.ts';
import { baseName, formatCount, plural } from '../../host/format.ts';
import { confirm, whoAndWhere, type Fact } from '../prompts/confirm.ts';
import { notify } from '../../host/notifications.ts';
import { totalsOf, type CheckedFile } from '../../host/fileChecks.ts';
import { outsideFact } from '../framework/unattended.ts';

export async function confirmMirrors(
  plans: readonly MirrorPlan[],
  resources: MirrorResources,
  connection: Connection,
  checked: readonly CheckedFile[],
): Promise<void> {
  const { errors } = totalsOf(checked);
  const [first] = plans;
  const question =
    plans.length === 1 && first
      ? vscode.l10n.t(
          'Make {0} the exact content of segment {1}?',
          first.request.files.map(({ path }) => baseName(path)).join(', '),
          first.request.declaration.segment,
        )
      : plural(plans.length, 'Run 1 mirror?', 'Run {0} mirrors?');
  await confirm(
    question,
    [
      ...whoAndWhere(connection),
      ...plans.map((plan): Fact => [plan.request.declaration.name, summaryOf(plan)]),
      [vscode.l10n.t('Bucket'), `s3://${resources.bucket}/${resources.prefix}`],
      [vscode.l10n.t('Roles'), [...new Set([resources.importRoleArn, resources.exportRoleArn])].join(', ')],
      [
        vscode.l10n.t('Caution'),
        errors > 0 ? plural(errors, 'the files have 1 error', 'the files have {0} errors') : undefined,
      ],
      await outsideFact(checked.map(({ file }) => file)),
    ],
    [vscode.l10n.t('Mirror')],
    plans.some(({ segment }) => segment !== undefined) || errors > 0 ? 'warning' : 'info',
  );
}

function summaryOf(plan: MirrorPlan): string {
  const { added, changed, removed, unchanged } = countsOf(plan);
  const to = plan.segment?.id ?? vscode.l10n.t('a new segment');
  const counts = vscode.l10n.t(
    '{0} added, {1} changed, {2} removed, {3} unchanged',
    formatCount(added),
    formatCount(changed),
    formatCount(removed),
    formatCount(unchanged),
  );
  return `${counts} · ${plan.project.name}, ${to}`;
}

export function countsOf({ difference }: MirrorPlan): MirrorCounts {
  const { added, changed, removed, unchanged } = difference;
  return { added, changed, removed, unchanged };
}

/** Notifies of the outcome; if the service added instead of replacing, offers a new segment. */
export async function notifyOutcome(
  record: MirrorRecord,
  plan: MirrorPlan,
  renewed: () => Promise<void>,
): Promise<void> {
  const { name, outcome, after, companions, trouble } = record;
  switch (outcome) {
    case 'mirrored': {
      const exact = plural(
        record.members,
        '{1}: verified. The segment has exactly the 1 member of the files.',
        '{1}: verified. The segment has exactly the {0} members of the files.',
        name,
      );
      const texts = [exact, otherEndpointsText(companions), declaredText(plan, record)];
      void notify('info', texts.filter(Boolean).join(' '));
      return;
    }
    case 'appended': {
      const button = vscode.l10n.t('New Segment…');
      const text = plural(
        after?.removed ?? 0,
        "{1}: the import added members but didn't replace others: 1 isn't in the files. Use a new segment, and select it in your campaigns.",
        "{1}: the import added members but didn't replace others: {0} aren't in the files. Use a new segment, and select it in your campaigns.",
        name,
      );
      if ((await notify('warning', text, button)) === button) await renewed();
      return;
    }
    case 'different':
      void notify(
        'warning',
        vscode.l10n.t(
          "{0}: the segment doesn't match the files: {1} {2} different.",
          name,
          formatCount(after?.added ?? 0),
          formatCount(after?.changed ?? 0),
        ),
      );
      return;
    default:
      if (trouble && !isCancelled(new AudienceError(trouble.code, trouble.message))) {
        void notify('error', [`${name}: ${trouble.message}`, trouble.help].filter(Boolean).join('. '));
      }
  }
}

function otherEndpointsText(companions: number | undefined): string {
  return companions === undefined
    ? ''
    : vscode.l10n.t('Pinpoint also added {0} other endpoints of the same users.', formatCount(companions));
}

/** A reminder if the file names an old segment. */
function declaredText({ request }: MirrorPlan, { segmentId }: MirrorRecord): string {
  const { segmentId: declaredId } = request.declaration;
  return declaredId === undefined || declaredId === segmentId
    ? ''
    : vscode.l10n.t(
        'Set segmentId to {0} in {1}, or the next run updates the old segment.',
        segmentId ?? '',
        mirrorsFile,
      );
}
