import * as vscode from 'vscode';
import { AudienceError } from '../errors.ts';
import { hasEnded, type RunRecord } from '../jobs/record.ts';
import type { Runs } from '../jobs/runs.ts';
import { formatCount, formatTime } from '../host/format.ts';
import { askOne } from '../host/prompts.ts';
import type { Target } from '../host/targets.ts';
import { missing } from './choose.ts';
import { confirm } from './confirm.ts';
import { commandIds } from '../host/commandIds.ts';
import { textOf, type Invocation } from './invocation.ts';
import type { CommandTable } from './register.ts';
import type { CommandServices } from './services.ts';

type Services = Pick<CommandServices, 'runs' | 'views' | 'documents'>;
type Ids = Pick<typeof commandIds, 'showJob' | 'showFailures' | 'forgetRun'>;

export function jobCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  const { documents } = services;
  return {
    [commandIds.showJob]: async (call) => documents.showJob(await chooseJob(call, services)),
    [commandIds.showFailures]: async (call) => documents.showJob(await chooseJob(call, services), 'failures'),
    [commandIds.forgetRun]: (call) => forgetRuns(call, services),
  };
}

type JobTarget = Extract<Target, { kind: 'run' | 'job' }>;

async function chooseJob(call: Invocation, { runs }: Services): Promise<JobTarget> {
  const id = textOf(call);
  if (id !== undefined) return { kind: 'run', run: known(runs, id) };
  const node = call.targets.find(isJob);
  if (node) return node;
  const all = runs.list();
  if (all.length === 0) {
    throw new AudienceError('not-found', 'There is no job yet', {
      help: 'Import a file, or export a project.',
    });
  }
  if (!call.mayAsk) throw missing('a job', 'Pass its id.');
  const run = await askOne(vscode.l10n.t('Show Job'), (asker) =>
    asker.pick({
      placeholder: vscode.l10n.t('Which job?'),
      choices: all.map((record) => ({
        label:
          record.import?.segmentName ?? record.export?.segmentName ?? record.projectName ?? record.projectId,
        description: `${record.kind} · ${record.state}`,
        detail: formatTime(record.created),
        value: record,
      })),
    }),
  );
  return { kind: 'run', run };
}

/** Takes ended runs off the list. What they wrote in the service and in the bucket stays. */
async function forgetRuns(call: Invocation, { runs, views }: Services): Promise<void> {
  const id = textOf(call);
  const targets = call.bare ? views.selection() : call.targets;
  const chosen =
    id !== undefined
      ? [known(runs, id)]
      : targets.flatMap((target) => (target.kind === 'run' ? [target.run] : []));
  if (chosen.length === 0) throw missing('a run', 'Select it in the Jobs view, or pass its id.');
  const live = chosen.filter((run) => !hasEnded(run));
  if (live.length > 0) {
    throw new AudienceError('conflict', 'A run that still goes on cannot be forgotten', {
      help: 'Wait until it has ended.',
    });
  }
  if (call.mayAsk) {
    await confirm(
      chosen.length === 1
        ? vscode.l10n.t('Forget this run?')
        : vscode.l10n.t('Forget {0} runs?', formatCount(chosen.length)),
      [[vscode.l10n.t('Kept'), vscode.l10n.t('what is in Pinpoint, in the bucket and on disk')]],
      [vscode.l10n.t('Forget')],
    );
  }
  for (const run of chosen) await runs.forget(run.id);
}

function known(runs: Runs, id: string): RunRecord {
  const run = runs.get(id);
  if (run) return run;
  throw new AudienceError('not-found', `No run has this id: ${id}`, {
    help: 'Pass the id of a run or of its job, as the Jobs view copies it.',
  });
}

function isJob(target: Target): target is JobTarget {
  return target.kind === 'run' || target.kind === 'job';
}
