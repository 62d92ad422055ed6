import * as vscode from 'vscode';
import { isCancelled } from '../errors.ts';
import type { TextChange } from '../endpoints/validation/documentValidator.ts';
import type { FileType } from '../endpoints/model/fileType.ts';
import {
  fixOf,
  isFixedInPlace,
  isFixedInWhole,
  wholeFileFixes,
  type FindingRange,
} from '../endpoints/editing/fixes.ts';
import { ParsedLines, type Lines } from '../endpoints/editing/parsedLines.ts';
import { isRuleCode, rule, rules, type RuleCode } from '../endpoints/rules/ruleTable.ts';
import { columnAt, headerCells, type HeaderCell } from '../endpoints/transform/columns.ts';
import type { FixedText } from '../endpoints/transform/fixedText.ts';
import type { FixOptions } from '../endpoints/transform/fixRecords.ts';
import type { Transforms } from '../endpoints/transform/taskTable.ts';
import { commandIds } from '../host/commandIds.ts';
import { formatCount } from '../host/format.ts';
import { getSetting } from '../host/settings.ts';
import { isCsv, isSurelyEndpointFile, validatedFiles } from './endpointFiles.ts';
import { notify } from '../host/notifications.ts';
import { codeAction } from '../host/editorParts.ts';

const everything = vscode.CodeActionKind.SourceFixAll.append('pinpointAudience');

/** An action that validates the whole text in a separate thread, once it is selected. */
class WholeTextAction extends vscode.CodeAction {
  readonly document: vscode.TextDocument;
  readonly options: FixOptions;
  /** True if each change is previewed first. */
  readonly isPreviewed: boolean;

  constructor(
    title: string,
    kind: vscode.CodeActionKind,
    document: vscode.TextDocument,
    options: FixOptions,
    isPreviewed = false,
  ) {
    super(title, kind);
    this.document = document;
    this.options = options;
    this.isPreviewed = isPreviewed;
  }
}

/** Offers fixes: for the finding at the cursor, for all of its kind, or all certain ones. */
export class Fixes implements vscode.CodeActionProvider {
  readonly #transforms: Transforms;
  readonly #registration: vscode.Disposable;

  constructor(transforms: Transforms) {
    this.#transforms = transforms;
    this.#registration = vscode.languages.registerCodeActionsProvider(validatedFiles, this, {
      providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, everything],
    });
  }

  dispose(): void {
    this.#registration.dispose();
  }

  async provideCodeActions(
    document: vscode.TextDocument,
    _range: vscode.Range,
    { diagnostics, only }: vscode.CodeActionContext,
    token: vscode.CancellationToken,
  ): Promise<vscode.CodeAction[]> {
    const ours = diagnostics.filter(({ source }) => source === 'pinpoint-audience');
    const text = new DocumentText(document);
    const singles = ours.flatMap((diagnostic) => singleFix(text, diagnostic) ?? []);
    // If there are more findings than are listed, people want to fix the whole file.
    if (ours.some(({ code }) => typeof code === 'object' && code.value === 'report')) {
      singles.push(fixInCopy(document));
    }
    const kinds = new Set(
      singles.flatMap(({ diagnostics = [] }) => diagnostics.flatMap((each) => codeOf(each) ?? [])),
    );
    const actions = [...singles, ...[...kinds].flatMap((code) => fixesOfKind(document, code, ours))];
    const isWanted = only?.contains(everything) === true || only?.intersects(everything) === true;
    // On save, VS Code asks for fixes in every file; those that aren't endpoint files must stay unchanged.
    if (isWanted && isSurelyEndpointFile(document)) {
      const title = vscode.l10n.t('Apply all certain fixes');
      // On save, VS Code doesn't resolve actions: the edit is needed at once.
      const action = new WholeTextAction(title, everything, document, {});
      actions.push(await this.resolveCodeAction(action, token));
    }
    return actions;
  }

  async resolveCodeAction(
    action: vscode.CodeAction,
    token: vscode.CancellationToken,
  ): Promise<vscode.CodeAction> {
    if (!(action instanceof WholeTextAction)) return action;
    const { document, options, isPreviewed } = action;
    const fixed = await this.#fix(document, options, token);
    if (fixed === undefined) return action;
    const metadata = isPreviewed ? previewOf(options) : undefined;
    action.edit = new vscode.WorkspaceEdit();
    action.edit.set(
      document.uri,
      fixed.changes.map((change): [vscode.TextEdit, typeof metadata] => [toEdit(change), metadata]),
    );
    if (fixed.left) notifyOfUnfixed(document, fixed.left);
    return action;
  }

  /** The fixed text; `undefined` if the request was cancelled or the document keeps changing. */
  async #fix(
    document: vscode.TextDocument,
    options: FixOptions,
    token: vscode.CancellationToken,
  ): Promise<FixedText | undefined> {
    const controller = new AbortController();
    const cancelling = token.onCancellationRequested(() => controller.abort());
    try {
      for (let attempt = 0; attempt < 3; attempt++) {
        const { version } = document;
        const fixed = await this.#transforms.run('fixText', {
          ...options,
          text: document.getText(),
          type: typeOf(document),
          severity: getSetting('validation.severity'),
          signal: controller.signal,
        });
        if (document.version === version) return fixed;
      }
      return undefined;
    } catch (error) {
      if (isCancelled(error)) return undefined;
      throw error;
    } finally {
      cancelling.dispose();
    }
  }
}

/** A document whose lines are parsed once for all fixes that are requested at a time. */
class DocumentText {
  readonly document: vscode.TextDocument;
  readonly lines: ParsedLines;
  readonly #headers = new Map<number, readonly HeaderCell[]>();

  constructor(document: vscode.TextDocument) {
    this.document = document;
    this.lines = new ParsedLines(linesOf(document));
  }

  /** The cells of the header in a 0-based line. */
  header(line: number): readonly HeaderCell[] {
    const cells = this.#headers.get(line) ?? headerCells(this.document.lineAt(line).text);
    this.#headers.set(line, cells);
    return cells;
  }
}

/** The fix for one finding: in place, in the whole text, or in a copy of the file. */
function singleFix(text: DocumentText, diagnostic: vscode.Diagnostic): vscode.CodeAction | undefined {
  const code = codeOf(diagnostic);
  if (code === undefined || rule(code).fixability === undefined) return undefined;
  const finding = { code, ...positionOf(diagnostic.range) };
  const action = isFixedInPlace(code)
    ? fixInPlace(text, finding)
    : isFixedInWhole(code)
      ? fixInWhole(text, code, finding)
      : fixInCopy(text.document);
  if (action) action.diagnostics = [diagnostic];
  return action;
}

function fixInPlace({ document, lines }: DocumentText, finding: FindingRange): vscode.CodeAction | undefined {
  const fix = fixOf(finding, lines);
  if (!fix) return undefined;
  const action = codeAction(fix.title, vscode.CodeActionKind.QuickFix);
  action.isPreferred = fix.safe;
  action.edit = new vscode.WorkspaceEdit();
  action.edit.set(document.uri, [toEdit(fix.edit)]);
  return action;
}

function fixInWhole(
  text: DocumentText,
  code: keyof typeof wholeFileFixes,
  { line, column }: FindingRange,
): vscode.CodeAction {
  const { document } = text;
  const header = text.header(Math.min(line, document.lineCount) - 1);
  const { index, text: name } = columnAt(header, column - 1);
  const isColumn = code === 'csv-header-response-only';
  const title = isColumn ? `${wholeFileFixes[code]} ${name}` : wholeFileFixes[code];
  const options = { codes: [code], ...(isColumn && { columns: [index] }) };
  const action = new WholeTextAction(title, vscode.CodeActionKind.QuickFix, document, options);
  action.isPreferred = true;
  return action;
}

/** For what an editor doesn't show, such as a byte order mark: only a copy can change it. */
function fixInCopy({ uri }: vscode.TextDocument): vscode.CodeAction {
  const title = vscode.l10n.t('Write fixed copy…');
  const action = codeAction(title, vscode.CodeActionKind.QuickFix);
  // Called as menus do, with a resource and its selection, so that failures are shown to the person who clicked.
  action.command = { title, command: commandIds.writeFixedCopy, arguments: [uri, [uri]] };
  return action;
}

/** All of a kind, at once or with a preview. */
function fixesOfKind(
  document: vscode.TextDocument,
  code: RuleCode,
  ours: readonly vscode.Diagnostic[],
): readonly vscode.CodeAction[] {
  if (!isFixedInPlace(code) && code !== 'csv-header-response-only') return [];
  const options = { codes: [code], likely: [code] };
  const diagnostics = ours.filter((diagnostic) => codeOf(diagnostic) === code);
  return [
    { title: vscode.l10n.t('Fix all in the file: {0}', rules[code].title), isPreviewed: false },
    { title: vscode.l10n.t('Select which to fix: {0}', rules[code].title), isPreviewed: true },
  ].map(({ title, isPreviewed }) => {
    const action = new WholeTextAction(title, vscode.CodeActionKind.QuickFix, document, options, isPreviewed);
    action.diagnostics = diagnostics;
    return action;
  });
}

function previewOf({ codes: [code] = [] }: FixOptions): vscode.WorkspaceEditEntryMetadata {
  return {
    label: code === undefined ? vscode.l10n.t('Fixes') : rules[code].title,
    description: code ?? '',
    needsConfirmation: true,
  };
}

function notifyOfUnfixed(
  document: vscode.TextDocument,
  { reason, line }: NonNullable<FixedText['left']>,
): void {
  const why =
    reason === 'quote'
      ? vscode.l10n.t('line {0} has a misplaced quote', formatCount(line))
      : vscode.l10n.t('line {0} has a different number of cells than the header', formatCount(line));
  const show = vscode.l10n.t('Show Line');
  void notify('warning', vscode.l10n.t("Can't rewrite the columns: {0}.", why), show).then(async (choice) => {
    if (choice !== show) return;
    const range = document.lineAt(Math.min(line, document.lineCount) - 1).range;
    await vscode.window.showTextDocument(document, { selection: range });
  });
}

/** A document read line by line, since this runs at every move of the cursor. */
function linesOf(document: vscode.TextDocument): Lines {
  return {
    type: typeOf(document),
    count: document.lineCount,
    line: (index) => (index >= 0 && index < document.lineCount ? document.lineAt(index).text : undefined),
    lineEnd: document.eol === vscode.EndOfLine.CRLF ? '\r\n' : '\n',
  };
}

function toEdit({ startLine, startCharacter, endLine, endCharacter, text }: TextChange): vscode.TextEdit {
  return vscode.TextEdit.replace(new vscode.Range(startLine, startCharacter, endLine, endCharacter), text);
}

function positionOf({ start, end }: vscode.Range): Omit<FindingRange, 'code'> {
  return {
    line: start.line + 1,
    column: start.character + 1,
    endLine: end.line + 1,
    endColumn: end.character + 1,
  };
}

function codeOf({ code }: vscode.Diagnostic): RuleCode | undefined {
  const value = typeof code === 'object' ? code.value : code;
  return typeof value === 'string' && isRuleCode(value) ? value : undefined;
}

function typeOf(document: vscode.TextDocument): FileType {
  return isCsv(document) ? 'csv' : 'ndjson';
}
