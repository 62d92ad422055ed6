import * as vscode from 'vscode';
import { hasEnded, type RunRecord } from '../../jobs/runs/runRecord.ts';
import { commandIds } from '../../host/commandIds.ts';
import type { Invocation } from '../framework/invocation.ts';
import type { ImportServices } from '../import/importFile.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { chooseJob, chooseRun } from './chooseRun.ts';
import { markFailures } from './markFailures.ts';
import { runAgain } from './runAgain.ts';
import { retryRun } from './retryRun.ts';
import { watchJobs } from './watchJobs.ts';
import { filterJobs } from './filterJobs.ts';
import { forgetRuns } from './forgetRuns.ts';

type Services = ImportServices & Pick<CommandServices, 'views' | 'documents' | 'failures'>;

type Ids = Pick<
  typeof commandIds,
  | 'showJob'
  | 'showFailures'
  | 'markFailures'
  | 'runAgain'
  | 'retryRun'
  | 'cancelRun'
  | 'watchJob'
  | 'filterJobs'
  | 'clearJobsFilter'
  | 'forgetRun'
>;

export function jobCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  const { documents, views } = services;
  return {
    [commandIds.showJob]: async (call) => documents.showJob(await chooseJob(call, services)),
    [commandIds.showFailures]: async (call) => documents.showJob(await chooseJob(call, services), 'failures'),
    [commandIds.markFailures]: (call) => markFailures(call, services),
    [commandIds.runAgain]: (call) => runAgain(call, services),
    [commandIds.retryRun]: (call) => retryRun(call, services),
    [commandIds.cancelRun]: (call) => cancelRun(call, services),
    [commandIds.watchJob]: (call) => watchJobs(call, services),
    [commandIds.filterJobs]: (call) => filterJobs(call, services),
    [commandIds.clearJobsFilter]: () => {
      views.jobsFilter = undefined;
    },
    [commandIds.forgetRun]: (call) => forgetRuns(call, services),
  };
}

/** Cancels an import whose job isn't created yet; its staged files are deleted. */
async function cancelRun(call: Invocation, services: Services): Promise<void> {
  const isLive = (run: RunRecord): boolean => run.import !== undefined && !hasEnded(run);
  const run = await chooseRun(call, services, vscode.l10n.t('Cancel Import'), isLive);
  await services.runs.cancel(run.id);
}
