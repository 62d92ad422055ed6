import * as vscode from 'vscode';
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import type { MirrorPlan } from '../../jobs/mirror/mirrorPlan.ts';
import type { MirrorCounts, MirrorRecord } from '../../jobs/mirror/mirrorRecord.ts';
import { totalsOf, type CheckedFile } from '../../host/fileChecks.ts';
import { commandIds } from '../../host/commandIds.ts';
import { baseName, plural } from '../../host/format.ts';
import { withCancellableProgress, type Report } from '../../host/progress.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
import { type CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { runFromButton } from '../framework/showError.ts';
import { allDeclared, chooseMirrors, type DeclaredMirror } from './chooseMirrors.ts';
import { editMirrors } from './editMirrors.ts';
import { confirmMirrors, countsOf, notifyOutcome } from './mirrorTexts.ts';
import { planMirrors, stepText } from './planMirrors.ts';

export type MirrorServices = Pick<
  CommandServices,
  'session' | 'memory' | 'checks' | 'views' | 'documents' | 'mirrors' | 'log'
>;
type Services = MirrorServices;
type Ids = Pick<typeof commandIds, 'runMirror' | 'runAllMirrors' | 'dryRunMirror' | 'openMirrors'>;

export function mirrorCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  return {
    [commandIds.runMirror]: async (call) => {
      const records = await runMirrors(call, await chooseMirrors(call), services);
      return records.length === 1 ? records[0] : records;
    },
    [commandIds.runAllMirrors]: async (call) => runMirrors(call, await allDeclared(), services),
    [commandIds.dryRunMirror]: (call) => dryRun(call, services),
    [commandIds.openMirrors]: (call) => editMirrors(call),
  };
}

/** The result of a dry run. */
interface DryRun extends MirrorCounts {
  readonly name: string;
  /** What the files were compared with: the last run, an export of the segment, or nothing if there is no segment. */
  readonly against: MirrorPlan['against'];
  readonly members: number;
}

/** Compares the files of mirrors with their segments, and shows what a run would do. */
async function dryRun(call: Invocation, services: Services): Promise<readonly DryRun[]> {
  const mirrors = await chooseMirrors(call);
  const { plans } = await planMirrors(call, mirrors, services);
  if (!call.isProgrammatic && plans.some(({ against }) => against === 'state'))
    void offerExport(call, services);
  return plans.map((plan) => ({
    name: plan.request.declaration.name,
    against: plan.against,
    members: plan.members,
    ...countsOf(plan),
  }));
}

/** The state of the last run contains neither which members are removed nor what others changed since. */
async function offerExport(call: Invocation, services: Services): Promise<void> {
  const button = vscode.l10n.t('Compare with Export…');
  const text = vscode.l10n.t(
    'Compared with the last run. An export also shows which members are removed, and changes by others.',
  );
  if ((await notify('info', text, button)) !== button) return;
  const again = { ...call, options: { ...call.options, fresh: true } };
  await runFromButton(() => dryRun(again, services), services.log);
}

/** Dry run, one confirmation, import, verification. Resolves with the records of the runs, one per mirror. */
export async function runMirrors(
  wanted: Invocation,
  mirrors: readonly DeclaredMirror[],
  services: Services,
): Promise<readonly MirrorRecord[]> {
  const { newSegment } = readOptions(wanted, { newSegment: 'boolean' });
  const { call, plans, resources, connection, checked } = await planMirrors(wanted, mirrors, services);
  const { errors } = totalsOf(checked);
  if (call.isInteractive) await confirmMirrors(plans, resources, connection, checked);
  else if (errors > 0 && call.options['importAnyway'] !== true) throw errorsFound(checked, errors);
  const failures: unknown[] = [];
  const records = await withCancellableProgress(
    vscode.l10n.t('Mirroring'),
    async (signal, report) => {
      const done: MirrorRecord[] = [];
      for (const [index, plan] of plans.entries()) {
        try {
          // Mirrors that weren't started keep their last state.
          throwIfCancelled(signal);
          const onProgress = progressOf(plan, report, index, plans.length);
          const record = await services.mirrors.run(connection, plan, resources, {
            signal,
            onProgress,
            newSegment,
          });
          done.push(record);
          if (!call.isProgrammatic)
            void notifyOutcome(record, plan, () => runIntoNewSegment(call, mirrors[index]!, services));
        } catch (error) {
          // If one runs in another window, the others still run.
          failures.push(error);
        }
      }
      return done;
    },
    call.signal,
  );
  for (const plan of plans) services.views.refreshSegments(plan.project.id);
  if (failures.length > 0) throw failures[0];
  return records;
}

/** Mirrors into a new segment, from the button of a notification. */
async function runIntoNewSegment(
  call: Invocation,
  mirror: DeclaredMirror,
  services: Services,
): Promise<void> {
  const again = { ...call, options: { ...call.options, newSegment: true } };
  await runFromButton(() => runMirrors(again, [mirror], services), services.log);
}

function progressOf(
  plan: MirrorPlan,
  report: Report,
  index: number,
  count: number,
): (done: number, total: number | undefined, what: string) => void {
  const { name } = plan.request.declaration;
  const place = count > 1 ? `${name} (${index + 1}/${count})` : name;
  return (_done, _total, what) => report(index, count, `${place}: ${stepText(what)}`);
}

function errorsFound(checked: readonly CheckedFile[], errors: number): AudienceError {
  const names = checked.filter(({ result }) => result.errors > 0).map(({ file }) => baseName(file.path));
  return new AudienceError(
    'bad-input',
    `Not mirrored: ${plural(errors, '1 error', '{0} errors')} in ${names.join(', ')}`,
    {
      help: 'Fix the errors in Problems, or pass importAnyway: true.',
    },
  );
}
