import * as vscode from 'vscode';
import type { Finding } from '../../endpoints/rules/finding.ts';
import type { FileType } from '../../endpoints/model/fileType.ts';
import { fixableCodes } from '../../endpoints/editing/fixes.ts';
import { totalsOf, type CheckedFile } from '../../host/fileChecks.ts';
import { localFiles } from '../../host/files.ts';
import { baseName, formatCount, plural } from '../../host/format.ts';
import { withQuietProgress, type Work } from '../../host/progress.ts';
import { chooseUris, offerToSave } from '../prompts/chooseFiles.ts';
import { commandIds } from '../../host/commandIds.ts';
import { namesOne, type Invocation } from '../framework/invocation.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { commandStep, notifyWithSteps } from '../framework/nextSteps.ts';

/** What `validateFile` returns for a file. */
export interface ValidationSummary {
  readonly file: string;
  readonly type: FileType;
  readonly records: number;
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  /** True if `issues` has fewer findings than were counted. */
  readonly truncated: boolean;
  readonly issues: readonly Finding[];
}

type Services = Pick<CommandServices, 'checks' | 'documents'>;

export function validateCommands(services: Services): Pick<CommandTable, typeof commandIds.validateFile> {
  return { [commandIds.validateFile]: (call) => validateFile(call, services) };
}

/** One summary if one file is named, an array for a list or a folder. */
export async function validateFile(
  call: Invocation,
  { checks }: Services,
): Promise<ValidationSummary | readonly ValidationSummary[]> {
  const uris = await chooseUris(call, vscode.l10n.t('Validate'));
  await offerToSave(call, await localFiles(uris));
  const files = await localFiles(uris);
  const title =
    files.length === 1
      ? vscode.l10n.t('Validating {0}', baseName(files[0]!.path))
      : vscode.l10n.t('Validating {0} files', formatCount(files.length));
  const work: Work<readonly CheckedFile[]> = (signal, report) => checks.check(files, signal, report);
  const checked = await withQuietProgress(title, work, undefined, call.signal);
  if (!call.isProgrammatic) notifyResult(checked);
  const summaries = checked.map(summaryOf);
  const isFolder = uris.length === 1 && files[0]!.path !== uris[0]!.fsPath;
  return namesOne(call) && !isFolder ? summaries[0]! : summaries;
}

function summaryOf({ file, result }: CheckedFile): ValidationSummary {
  const { type, records, errors, warnings, infos, truncated, issues } = result;
  return { file: file.path, type, records, errors, warnings, infos, truncated, issues };
}

/** True if a copy can have fewer problems. */
function isFixable({ result: { counts } }: CheckedFile): boolean {
  return fixableCodes.some((code) => (counts[code] ?? 0) > 0);
}

/** Notifies of the result, with buttons for the next steps. */
function notifyResult(checked: readonly CheckedFile[]): void {
  const { records, errors, warnings, infos } = totalsOf(checked);
  const what =
    checked.length === 1
      ? baseName(checked[0]!.file.path)
      : vscode.l10n.t('{0} files', formatCount(checked.length));
  const found = [
    errors > 0 && plural(errors, '1 error', '{0} errors'),
    warnings > 0 && plural(warnings, '1 warning', '{0} warnings'),
    infos > 0 && plural(infos, '1 info', '{0} infos'),
  ].filter((part) => part !== false);
  const text =
    found.length === 0
      ? plural(records, '{1}: no problems in 1 record.', '{1}: no problems in {0} records.', what)
      : plural(records, '{1}: {2} in 1 record.', '{1}: {2} in {0} records.', what, found.join(', '));

  const uris = checked.map(({ file }) => file.uri);
  const offers = [
    found.length > 0 && {
      title: vscode.l10n.t('Show Problems'),
      run: () => vscode.commands.executeCommand('workbench.actions.view.problems'),
    },
    checked.length === 1 &&
      isFixable(checked[0]!) &&
      commandStep(vscode.l10n.t('Write Fixed Copy…'), commandIds.writeFixedCopy, uris[0], uris),
    commandStep(vscode.l10n.t('Show Report'), commandIds.showReport, uris[0], uris),
    errors === 0 && commandStep(vscode.l10n.t('Import…'), commandIds.importFile, uris[0], uris),
  ];
  const severity = errors > 0 ? 'warning' : 'info';
  notifyWithSteps(
    severity,
    text,
    offers.filter((offer) => offer !== false),
  );
}
