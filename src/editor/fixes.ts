import * as vscode from 'vscode';
import type { TextChange } from '../endpoints/document.ts';
import type { FileType } from '../endpoints/finding.ts';
import { fixAll, FixableText, fixOf } from '../endpoints/fixes.ts';
import { isRuleCode, rules, type RuleCode } from '../endpoints/rules.ts';
import { getSetting } from '../host/settings.ts';
import { endpointFiles, isCsv } from './endpointFiles.ts';

const everything = vscode.CodeActionKind.SourceFixAll.append('pinpointAudience');

/** An action whose edit is computed when it is chosen: the whole text is judged for it. */
class FixAllAction extends vscode.CodeAction {
  readonly document: vscode.TextDocument;
  readonly rule: RuleCode | undefined;

  constructor(
    title: string,
    kind: vscode.CodeActionKind,
    document: vscode.TextDocument,
    rule: RuleCode | undefined,
  ) {
    super(title, kind);
    this.document = document;
    this.rule = rule;
  }
}

/** Offers to put findings right: the one under the cursor, all of its kind, or all whose fix is certain. */
export function registerFixes(): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(
    endpointFiles,
    { provideCodeActions, resolveCodeAction },
    { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix, everything] },
  );
}

function provideCodeActions(
  document: vscode.TextDocument,
  _range: vscode.Range,
  { diagnostics, only }: vscode.CodeActionContext,
): vscode.CodeAction[] {
  const ours = diagnostics.filter(({ source }) => source === 'pinpoint-audience');
  const actions: vscode.CodeAction[] = [];
  // Reading the text takes a while in large files, so not without need.
  let text: FixableText | undefined;
  const kinds = new Set<RuleCode>();
  for (const diagnostic of ours) {
    const code = codeOf(diagnostic);
    if (code === undefined || !rules[code].fixable) continue;
    text ??= new FixableText(document.getText(), typeOf(document));
    const fix = fixOf({ code, ...placeOf(diagnostic.range) }, text);
    if (!fix) continue;
    const action = new vscode.CodeAction(fix.title, vscode.CodeActionKind.QuickFix);
    action.diagnostics = [diagnostic];
    action.isPreferred = fix.safe;
    action.edit = new vscode.WorkspaceEdit();
    action.edit.set(document.uri, fix.edits.map(toEdit));
    actions.push(action);
    kinds.add(code);
  }
  for (const code of kinds) {
    const title = vscode.l10n.t('Fix all of this kind in the file ({0})', rules[code].title);
    const action = new FixAllAction(title, vscode.CodeActionKind.QuickFix, document, code);
    action.diagnostics = ours.filter((diagnostic) => codeOf(diagnostic) === code);
    actions.push(action);
  }
  if (only?.contains(everything) === true || only?.intersects(everything) === true) {
    const title = vscode.l10n.t('Fix all that is certain');
    // On save nobody chooses, and the edit has to be there at once.
    actions.push(resolveCodeAction(new FixAllAction(title, everything, document, undefined)));
  }
  return actions;
}

function resolveCodeAction(action: vscode.CodeAction): vscode.CodeAction {
  if (!(action instanceof FixAllAction)) return action;
  const { document, rule } = action;
  const before = document.getText();
  const { text } = fixAll(before, typeOf(document), {
    code: rule,
    severity: getSetting('validation.severity'),
  });
  action.edit = new vscode.WorkspaceEdit();
  if (text !== before) action.edit.set(document.uri, [difference(document, before, text)]);
  return action;
}

/** One edit of what lies between the first and the last difference, so that what is around it keeps its folds and marks. */
function difference(document: vscode.TextDocument, before: string, after: string): vscode.TextEdit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  // A position cannot be between the halves of a line end, so whole lines are replaced.
  start = before.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = before.indexOf('\n', before.length - end);
  end = lineEnd < 0 ? 0 : before.length - lineEnd;
  const range = new vscode.Range(document.positionAt(start), document.positionAt(before.length - end));
  return vscode.TextEdit.replace(range, after.slice(start, after.length - end));
}

function toEdit({ startLine, startCharacter, endLine, endCharacter, text }: TextChange): vscode.TextEdit {
  return vscode.TextEdit.replace(new vscode.Range(startLine, startCharacter, endLine, endCharacter), text);
}

function placeOf({ start, end }: vscode.Range): {
  line: number;
  column: number;
  endLine: number;
  endColumn: number;
} {
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
