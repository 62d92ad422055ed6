import * as vscode from 'vscode';
import { hasEnded, type RunRecord } from '../jobs/record.ts';
import type { Runs } from '../jobs/runs.ts';
import { commandIds } from '../host/commandIds.ts';
import { describeForLog, type Log } from '../host/log.ts';
import { getSetting } from '../host/settings.ts';
import { countsOf, standingOfRun, titleOfRun } from './status.ts';

/** Tells once, in one of all windows, of each run that has ended, with the next step at hand. */
export class Notifier {
  readonly #runs: Runs;
  readonly #log: Log;
  readonly #subscription: { dispose(): void };

  constructor(runs: Runs, log: Log) {
    this.#runs = runs;
    this.#log = log;
    const tellAll = (): void => {
      for (const run of runs.list()) void this.#tell(run);
    };
    this.#subscription = runs.onDidChange((run) => {
      if (run) void this.#tell(run);
      else tellAll();
    });
    // Runs that ended while no window was open; where the records cannot be read, the Jobs view says so.
    runs.ready.then(tellAll, () => undefined);
  }

  dispose(): void {
    this.#subscription.dispose();
  }

  async #tell(run: RunRecord): Promise<void> {
    // Without a job, the command that started the run is still there and says itself what went wrong.
    if (!hasEnded(run) || run.notified || !run.job || run.state === 'cancelled') return;
    try {
      const isOurs = await this.#runs.markNotified(run.id);
      if (isOurs && getSetting('jobs.notifyOnCompletion')) show(run);
    } catch (error) {
      this.#log.warn(`The end of a run could not be told: ${describeForLog(error)}`);
    }
  }
}

function show(run: RunRecord): void {
  const standing = standingOfRun(run);
  const steps: Readonly<Record<string, string>> = {
    ...(run.export && standing === 'done' && { [vscode.l10n.t('Download…')]: commandIds.downloadExport }),
    [vscode.l10n.t('Show Job')]: commandIds.showJob,
    ...((standing === 'failed' || standing === 'done-with-failures') && {
      [vscode.l10n.t('Show Failures')]: commandIds.showFailures,
    }),
  };
  const display =
    standing === 'done'
      ? vscode.window.showInformationMessage
      : standing === 'done-with-failures'
        ? vscode.window.showWarningMessage
        : vscode.window.showErrorMessage;
  void display(textOf(run), ...Object.keys(steps)).then((step) => {
    const command = step === undefined ? undefined : steps[step];
    if (command !== undefined) void vscode.commands.executeCommand(command, { target: { kind: 'run', run } });
  });
}

function textOf(run: RunRecord): string {
  const title = titleOfRun(run);
  const counts = run.job ? countsOf(run.job) : '';
  if (run.state !== 'completed')
    return `${title}: ${run.error?.message ?? vscode.l10n.t('ended without a reason')}`;
  return run.kind === 'import'
    ? vscode.l10n.t('The import of {0} has completed: {1}.', title, counts)
    : vscode.l10n.t('The export of {0} has completed: {1}.', title, counts);
}
