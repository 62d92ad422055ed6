import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { isCancelled, throwIfCancelled } from '../errors.ts';
import { regularChunks } from '../regularFile.ts';
import { validateTogether } from '../endpoints/validation/mixedFormats.ts';
import type { Finding, ValidateOptions, ValidationResult, Validator } from '../endpoints/rules/finding.ts';
import type { Severity } from '../endpoints/rules/rule.ts';
import { reportOf, type AudienceReport } from '../endpoints/report/report.ts';
import { mostSevere } from '../endpoints/validation/validator.ts';
import { fileTypeOf } from '../endpoints/model/fileType.ts';
import { unzip, UnzipBudget } from '../endpoints/transform/unzip.ts';
import { totalsOf, type CheckedFile, type Checks, type Totals } from '../host/fileChecks.ts';
import { commandIds } from '../host/commandIds.ts';
import { localFile, type LocalFile } from '../host/files.ts';
import { formatCount } from '../host/format.ts';
import type { Log } from '../host/outputLog.ts';
import type { Report } from '../host/progress.ts';
import { getSetting, onDidChangeSetting, unzipLimit } from '../host/settings.ts';
import { diagnostic } from '../host/editorParts.ts';

function isPacked(path: string): boolean {
  return /\.gz$/i.test(path);
}

/** VS Code's limit per file for extensions; it drops the rest silently. */
const shownPerFile = 1000;

/** Shows findings in Problems. Files that were validated once are validated again when they are saved or change on disk. */
export class Findings implements Checks {
  readonly #validator: Validator;
  readonly #log: Log;
  readonly #collection = vscode.languages.createDiagnosticCollection('pinpoint-audience');
  readonly #checked = new Map<string, CheckedFile>();
  /** Totals of documents that were validated after their files. */
  readonly #typed = new Map<string, Totals>();
  readonly #again = new Map<string, AbortController>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: { dispose(): void }[];

  constructor(validator: Validator, log: Log) {
    this.#validator = validator;
    this.#log = log;
    const watcher = vscode.workspace.createFileSystemWatcher('**/*', true, false, false);
    this.#subscriptions = [
      this.#collection,
      this.#changed,
      watcher,
      watcher.onDidChange((uri) => void this.#checkAgain(uri)),
      watcher.onDidDelete((uri) => this.#forget(uri)),
      vscode.workspace.onDidSaveTextDocument((document) => void this.#checkAgain(document.uri)),
      vscode.workspace.onDidDeleteFiles(({ files }) => files.forEach((uri) => this.#forget(uri))),
      vscode.workspace.onDidRenameFiles(({ files }) => files.forEach(({ oldUri }) => this.#forget(oldUri))),
      onDidChangeSetting('validation.severity', () => {
        for (const { file } of this.results) void this.#checkAgain(file.uri, true);
      }),
    ];
  }

  get results(): readonly CheckedFile[] {
    return [...this.#checked.values()];
  }

  lastOf(path: string): Totals | undefined {
    const checked = this.#checked.get(path);
    return this.#typed.get(path) ?? (checked && totalsOf([checked]));
  }

  async check(
    files: readonly LocalFile[],
    signal: AbortSignal,
    report: Report,
  ): Promise<readonly CheckedFile[]> {
    return this.#checkAll(files, signal, report, false);
  }

  async report(files: readonly LocalFile[], signal: AbortSignal, report: Report): Promise<AudienceReport> {
    const checked = await this.#checkAll(files, signal, report, true);
    const validated = checked.map(({ file: { path, bytes, modified }, result }) => {
      return { path, bytes, modified, packed: isPacked(path), result };
    });
    return reportOf(validated, new Date());
  }

  async #checkAll(
    files: readonly LocalFile[],
    signal: AbortSignal,
    report: Report,
    statistics: boolean,
  ): Promise<readonly CheckedFile[]> {
    const total = files.reduce((sum, file) => sum + file.bytes, 0);
    const severity = getSetting('validation.severity');
    const results: ValidationResult[] = [];
    let before = 0;
    for (const file of files) {
      throwIfCancelled(signal);
      const start = before;
      const result = await this.#validate(file.path, {
        severity,
        maxIssues: getSetting('validation.maxIssues'),
        signal,
        statistics,
        onProgress: (done) => report(start + done, total),
      });
      before += file.bytes;
      results.push(result);
      this.#keep(file, result); // shown at once; rules across files apply at the end
      report(before, total);
    }
    return validateTogether(results, severity).map((result, index) => {
      this.#keep(files[index]!, result);
      return { file: files[index]!, result, at: new Date() };
    });
  }

  /** For statistics, the content of gzip files is validated as well. */
  #validate(path: string, options: ValidateOptions): Promise<ValidationResult> {
    if (options.statistics !== true || !isPacked(path)) return this.#validator.file(path, options);
    let done = 0;
    const packed = regularChunks(path, { onBytes: (bytes) => (done += bytes) });
    const onProgress = (): void => options.onProgress?.(done, undefined);
    const content = Readable.from(unzip(packed, new UnzipBudget(basename(path), { limit: unzipLimit() })));
    return this.#validator.stream(content, { ...options, onProgress, type: fileTypeOf(path) });
  }

  /** Shows the findings in a document's current text, saved or not. */
  show(uri: vscode.Uri, result: ValidationResult): void {
    this.#collection.set(uri, diagnosticsOf(result));
    const totals = totalsOf([{ result }]);
    const isNew = !isDeepStrictEqual(totals, this.lastOf(uri.fsPath));
    this.#typed.set(uri.fsPath, totals);
    if (isNew) this.#changed.fire();
  }

  /** Shows the last findings in the file on disk, if it was validated. */
  showLast(uri: vscode.Uri): void {
    if (this.#typed.delete(uri.fsPath)) this.#changed.fire();
    const last = this.#checked.get(uri.fsPath);
    if (last) this.#collection.set(uri, diagnosticsOf(last.result));
    else this.#collection.delete(uri);
  }

  dispose(): void {
    for (const controller of this.#again.values()) controller.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #keep(file: LocalFile, { statistics: _, ...result }: ValidationResult): CheckedFile {
    const checked = { file, result, at: new Date() };
    // The editor can't show positions in it.
    if (isPacked(file.path)) return checked;
    // The newest is the last.
    this.#checked.delete(file.path);
    this.#checked.set(file.path, checked);
    this.#typed.delete(file.path);
    this.#collection.set(file.uri, diagnosticsOf(result));
    this.#changed.fire();
    return checked;
  }

  #forget(uri: vscode.Uri): void {
    if (uri.scheme !== 'file') return;
    // Deleting a folder deletes everything below it.
    for (const { file } of this.results) {
      if (file.path !== uri.fsPath && !file.uri.path.startsWith(`${uri.path}/`)) continue;
      this.#again.get(file.path)?.abort();
      this.#checked.delete(file.path);
      this.#typed.delete(file.path);
      this.#collection.delete(file.uri);
    }
    this.#changed.fire();
  }

  /** Validates a file again, unless it is unchanged or was never validated. A newer call cancels an older one. */
  async #checkAgain(uri: vscode.Uri, anyway = false): Promise<void> {
    const last = this.#checked.get(uri.fsPath);
    if (!last || uri.scheme !== 'file' || !getSetting('validation.onSave')) return;
    this.#again.get(uri.fsPath)?.abort();
    const controller = new AbortController();
    this.#again.set(uri.fsPath, controller);
    try {
      const now = await stat(uri.fsPath);
      if (!anyway && now.size === last.file.bytes && now.mtimeMs === last.file.modified) return;
      await this.check([await localFile(uri)], controller.signal, () => undefined);
    } catch (error) {
      // This check wasn't requested, so it fails silently: the next requested one reports the problem.
      if (!isCancelled(error)) this.#log.warn('Could not validate a file again', error);
    } finally {
      if (this.#again.get(uri.fsPath) === controller) this.#again.delete(uri.fsPath);
    }
  }
}

/** Findings as diagnostics; if some are omitted, an extra one says so. */
export function diagnosticsOf(result: ValidationResult): readonly vscode.Diagnostic[] {
  const total = result.errors + result.warnings + result.infos;
  const room = total > Math.min(result.issues.length, shownPerFile) ? shownPerFile - 1 : shownPerFile;
  const shown = mostSevere(withoutRepeats(result.issues), room).map(toDiagnostic);
  if (shown.length === total) return shown;
  const rest = diagnostic(
    new vscode.Range(0, 0, 0, 0),
    vscode.l10n.t(
      '{0} of {1} problems shown. Total: {2} errors, {3} warnings, {4} infos. The report counts them by rule.',
      formatCount(shown.length),
      formatCount(total),
      formatCount(result.errors),
      formatCount(result.warnings),
      formatCount(result.infos),
    ),
    vscode.DiagnosticSeverity.Warning,
    'pinpoint-audience',
    { value: 'report', target: vscode.Uri.parse(`command:${commandIds.showReport}`) },
  );
  return [rest, ...shown];
}

/** Lists findings that every line of an export has only once per name, so that others remain visible. Totals count all. */
function withoutRepeats(issues: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return issues.filter(({ code, message }) => {
    if (code !== 'json-response-only') return true;
    const isNew = !seen.has(message);
    seen.add(message);
    return isNew;
  });
}

const severities: Readonly<Record<Severity, vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
};

function toDiagnostic(issue: Finding): vscode.Diagnostic {
  const range = new vscode.Range(issue.line - 1, issue.column - 1, issue.endLine - 1, issue.endColumn - 1);
  const page = `command:${commandIds.showRule}?${encodeURIComponent(JSON.stringify([issue.code]))}`;
  return diagnostic(range, issue.message, severities[issue.severity], 'pinpoint-audience', {
    value: issue.code,
    target: vscode.Uri.parse(page),
  });
}
