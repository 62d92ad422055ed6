import * as vscode from 'vscode';
import { stat } from 'node:fs/promises';
import { AudienceError } from '../../errors.ts';
import { kindOfFailure } from '../../jobs/failures/failureClues.ts';
import { failureTexts, type FoundFailures } from '../../jobs/failures/findFailures.ts';
import type { RunRecord } from '../../jobs/runs/runRecord.ts';
import { baseName } from '../../host/format.ts';
import { withQuietProgress } from '../../host/progress.ts';
import type { Invocation } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { chooseRun } from './chooseRun.ts';

type Services = Pick<CommandServices, 'runs' | 'views' | 'failures'>;

/**
 * Shows in Problems and in the file which lines the service rejected. Resolves with these, and what Problems shows: the service's own
 * texts quote rows.
 */
export async function markFailures(call: Invocation, services: Services): Promise<FoundFailures> {
  const found = await mark(call, services);
  return {
    ...found,
    failures: found.failures.map(({ text, place }) => ({ text: kindOfFailure(text), place })),
  };
}

async function mark(call: Invocation, services: Services): Promise<FoundFailures> {
  const { failures } = services;
  const hasTexts = (run: RunRecord): boolean => failureTexts(run).length > 0;
  const run = await chooseRun(call, services, vscode.l10n.t('Show Import Failures in Problems'), hasTexts);
  if (!hasTexts(run)) {
    throw new AudienceError('not-found', 'The service reported no failed entries for this job', {
      help: 'Show the job for details.',
    });
  }
  const found = await withQuietProgress(vscode.l10n.t('Finding the failed lines'), (signal) =>
    failures.find(run, signal),
  );
  failures.mark(run, found);
  const first = found.failures.find(({ place }) => place !== undefined)?.place;
  if (call.isProgrammatic) return found;
  if (!first) {
    const reason =
      found.gone.length > 0
        ? vscode.l10n.t('{0} no longer exists.', found.gone.map(baseName).join(', '))
        : vscode.l10n.t('No failure could be matched to a line of the file.');
    void notify('info', reason);
    return found;
  }
  await openAt(first.path, first.line, first.column);
  await vscode.commands.executeCommand('workbench.actions.view.problems');
  if (found.changed.length > 0) {
    void notify(
      'warning',
      vscode.l10n.t(
        '{0} has changed since it was sent: lines may have moved.',
        found.changed.map(baseName).join(', '),
      ),
    );
  }
  return found;
}

/** Opens a line, unless the file is too large for the editor. */
async function openAt(path: string, line: number, column = 1): Promise<void> {
  const { size } = await stat(path);
  if (size > largestDocument) return;
  const at = new vscode.Position(line - 1, column - 1);
  await vscode.window.showTextDocument(vscode.Uri.file(path), { selection: new vscode.Range(at, at) });
}

/** VS Code doesn't sync larger documents to extensions. */
const largestDocument = 50 * 1024 * 1024;
