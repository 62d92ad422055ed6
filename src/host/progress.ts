import * as vscode from 'vscode';
import { inert } from './inertText.ts';

/** Reports progress: done of total, in any unit, and the current step. */
export type Report = (done: number, total: number | undefined, message?: string) => void;

export type Work<T> = (signal: AbortSignal, report: Report) => Promise<T>;

/** Shows a notification with a cancel button while `work` runs. `outer` cancels it, too. */
export async function withCancellableProgress<T>(
  title: string,
  work: Work<T>,
  outer?: AbortSignal,
): Promise<T> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: inert(title), cancellable: true },
    (progress, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      return work(either(controller.signal, outer), reporter(progress));
    },
  );
}

/** Shows progress in the status bar; after `patience` milliseconds, in a notification with a cancel button. */
export async function withQuietProgress<T>(
  title: string,
  work: Work<T>,
  patience = 2000,
  outer?: AbortSignal,
): Promise<T> {
  const controller = new AbortController();
  const listeners = new Set<Report>();
  const running = work(either(controller.signal, outer), (...state) => {
    for (const listener of listeners) listener(...state);
  });
  const shown = (location: vscode.ProgressLocation): Thenable<unknown> =>
    vscode.window.withProgress({ location, title: inert(title), cancellable: true }, (progress, token) => {
      token.onCancellationRequested(() => controller.abort());
      listeners.add(reporter(progress));
      return settled(running);
    });
  void shown(vscode.ProgressLocation.Window);
  const timer = setTimeout(() => void shown(vscode.ProgressLocation.Notification), patience);
  try {
    return await running;
  } finally {
    clearTimeout(timer);
  }
}

/** Shows progress at the top of a view until `work` settles. */
export async function withViewProgress(viewId: string, work: Promise<unknown>): Promise<void> {
  await vscode.window.withProgress({ location: { viewId } }, () => settled(work));
}

function either(signal: AbortSignal, outer: AbortSignal | undefined): AbortSignal {
  return outer ? AbortSignal.any([signal, outer]) : signal;
}

/** VS Code takes increments of percentages; report them only when they change. */
function reporter(progress: vscode.Progress<{ message?: string; increment?: number }>): Report {
  let reported = 0;
  let lastMessage: string | undefined;
  return (done, total, message) => {
    const percent = total ? Math.min(100, Math.floor((done / total) * 100)) : reported;
    if (percent <= reported && message === lastMessage) return;
    progress.report({
      increment: Math.max(0, percent - reported),
      ...(message === undefined ? {} : { message: inert(message) }),
    });
    reported = Math.max(reported, percent);
    lastMessage = message;
  };
}

/** Resolves when `work` settles; its failure reaches the caller that awaits `work` itself. */
function settled(work: Promise<unknown>): Promise<void> {
  return work.then(
    () => undefined,
    () => undefined,
  );
}
