import { unwatchFile, watchFile } from 'node:fs';
import * as vscode from 'vscode';
import type { AudienceError } from '../errors.ts';
import type { Connections } from '../aws/connection/connection.ts';
import { commandIds } from './commandIds.ts';
import { setContext } from './contextKeys.ts';
import type { Session } from './session.ts';
import { notify } from './notifications.ts';

/** How often to check the files that other programs renew credentials in, in milliseconds. */
const pollMs = 3000;

/**
 * While the service rejects the credentials: notifies once, with a button to sign in, and notices if they are renewed
 * elsewhere, such as by `aws sso login` in a terminal.
 */
export class SignInWatch {
  readonly #connections: Connections;
  readonly #session: Session;
  readonly #subscriptions: { dispose(): void }[];
  #files: readonly string[] = [];
  /** The message is on screen. */
  #isShown = false;
  readonly #check = (): void => void this.#connections.check();

  constructor(connections: Connections, session: Session) {
    this.#connections = connections;
    this.#session = session;
    this.#subscriptions = [
      connections.onDidChangeSignIn((trouble) => void this.#follow(trouble)),
      vscode.window.onDidChangeWindowState(({ focused }) => {
        if (focused && connections.signInNeeded !== undefined) this.#check();
      }),
    ];
    setContext('signInNeeded', false);
  }

  /** True if the message on screen already shows this error. */
  isShown(error: AudienceError): boolean {
    return this.#isShown && error.code === 'credentials';
  }

  dispose(): void {
    this.#stopWatching();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #follow(trouble: AudienceError | undefined): Promise<void> {
    setContext('signInNeeded', trouble !== undefined);
    this.#stopWatching();
    if (trouble === undefined) return;
    void this.#show(trouble);
    const files = await this.#connections.credentialFiles();
    if (this.#connections.signInNeeded === undefined) return;
    this.#files = files;
    for (const file of files) watchFile(file, { interval: pollMs, persistent: false }, this.#check);
  }

  async #show(trouble: AudienceError): Promise<void> {
    if (this.#isShown) return;
    this.#isShown = true;
    const signIn = vscode.l10n.t('Sign In');
    const { profile } = this.#session.required.settings;
    const text =
      profile === undefined
        ? vscode.l10n.t('{0}. Jobs resume after you sign in.', trouble.message)
        : vscode.l10n.t('{0}. Jobs resume after you sign in with profile {1}.', trouble.message, profile);
    const choice = await notify('warning', text, signIn, vscode.l10n.t('Show Log'));
    this.#isShown = false;
    if (choice === undefined || this.#connections.signInNeeded === undefined) return;
    await vscode.commands.executeCommand(choice === signIn ? commandIds.signIn : commandIds.showLog);
  }

  #stopWatching(): void {
    for (const file of this.#files) unwatchFile(file, this.#check);
    this.#files = [];
  }
}
