import * as vscode from 'vscode';
import { AudienceError, cancelled } from '../errors.ts';
import type { SignInPage } from '../aws/connection/ssoSignIn.ts';
import { inert } from './inertText.ts';
import type { Report } from './progress.ts';

/** One entry of a list that a person picks from. */
export interface Choice<T> extends vscode.QuickPickItem {
  readonly value: T;
}

export interface PickQuestion<T> {
  readonly placeholder: string;
  /** Pages of choices are shown as they arrive. */
  readonly choices: readonly Choice<T>[] | AsyncIterable<readonly Choice<T>[]>;
  /** Marks the choice to begin with. */
  readonly isActive?: (value: T) => boolean;
  /** Makes a choice of the text that is typed, where free text is allowed too. */
  readonly typed?: (text: string) => Choice<T> | undefined;
}

export interface InputQuestion {
  readonly prompt: string;
  readonly placeholder?: string;
  readonly value?: string;
  /** What is wrong with the text, or nothing. */
  readonly check?: (text: string) => string | undefined;
}

/** Asks one thing in the quick input box. Leaving it throws `cancelled()`, the back button `goBack`. */
export interface Asker {
  pick<T>(question: PickQuestion<T>): Promise<T>;
  /** Any number of choices but none; `picked` ones are ticked to begin with. */
  pickMany<T>(
    question: Pick<PickQuestion<T>, 'placeholder'> & { readonly choices: readonly Choice<T>[] },
  ): Promise<readonly T[]>;
  input(question: InputQuestion): Promise<string>;
}

/** A question of a flow: resolves with the answers and its own. `skip` is evaluated each time, since answers can change. */
export interface Step<A> {
  readonly skip?: (answers: A) => boolean;
  readonly ask: (asker: Asker, answers: A) => Promise<A>;
}

/**
 * Takes a person through questions in one box, with step count and a back button. Resolves with what was given and
 * answered; throws `cancelled()` when the box is left.
 */
export async function askSteps<A>(title: string, given: A, steps: readonly Step<A>[]): Promise<A> {
  let answers = given;
  const asked: number[] = [];
  for (let index = 0; index < steps.length;) {
    const step = steps[index]!;
    if (step.skip?.(answers)) {
      index++;
      continue;
    }
    const ahead = steps.slice(index + 1).filter((later) => !later.skip?.(answers)).length;
    const asker = new BoxAsker(title, asked.length + 1, asked.length + 1 + ahead);
    try {
      answers = await step.ask(asker, answers);
      asked.push(index);
      index++;
    } catch (error) {
      const previous = error === goBack ? asked.pop() : undefined;
      if (previous === undefined) throw error;
      index = previous;
    }
  }
  return answers;
}

/** Asks a single question. */
export async function askOne<T>(title: string, ask: (asker: Asker) => Promise<T>): Promise<T> {
  return ask(new BoxAsker(title, 1, 1));
}

const goBack = Symbol('back');

class BoxAsker implements Asker {
  readonly #title: string;
  readonly #step: number;
  readonly #total: number;

  constructor(title: string, step: number, total: number) {
    this.#title = title;
    this.#step = step;
    this.#total = total;
  }

  pick<T>(question: PickQuestion<T>): Promise<T> {
    const box = vscode.window.createQuickPick<Choice<T>>();
    box.placeholder = inert(question.placeholder);
    box.matchOnDescription = true;
    box.matchOnDetail = true;
    if (question.typed) offerWhatIsTyped(box, question.typed);
    return this.#show<T>(box, (resolve, reject) => {
      box.onDidAccept(() => {
        const [chosen] = box.selectedItems;
        if (chosen) resolve(chosen.value);
      });
      fill(box, question).catch(reject);
    });
  }

  pickMany<T>({ placeholder, choices }: Parameters<Asker['pickMany']>[0]): Promise<readonly T[]> {
    const box = vscode.window.createQuickPick<Choice<T>>();
    box.placeholder = inert(placeholder);
    box.canSelectMany = true;
    box.matchOnDescription = true;
    box.items = choices.map((choice) => inertChoice(choice as Choice<T>));
    box.selectedItems = box.items.filter(({ picked }) => picked === true);
    return this.#show<readonly T[]>(box, (resolve) => {
      box.onDidAccept(() => {
        if (box.selectedItems.length > 0) resolve(box.selectedItems.map(({ value }) => value));
      });
    });
  }

  input(question: InputQuestion): Promise<string> {
    const box = vscode.window.createInputBox();
    box.prompt = inert(question.prompt);
    box.placeholder = question.placeholder === undefined ? undefined : inert(question.placeholder);
    box.value = question.value ?? '';
    box.onDidChangeValue(() => (box.validationMessage = undefined));
    return this.#show<string>(box, (resolve) => {
      box.onDidAccept(() => {
        const text = box.value.trim();
        const wrong = question.check?.(text);
        if (wrong === undefined) resolve(text);
        else box.validationMessage = inert(wrong);
      });
    });
  }

  async #show<T>(
    box: vscode.QuickPick<vscode.QuickPickItem> | vscode.InputBox,
    answer: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
  ): Promise<T> {
    box.title = inert(this.#title);
    box.ignoreFocusOut = true;
    if (this.#total > 1) {
      box.step = this.#step;
      box.totalSteps = this.#total;
    }
    if (this.#step > 1) box.buttons = [vscode.QuickInputButtons.Back];
    try {
      return await new Promise<T>((resolve, reject) => {
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- a signal, not an error
        box.onDidTriggerButton(() => reject(goBack));
        box.onDidHide(() => reject(cancelled()));
        answer(resolve, reject);
        box.show();
      });
    } finally {
      box.dispose();
    }
  }
}

/** Icons of choices are `iconPath`s, so that no text has to be taken for one. */
function inertChoice<T>(choice: Choice<T>): Choice<T> {
  const { label, description, detail } = choice;
  return {
    ...choice,
    label: inert(label),
    ...(description !== undefined && { description: inert(description) }),
    ...(detail !== undefined && { detail: inert(detail) }),
  };
}

/** Puts the choices into the box, page by page. One that was answered meanwhile takes no more. */
async function fill<T>(
  box: vscode.QuickPick<Choice<T>>,
  { choices, isActive }: PickQuestion<T>,
): Promise<void> {
  const add = (page: readonly Choice<T>[]): void => {
    box.items = [...box.items, ...page.map(inertChoice)];
    const active = isActive && box.value === '' ? box.items.filter((item) => isActive(item.value)) : [];
    if (active.length > 0) box.activeItems = active;
  };
  if (!(Symbol.asyncIterator in choices)) {
    add(choices);
    return;
  }
  const closed = new AbortController();
  box.onDidHide(() => closed.abort());
  box.busy = true;
  for await (const page of choices) {
    if (closed.signal.aborted) return;
    add(page);
  }
  box.busy = false;
}

/** Adds what is typed to the choices, where it makes one and is not among them. */
function offerWhatIsTyped<T>(
  box: vscode.QuickPick<Choice<T>>,
  choiceOf: (text: string) => Choice<T> | undefined,
): void {
  box.onDidChangeValue((value) => {
    const text = value.trim();
    const listed = box.items.filter((item) => !item.alwaysShow);
    const own = listed.some((item) => item.label === inert(text)) ? undefined : choiceOf(text);
    box.items = own ? [...listed, { ...inertChoice(own), alwaysShow: true }] : listed;
  });
}

/** Opens the page on which a person signs in; the code that it has to show is in `report`, beside the button to cancel. */
export async function openSignInPage({ url, code }: SignInPage, report: Report): Promise<void> {
  report(0, undefined, vscode.l10n.t('Confirm that the browser shows code {0}', code));
  if (!(await openWebPage(url))) throw cancelled();
}

/** Opens a page in the browser. Resolves with whether it opened; rejects with `bad-input` if it isn't a web page. */
export async function openWebPage(url: string): Promise<boolean> {
  const page = vscode.Uri.parse(url, true);
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(page.authority);
  // Any other scheme is a program of the machine's.
  if (page.scheme !== 'https' && !(page.scheme === 'http' && isLocal)) {
    throw new AudienceError('bad-input', `Not a safe page to open: ${url}`, {
      help: 'Only https:// addresses are opened.',
    });
  }
  return vscode.env.openExternal(page);
}

export async function openDialog(options: vscode.OpenDialogOptions): Promise<readonly vscode.Uri[]> {
  const { title, ...others } = options;
  const shown = title === undefined ? others : { ...others, title: inert(title, 200) };
  return (await vscode.window.showOpenDialog(shown)) ?? [];
}

export async function saveDialog(options: vscode.SaveDialogOptions): Promise<vscode.Uri | undefined> {
  return vscode.window.showSaveDialog(options);
}

/** The code of an MFA device, for credentials that need one; `undefined` if the box is left. */
export async function askMfaCode(serial: string): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: vscode.l10n.t('Multi-factor authentication'),
    prompt: inert(vscode.l10n.t('Code from device {0}', serial)),
    password: true,
    ignoreFocusOut: true,
    validateInput: (code) =>
      /^\d{6}$/.test(code) ? undefined : vscode.l10n.t('Enter the six digits of the code.'),
  });
}
