import * as vscode from 'vscode';
import type { Checks } from '../host/fileChecks.ts';
import { commandIds } from '../host/commandIds.ts';
import { formatCount } from '../host/format.ts';
import { getSetting, onDidChangeSetting } from '../host/settings.ts';
import { endpointFiles, isEndpointFile } from './endpointFiles.ts';
import { codeLens } from '../host/editorParts.ts';

/** Shows the last result and commands above the first line of an endpoint file. */
export class EndpointFileLens implements vscode.CodeLensProvider {
  readonly #checks: Checks;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #subscriptions: readonly { dispose(): unknown }[];

  constructor(checks: Checks) {
    this.#checks = checks;
    this.#subscriptions = [
      vscode.languages.registerCodeLensProvider(endpointFiles, this),
      checks.onDidChange(() => this.#changed.fire()),
      onDidChangeSetting('validation.codeLens', () => this.#changed.fire()),
      this.#changed,
    ];
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    if (!getSetting('validation.codeLens') || !isEndpointFile(document)) return [];
    const { uri } = document;
    const last = this.#checks.lastOf(uri.fsPath);
    const top = new vscode.Range(0, 0, 0, 0);
    const lens = (title: string, command: string, ...args: unknown[]): vscode.CodeLens =>
      codeLens(top, { title, command, args });
    // Called as menus do, with a resource and its selection, so that failures are shown to the person who clicked.
    const again = lens(vscode.l10n.t('Validate'), commandIds.validateFile, uri, [uri]);
    const importFile = lens(vscode.l10n.t('Import…'), commandIds.importFile, uri, [uri]);
    const report = lens(vscode.l10n.t('Report'), commandIds.showReport, uri, [uri]);
    if (!last) return [again, importFile, report];
    const { records, errors, warnings } = last;
    const icon = errors > 0 ? 'error' : warnings > 0 ? 'warning' : 'pass';
    const found =
      errors + warnings === 0
        ? vscode.l10n.t('Valid · Records: {0}', formatCount(records))
        : vscode.l10n.t(
            'Errors: {0} · Warnings: {1} · Records: {2}',
            formatCount(errors),
            formatCount(warnings),
            formatCount(records),
          );
    const problems = codeLens(top, {
      icon,
      title: found,
      command: 'workbench.actions.view.problems',
      args: [],
    });
    return [problems, again, importFile, report];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
