import * as vscode from 'vscode';
import { commandIds } from './commandIds.ts';
import type { Session } from './session.ts';
import { onDidChangeSetting } from './settings.ts';
import { notify } from './notifications.ts';

/** How long settings have to stay as they are: some editors save with every key. Milliseconds. */
const settledMs = 1000;

/**
 * Lets changed settings of the connection count: at once where nothing is connected and the view shows, else when it is looked at.
 * Where something is connected, and may be at work, it is offered.
 */
export class ConnectionSettingsWatch {
  readonly #session: Session;
  readonly #isViewVisible: () => boolean;
  readonly #subscription: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;
  /** The message is on the screen. */
  #isShown = false;

  constructor(session: Session, isViewVisible: () => boolean) {
    this.#session = session;
    this.#isViewVisible = isViewVisible;
    this.#subscription = onDidChangeSetting('connection', () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#follow(), settledMs);
    });
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#subscription.dispose();
  }

  async #follow(): Promise<void> {
    await this.#session.followSettings();
    if (this.#session.current) await this.#offer();
    else if (this.#isViewVisible()) await this.#session.resume();
  }

  async #offer(): Promise<void> {
    if (this.#isShown || !this.#session.settingsDiffer) return;
    this.#isShown = true;
    const { identity } = this.#session.required;
    const connect = vscode.l10n.t('Connect');
    const choice = await notify(
      'info',
      vscode.l10n.t(
        'The connection settings have changed. This window is still connected to account {0} in {1}.',
        identity.account,
        identity.region,
      ),
      connect,
    );
    this.#isShown = false;
    if (choice === connect) await vscode.commands.executeCommand(commandIds.signIn);
  }
}
