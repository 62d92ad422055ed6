import * as vscode from 'vscode';
import { explainRun, type NextStep } from '../jobs/failures/explain.ts';
import { failureTexts } from '../jobs/failures/findFailures.ts';
import { hasEnded, type RunRecord } from '../jobs/runs/runRecord.ts';
import { isCancellable as isJobCancellable } from '../jobs/drive/retry.ts';
import { commandIds, type CommandId } from '../host/commandIds.ts';
import { CallNode } from '../host/targets.ts';
import { statusOfRun } from './runStatus.ts';

/** An action on a run, as a button or link. */
export interface Action {
  readonly title: string;
  readonly command: CommandId;
  readonly args: readonly unknown[];
}

/** The command for the next step of a failure's explanation, if there is one. */
export function actionOf(step: NextStep, run: RunRecord): Action | undefined {
  const files = (run.import?.files ?? []).map(({ path }) => vscode.Uri.file(path));
  switch (step) {
    case 'check-setup':
      return { title: vscode.l10n.t('Check Setup'), command: commandIds.checkSetup, args: [] };
    case 'validate':
      return files.length === 0
        ? undefined
        : { title: vscode.l10n.t('Validate'), command: commandIds.validateFile, args: [files[0], files] };
    case 'choose-bucket':
      return { title: vscode.l10n.t('Select Bucket…'), command: commandIds.selectBucket, args: [] };
    case 'connect':
      return { title: vscode.l10n.t('Connect…'), command: commandIds.connect, args: [] };
    case 'run-again':
      return runAgain(run);
    case 'what-now':
      return { title: vscode.l10n.t('Open AWS Migration Guide'), command: commandIds.whatNow, args: [] };
  }
}

/** The first step that the explanation of a run's failure names. */
export function stepOf(run: RunRecord): Action | undefined {
  const step = explainRun(run).find((explanation) => explanation.step !== undefined)?.step;
  return step && actionOf(step, run);
}

/** All actions on a run, most relevant first. */
export function actionsOf(run: RunRecord): readonly Action[] {
  const args = [new CallNode({ kind: 'run', run })];
  const actions: Action[] = [];
  if (run.export && run.state === 'completed') {
    actions.push(
      { title: vscode.l10n.t('Download…'), command: commandIds.downloadExport, args },
      { title: vscode.l10n.t('List Endpoint IDs…'), command: commandIds.listEndpointIds, args },
      { title: vscode.l10n.t('Delete Exported Objects…'), command: commandIds.deleteExport, args },
    );
  }
  if (failureTexts(run).length > 0) {
    actions.push({
      title: vscode.l10n.t('Show Import Failures in Problems'),
      command: commandIds.markFailures,
      args,
    });
  }
  if (isRetryable(run)) {
    actions.push({ title: vscode.l10n.t('Retry'), command: commandIds.retryRun, args });
  }
  if (isCancellable(run)) {
    actions.push({ title: vscode.l10n.t('Cancel'), command: commandIds.cancelRun, args });
  }
  if (hasEnded(run) && !run.watched) actions.push(runAgain(run));
  if (statusOfRun(run) === 'failed') {
    actions.push({ title: vscode.l10n.t('Show Log'), command: commandIds.showLog, args: [] });
  }
  return actions;
}

/** True until all jobs of the import are created: the service can't stop them. */
export function isCancellable(run: RunRecord): boolean {
  return run.import !== undefined && (run.parts ?? [run]).some(isJobCancellable);
}

/** Runs that can resume where they failed; exports run again instead. */
export function isRetryable(run: RunRecord): boolean {
  return run.import !== undefined && hasEnded(run) && run.state !== 'completed';
}

function runAgain(run: RunRecord): Action {
  const args = [new CallNode({ kind: 'run', run })];
  return { title: vscode.l10n.t('Run Again…'), command: commandIds.runAgain, args };
}
