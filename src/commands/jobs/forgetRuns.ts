import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import { partIndexes, runJob } from '../../jobs/runs/parts.ts';
import { hasEnded } from '../../jobs/runs/runRecord.ts';
import { isCancellable } from '../../jobs/drive/retry.ts';
import { plural } from '../../host/format.ts';
import { confirm } from '../prompts/confirm.ts';
import { textOf, type Invocation, missing } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { runById, titleOf } from './chooseRun.ts';

type Services = Pick<CommandServices, 'runs' | 'views'>;

/** Removes runs from the list. Running jobs continue unwatched; what they wrote is kept. */
export async function forgetRuns(call: Invocation, { runs, views }: Services): Promise<void> {
  const id = textOf(call);
  const targets = call.hasNoArguments ? views.selection() : call.targets;
  const chosen =
    id !== undefined
      ? [runById(runs, id)]
      : targets.flatMap((target) => (target.kind === 'run' ? [runById(runs, target.run.id)] : []));
  if (chosen.length === 0) throw missing('a run', 'Select it in the Jobs view, or pass its ID.');
  if (chosen.some((run) => partIndexes(run).some((part) => isCancellable(runJob(run, part))))) {
    throw new AudienceError('conflict', "Can't forget a run whose job isn't created yet", {
      help: 'Cancel it, or wait until the job is running.',
    });
  }
  const live = chosen.filter((run) => !hasEnded(run));
  if (call.isInteractive) {
    await confirm(
      plural(chosen.length, 'Forget 1 run?', 'Forget {0} runs?'),
      [
        [vscode.l10n.t('Kept'), vscode.l10n.t('everything in Pinpoint, in the bucket and on disk')],
        [vscode.l10n.t('No longer watched'), live.length > 0 ? live.map(titleOf).join(', ') : undefined],
      ],
      [vscode.l10n.t('Forget')],
      'warning',
    );
  }
  for (const run of chosen) await runs.forget(run.id);
}
