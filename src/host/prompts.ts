import * as vscode from 'vscode';
import { AudienceError, cancelled } from '../errors.ts';
import { isThisMachine } from '../aws/connection/serviceUrl.ts';
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
  /** True for the choice that is preselected. */
  readonly isActive?: (value: T) => boolean;
  /** Makes a choice of typed text, if free text is allowed. */
  readonly typed?: (text: string) => Choice<T> | undefined;
}

export interface InputQuestion {
  readonly prompt: string;
  readonly placeholder?: string;
  readonly value?: string;
  /** The error in the text, if any. */
  readonly check?: (text: string) => string | undefined;
}

/** Asks one question in the quick input box. Closing it throws `cancelled()`, the back button `goBack`. */
export interface Asker {
  pick<T>(question: PickQuestion<T>): Promise<T>;
  /** One or more choices; `picked` ones are preselected. */
  pickMany<T>(
    question: Pick<PickQuestion<T>, 'placeholder'> & { readonly choices: readonly Choice<T>[] },
  ): Promise<readonly T[]>;
  input(question: InputQuestion): Promise<string>;
}

/** A question of a flow: adds its answer to the earlier ones. `skip` is evaluated each time, since answers can change. */
export interface Step<A> {
  readonly skip?: (answers: A) => boolean;
  readonly ask: (asker: Asker, answers: A) => Promise<A>;
}

/**
 * Asks questions one after another in one box, with a step count and a back button. Resolves with `given` and the answers;
 * throws `cancelled()` if the person closes the box.
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
    if (question.typed) offerTypedText(box, question.typed);
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
        const problem = question.check?.(text);
        if (problem === undefined) resolve(text);
        else box.validationMessage = inert(problem);
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

/** Choices have their icons as `iconPath`, so that no label needs icon syntax. */
function inertChoice<T>(choice: Choice<T>): Choice<T> {
  const { label, description, detail } = choice;
  return {
    ...choice,
    label: inert(label),
    ...(description !== undefined && { description: inert(description) }),
    ...(detail !== undefined && { detail: inert(detail) }),
  };
}

/** Adds the choices to the box page by page, until it is answered. */
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

/** Offers typed text as a choice, if it is valid and not listed. */
function offerTypedText<T>(
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

/** Opens the sign-in page. The progress shows the code that the page must show, beside the cancel button. */
export async function openSignInPage({ url, code }: SignInPage, report: Report): Promise<void> {
  report(0, undefined, vscode.l10n.t('Confirm that the browser shows code {0}', code));
  if (!(await openWebPage(url))) throw cancelled();
}

/** Opens a page in the browser. Resolves with whether it opened; rejects with `bad-input` if it isn't a web page. */
export async function openWebPage(url: string): Promise<boolean> {
  const page = vscode.Uri.parse(url, true);
  const isLocal = URL.canParse(url) && isThisMachine(new URL(url).hostname);
  // Any other scheme starts a program.
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

/** The code of an MFA device, for credentials that need one; `undefined` if the person closes the box. */
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
