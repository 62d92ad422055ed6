import * as vscode from 'vscode';
import { failureTexts } from '../jobs/failures/findFailures.ts';
import { hasEnded, type RunRecord } from '../jobs/runs/runRecord.ts';
import type { Runs } from '../jobs/runs/runs.ts';
import { aggregateJob } from '../jobs/runs/aggregateJob.ts';
import { commandIds } from '../host/commandIds.ts';
import { formatCount } from '../host/format.ts';
import type { Log } from '../host/outputLog.ts';
import { getSetting } from '../host/settings.ts';
import { stepOf } from './runActions.ts';
import { countsOf, standingOfRun, titleOfRun, type Standing } from './runStatus.ts';
import { notify } from '../host/notifications.ts';

/** Runs that end within so many milliseconds are told of in one message. */
const gatheringMs = 700;

/** Tells once, in one of all windows, of each run that has ended, with the next step at hand; of several in one message. */
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
    // Runs that ended while no window was open; where the records cannot be read, the Jobs view says so.
    runs.ready.then(gatherAll, () => undefined);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscription.dispose();
  }

  #gather(run: RunRecord): void {
    if (!this.#isToTell(run)) return;
    this.#waiting.add(run.id);
    this.#timer ??= setTimeout(() => void this.#tell(), gatheringMs);
  }

  #isToTell(run: RunRecord): boolean {
    if (!hasEnded(run) || run.notified || run.state === 'cancelled') return false;
    // Without a job, the command that started the run is still there and says itself what went wrong.
    // Of one that had to wait its turn, the command has long gone.
    const isLeft = run.job !== undefined || run.parts !== undefined || run.queued !== undefined;
    return isLeft || Date.parse(run.created) < this.#began;
  }

  async #tell(): Promise<void> {
    try {
      await windowIsThere();
    } catch (error) {
      this.#log.debug('The end of a run is left to another window', error);
      return;
    } finally {
      this.#timer = undefined;
    }
    const ids = [...this.#waiting];
    this.#waiting.clear();
    const ours: RunRecord[] = [];
    for (const id of ids) {
      try {
        // Said to be told before it is told: rather never than in two windows, or at each start.
        if (await this.#runs.markNotified(id)) ours.push(this.#runs.get(id)!);
      } catch (error) {
        this.#log.warn('The end of a run could not be told', error);
      }
    }
    if (!getSetting('jobs.notifyOnCompletion')) return;
    const [first, ...others] = ours;
    if (first && others.length === 0) showOne(first);
    else if (first) showSeveral(ours);
  }
}

/**
 * Resolves once the window has answered. A remote window whose connection broke is waited for by its extension host, for
 * hours, and a browser's may never come back: what is told there nobody sees, so it is left to another window.
 */
async function windowIsThere(): Promise<void> {
  await vscode.commands.getCommands(true);
}

function showOne(run: RunRecord): void {
  const standing = standingOfRun(run);
  const node = { target: { kind: 'run', run } };
  const steps = new Map<string, readonly [command: string, ...args: unknown[]]>();
  if (run.export && standing === 'done') {
    steps.set(vscode.l10n.t('Download…'), [commandIds.downloadExport, node]);
  }
  if (failureTexts(run).length > 0) {
    steps.set(vscode.l10n.t('Show Import Failures in Problems'), [commandIds.markFailures, node]);
  }
  const next = isBad(standing) ? stepOf(run) : undefined;
  if (next) steps.set(next.title, [next.command, ...next.args]);
  steps.set(vscode.l10n.t('Show Job'), [commandIds.showJob, node]);
  const severity = standing === 'done' ? 'info' : standing === 'failed' ? 'error' : 'warning';
  void notify(severity, textOf(run), ...steps.keys()).then((step) => {
    const command = step === undefined ? undefined : steps.get(step);
    if (command) void vscode.commands.executeCommand(...command);
  });
}

/** Counts them; the Jobs view has each. */
function showSeveral(runs: readonly RunRecord[]): void {
  const count = (standing: Standing): number => runs.filter((run) => standingOfRun(run) === standing).length;
  const parts = [
    [count('done'), vscode.l10n.t('completed')],
    [count('done-with-failures'), vscode.l10n.t('completed with failures')],
    [count('failed'), vscode.l10n.t('failed')],
    [count('stopped'), vscode.l10n.t('interrupted')],
  ] as const;
  const text = vscode.l10n.t(
    '{0} jobs have ended: {1}.',
    formatCount(runs.length),
    parts.flatMap(([number, what]) => (number > 0 ? [`${formatCount(number)} ${what}`] : [])).join(', '),
  );
  const show = vscode.l10n.t('Show Jobs');
  const severity = runs.some((run) => isBad(standingOfRun(run))) ? 'warning' : 'info';
  void notify(severity, text, show).then((choice) => {
    if (choice === show) void vscode.commands.executeCommand('pinpointAudience.jobs.focus');
  });
}

function isBad(standing: Standing): boolean {
  return standing === 'failed' || standing === 'done-with-failures';
}

function textOf(run: RunRecord): string {
  const title = titleOfRun(run);
  const job = aggregateJob(run);
  const counts = job ? countsOf(job) : '';
  if (run.state !== 'completed')
    return `${title}: ${run.error?.message ?? vscode.l10n.t('ended without a reason')}`;
  return run.kind === 'import'
    ? vscode.l10n.t('The import of {0} has completed: {1}.', title, counts)
    : vscode.l10n.t('The export of {0} has completed: {1}.', title, counts);
}
