import * as vscode from 'vscode';
import type { Checks } from '../host/fileChecks.ts';
import { formatCount } from '../host/format.ts';
import { getSetting, onDidChangeSetting } from '../host/settings.ts';
import { fileMark } from '../host/editorParts.ts';

/** Marks valid files in the Explorer, if the setting is on. */
export class ResultDecoration implements vscode.FileDecorationProvider {
  readonly #checks: Pick<Checks, 'results' | 'onDidChange'>;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeFileDecorations = this.#changed.event;
  readonly #subscriptions: readonly { dispose(): unknown }[];

  constructor(checks: Pick<Checks, 'results' | 'onDidChange'>) {
    this.#checks = checks;
    this.#subscriptions = [
      vscode.window.registerFileDecorationProvider(this),
      checks.onDidChange(() => this.#changed.fire(undefined)),
      onDidChangeSetting('validation.fileDecoration', () => this.#changed.fire(undefined)),
      this.#changed,
    ];
  }

  provideFileDecoration(uri: vscode.Uri): vscode.FileDecoration | undefined {
    if (uri.scheme !== 'file' || !getSetting('validation.fileDecoration')) return undefined;
    const checked = this.#checks.results.find(({ file }) => file.path === uri.fsPath);
    if (!checked) return undefined;
    const { errors, warnings, records } = checked.result;
    // VS Code itself marks errors and warnings, but not that a file is valid.
    return errors + warnings > 0
      ? undefined
      : fileMark('✓', vscode.l10n.t('Valid: {0} records', formatCount(records)), 'testing.iconPassed');
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}
