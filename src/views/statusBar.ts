import { reasonOf } from '../errors.ts';
import * as vscode from 'vscode';
import { commandIds } from '../host/commandIds.ts';
import type { Session } from '../host/session.ts';
import type { RunCounts } from './runCounts.ts';
import { StatusItem } from '../host/statusItem.ts';

/** The status bar item: identity, region, and the number of active and failed runs. Hidden until this window uses a connection. */
export class StatusBar {
  readonly #session: Session;
  readonly #counts: RunCounts;
  readonly #item: StatusItem;
  readonly #subscriptions: { dispose(): void }[];

  constructor(session: Session, counts: RunCounts) {
    this.#session = session;
    this.#counts = counts;
    this.#item = new StatusItem(
      'pinpointAudience.connection',
      vscode.l10n.t('Pinpoint Audience'),
      commandIds.connectionMenu,
    );
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
    const { running, failed, text: counts } = this.#counts;
    const isQuiet = this.#session.state.kind === 'none' && running + failed === 0 && !this.#session.canResume;
    if (isQuiet) {
      this.#item.hide();
      return;
    }
    const { icon, text, tooltip } = this.#parts();
    this.#item.show({
      icon,
      text,
      counts: [
        { icon: 'sync~spin', count: running },
        { icon: 'warning', count: failed },
      ].filter(({ count }) => count > 0),
      tooltip: [...tooltip, counts].filter((line) => line !== ''),
      spoken: `Pinpoint Audience: ${text}${counts === '' ? '' : `, ${counts}`}`,
    });
  }

  #parts(): { icon: string; text: string; tooltip: readonly string[] } {
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
            tooltip: [signInNeeded.message],
          };
        }
        return {
          icon: sandbox ? 'beaker' : 'account',
          text: `${who} · ${identity.region}`,
          tooltip: [identity.arn, identity.region, settings.endpointUrl ?? ''],
        };
      }
      case 'connecting':
        return { icon: 'loading~spin', text: 'Pinpoint', tooltip: [vscode.l10n.t('Connecting')] };
      case 'failed':
        return {
          icon: 'error',
          text: 'Pinpoint',
          tooltip: [state.error === undefined ? vscode.l10n.t('Not connected') : reasonOf(state.error)],
        };
      case 'none':
        return { icon: 'debug-disconnect', text: 'Pinpoint', tooltip: [vscode.l10n.t('Not connected')] };
    }
  }
}
