import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { RunRecord } from '../../jobs/runs/runRecord.ts';
import type { Runs } from '../../jobs/runs/runs.ts';
import { formatTime } from '../../host/format.ts';
import { askOne } from '../../host/prompts.ts';
import type { Target } from '../../host/targets.ts';
import { textOf, type Invocation, missing } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';

type Services = Pick<CommandServices, 'runs' | 'views'>;

type JobTarget = Extract<Target, { kind: 'run' | 'job' }>;

/** The job that is clicked, else a run. */
export async function chooseJob(call: Invocation, services: Services): Promise<JobTarget> {
  const node = call.targets.find(isJob);
  return node ?? { kind: 'run', run: await chooseRun(call, services, vscode.l10n.t('Show Job')) };
}

/** The run that is named, clicked or selected; else prompts for one of those that `isOffered` accepts. */
export async function chooseRun(
  call: Invocation,
  { runs, views }: Services,
  title: string,
  isOffered: (run: RunRecord) => boolean = () => true,
): Promise<RunRecord> {
  const id = textOf(call);
  if (id !== undefined) return runById(runs, id);
  const selected = call.hasNoArguments ? views.selection() : call.targets;
  const target = selected.find((candidate) => candidate.kind === 'run');
  // From the palette, a selection of several is ambiguous.
  if (target && (!call.hasNoArguments || selected.length === 1)) return runById(runs, target.run.id);
  const all = runs.list().filter(isOffered);
  if (all.length === 0) {
    throw new AudienceError('not-found', 'No matching job', {
      help: 'Import a file, or export a project.',
    });
  }
  if (!call.isInteractive) throw missing('a job', 'Pass its ID.');
  return askOne(title, (asker) =>
    asker.pick({
      placeholder: vscode.l10n.t('Select a job'),
      choices: all.map((record) => ({
        label: titleOf(record),
        description: `${record.kind} · ${record.state}`,
        detail: formatTime(record.created),
        value: record,
      })),
    }),
  );
}

/** The title of a run in lists of prompts. */
export function titleOf({ import: into, export: from, projectName, projectId }: RunRecord): string {
  return into?.segmentName ?? from?.segmentName ?? projectName ?? projectId;
}

/** The run with this ID, or with a job of this ID; else rejects with `not-found`. */
export function runById(runs: Runs, id: string): RunRecord {
  const run = runs.get(id);
  if (run) return run;
  throw new AudienceError('not-found', `No run has this ID: ${id}`, {
    help: 'Pass the ID of a run or of its job, as copied from the Jobs view.',
  });
}

function isJob(target: Target): target is JobTarget {
  return target.kind === 'run' || target.kind === 'job';
}
