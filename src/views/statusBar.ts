import * as vscode from 'vscode';
import { hasEnded } from '../jobs/record.ts';
import type { Runs } from '../jobs/runs.ts';
import { commandIds } from '../host/commandIds.ts';
import type { Session } from '../host/session.ts';

/** One item: who and where, and how many runs go on. Hidden until this window has had to do with a connection. */
export class StatusBar {
  readonly #session: Session;
  readonly #runs: Runs;
  readonly #item: vscode.StatusBarItem;
  readonly #subscriptions: { dispose(): void }[];

  constructor(session: Session, runs: Runs) {
    this.#session = session;
    this.#runs = runs;
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
      runs.onDidChange(() => this.#update()),
    ];
    this.#update();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #update(): void {
    const { icon, text, tooltip } = this.#parts();
    const live = this.#runs.list().filter((run) => !hasEnded(run)).length;
    const running = live === 1 ? vscode.l10n.t('1 run goes on') : vscode.l10n.t('{0} runs go on', live);
    this.#item.text = `$(${icon}) ${text}${live > 0 ? ` $(sync~spin) ${live}` : ''}`;
    this.#item.tooltip = live > 0 ? `${tooltip}\n${running}` : tooltip;
    this.#item.accessibilityInformation = {
      label: `Pinpoint Audience: ${text}${live > 0 ? `, ${running}` : ''}`,
      role: 'button',
    };
    if (this.#session.state.kind === 'none' && live === 0 && !this.#session.canResume) this.#item.hide();
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
