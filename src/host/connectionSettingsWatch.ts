import * as vscode from 'vscode';
import { commandIds } from './commandIds.ts';
import type { Session } from './session.ts';
import { onDidChangeSetting } from './settings.ts';
import { notify } from './notifications.ts';

/** Debounce in milliseconds: the settings editor saves with every key. */
const settledMs = 1000;

/**
 * Applies changed connection settings: if nothing is connected, at once or when the view is opened next.
 * If connected, it offers to reconnect, since jobs may be using the connection.
 */
export class ConnectionSettingsWatch {
  readonly #session: Session;
  readonly #isViewVisible: () => boolean;
  readonly #subscription: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;
  /** The message is on screen. */
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
