import * as vscode from 'vscode';
import { commandIds } from '../host/commandIds.ts';
import type { Session } from '../host/session.ts';
import type { RunCounts } from './runCounts.ts';

/** One item: who and where, and how many runs go on or ended badly. Hidden until this window has had to do with a connection. */
export class StatusBar {
  readonly #session: Session;
  readonly #counts: RunCounts;
  readonly #item: vscode.StatusBarItem;
  readonly #subscriptions: { dispose(): void }[];

  constructor(session: Session, counts: RunCounts) {
    this.#session = session;
    this.#counts = counts;
    this.#item = vscode.window.createStatusBarItem(
      'pinpointAudience.connection',
      vscode.StatusBarAlignment.Left,
    );
    this.#item.name = vscode.l10n.t('Pinpoint Audience');
    this.#item.command = commandIds.connectionMenu;
    this.#subscriptions = [
      this.#item,
      session.onDidChange(() => this.#update()),
      session.onDidChangeSignIn(() => this.#update()),
      counts.onDidChange(() => this.#update()),
    ];
    this.#update();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #update(): void {
    const { icon, text, tooltip } = this.#parts();
    const { running, failed, text: counts } = this.#counts;
    const runs = `${running > 0 ? ` $(sync~spin) ${running}` : ''}${failed > 0 ? ` $(warning) ${failed}` : ''}`;
    this.#item.text = `$(${icon}) ${text}${runs}`;
    this.#item.tooltip = counts === '' ? tooltip : `${tooltip}\n${counts}`;
    this.#item.accessibilityInformation = {
      label: `Pinpoint Audience: ${text}${counts === '' ? '' : `, ${counts}`}`,
      role: 'button',
    };
    const isQuiet = this.#session.state.kind === 'none' && runs === '' && !this.#session.canResume;
    if (isQuiet) this.#item.hide();
    else this.#item.show();
  }

  #parts(): { icon: string; text: string; tooltip: string } {
    const { state } = this.#session;
    switch (state.kind) {
      case 'connected': {
        const { identity, settings } = state.connection;
        const sandbox = this.#session.isSandbox;
        const who = sandbox ? vscode.l10n.t('sandbox') : (settings.profile ?? vscode.l10n.t('default'));
        const { signInNeeded } = this.#session;
        if (signInNeeded !== undefined) {
          return {
            icon: 'sign-in',
            text: `${who} · ${vscode.l10n.t('sign in')}`,
            tooltip: signInNeeded.message,
          };
        }
        return {
          icon: sandbox ? 'beaker' : 'account',
          text: `${who} · ${identity.region}`,
          tooltip: `${identity.arn}\n${identity.region}${settings.endpointUrl === undefined ? '' : `\n${settings.endpointUrl}`}`,
        };
      }
      case 'connecting':
        return { icon: 'loading~spin', text: 'Pinpoint', tooltip: vscode.l10n.t('Connecting') };
      case 'failed':
        return {
          icon: 'error',
          text: 'Pinpoint',
          tooltip: state.error instanceof Error ? state.error.message : vscode.l10n.t('Not connected'),
        };
      case 'none':
        return { icon: 'debug-disconnect', text: 'Pinpoint', tooltip: vscode.l10n.t('Not connected') };
    }
  }
}
