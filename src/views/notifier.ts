import * as vscode from 'vscode';
import { failureTexts } from '../jobs/failures/findFailures.ts';
import { doublesOf, hasEnded, type RunRecord } from '../jobs/runs/runRecord.ts';
import type { Runs } from '../jobs/runs/runs.ts';
import { aggregateJob } from '../jobs/runs/aggregateJob.ts';
import { commandIds } from '../host/commandIds.ts';
import { formatCount } from '../host/format.ts';
import type { Log } from '../host/outputLog.ts';
import { getSetting } from '../host/settings.ts';
import { CallNode } from '../host/targets.ts';
import { stepOf } from './runActions.ts';
import { countsOf, statusOfRun, titleOfRun, type DisplayStatus } from './runStatus.ts';
import { notify } from '../host/notifications.ts';

/** Runs that end within this many milliseconds share one notification. */
const gatheringMs = 700;

/** Notifies once, in one window, of each run that has ended, with the next step as a button; several runs share one message. */
export class Notifier {
  readonly #runs: Runs;
  readonly #log: Log;
  readonly #subscription: { dispose(): void };
  readonly #began = Date.now();
  readonly #waiting = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(runs: Runs, log: Log) {
    this.#runs = runs;
    this.#log = log;
    const gatherAll = (): void => {
      for (const run of runs.list()) this.#gather(run);
    };
    this.#subscription = runs.onDidChange((run) => {
      if (run) this.#gather(run);
      else gatherAll();
    });
    // Runs that ended while no window was open. If the records can't be read, the Jobs view says so.
    runs.ready.then(gatherAll, () => undefined);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscription.dispose();
  }

  #gather(run: RunRecord): void {
    if (!this.#needsNotification(run)) return;
    this.#waiting.add(run.id);
    this.#timer ??= setTimeout(() => void this.#notify(), gatheringMs);
  }

  #needsNotification(run: RunRecord): boolean {
    if (!hasEnded(run) || run.notified || run.state === 'cancelled') return false;
    // Without a job, the command that started the run still reports its failure itself.
    // If the run was queued, that command ended long ago.
    const isLeft = run.job !== undefined || run.parts !== undefined || run.queued !== undefined;
    return isLeft || Date.parse(run.created) < this.#began;
  }

  async #notify(): Promise<void> {
    try {
      await windowResponds();
    } catch (error) {
      this.#log.debug('Left the notification of a run to another window', error);
      return;
    } finally {
      this.#timer = undefined;
    }
    const ids = [...this.#waiting];
    this.#waiting.clear();
    const ours: RunRecord[] = [];
    for (const id of ids) {
      try {
        // Mark as notified first: losing a notification beats showing it in two windows or after every restart.
        if (await this.#runs.markNotified(id)) ours.push(this.#runs.get(id)!);
      } catch (error) {
        this.#log.warn('Could not notify of a finished run', error);
      }
    }
    if (!getSetting('jobs.notifyOnCompletion')) return;
    const [first, ...others] = ours;
    if (first && others.length === 0) showOne(first);
    else if (first) showSeveral(ours);
  }
}

/**
 * Resolves once the window has answered. The extension host of a remote window waits hours for a broken connection, and a
 * browser may never come back: a notification there would go unseen, so another window shows it.
 */
async function windowResponds(): Promise<void> {
  await vscode.commands.getCommands(true);
}

function showOne(run: RunRecord): void {
  const status = statusOfRun(run);
  const node = new CallNode({ kind: 'run', run });
  const steps = new Map<string, readonly [command: string, ...args: unknown[]]>();
  if (run.export && status === 'done') {
    steps.set(vscode.l10n.t('Download…'), [commandIds.downloadExport, node]);
  }
  if (failureTexts(run).length > 0) {
    steps.set(vscode.l10n.t('Show Import Failures in Problems'), [commandIds.markFailures, node]);
  }
  const next = isBad(status) ? stepOf(run) : undefined;
  if (next) steps.set(next.title, [next.command, ...next.args]);
  steps.set(vscode.l10n.t('Show Job'), [commandIds.showJob, node]);
  const isDone = status === 'done' && doublesOf(run).length === 0;
  const severity = isDone ? 'info' : status === 'failed' ? 'error' : 'warning';
  void notify(severity, textOf(run), ...steps.keys()).then((step) => {
    const command = step === undefined ? undefined : steps.get(step);
    if (command) void vscode.commands.executeCommand(...command);
  });
}

/** Counts them; the Jobs view has each. */
function showSeveral(runs: readonly RunRecord[]): void {
  const count = (status: DisplayStatus): number => runs.filter((run) => statusOfRun(run) === status).length;
  const doubled = runs.filter((run) => doublesOf(run).length > 0).length;
  const parts = [
    [count('done'), vscode.l10n.t('completed')],
    [count('done-with-failures'), vscode.l10n.t('completed with failures')],
    [count('failed'), vscode.l10n.t('failed')],
    [count('stopped'), vscode.l10n.t('interrupted')],
    [doubled, vscode.l10n.t('started more than once')],
  ] as const;
  const text = vscode.l10n.t(
    '{0} jobs have ended: {1}.',
    formatCount(runs.length),
    parts.flatMap(([number, what]) => (number > 0 ? [`${formatCount(number)} ${what}`] : [])).join(', '),
  );
  const show = vscode.l10n.t('Show Jobs');
  const severity = doubled > 0 || runs.some((run) => isBad(statusOfRun(run))) ? 'warning' : 'info';
  void notify(severity, text, show).then((choice) => {
    if (choice === show) void vscode.commands.executeCommand('pinpointAudience.jobs.focus');
  });
}

function isBad(status: DisplayStatus): boolean {
  return status === 'failed' || status === 'done-with-failures';
}

function textOf(run: RunRecord): string {
  const title = titleOfRun(run);
  const job = aggregateJob(run);
  const counts = job ? countsOf(job) : '';
  if (run.state !== 'completed') return `${title}: ${run.error?.message ?? vscode.l10n.t('no reason given')}`;
  if (doublesOf(run).length > 0) {
    return vscode.l10n.t(
      '{0} was started more than once. Show the job to delete the additional segments.',
      title,
    );
  }
  return run.kind === 'import'
    ? vscode.l10n.t('The import of {0} has completed: {1}.', title, counts)
    : vscode.l10n.t('The export of {0} has completed: {1}.', title, counts);
}
