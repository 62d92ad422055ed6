import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { isCancelled, reasonOf } from '../../errors.ts';
import type { AudienceReport } from '../../endpoints/report/report.ts';
import { writeReport, type ReportFormat } from '../../endpoints/report/reportFile.ts';
import type { Checks } from '../../host/fileChecks.ts';
import { commandIds } from '../../host/commandIds.ts';
import { localFile, type LocalFile } from '../../host/files.ts';
import { baseName, formatCount } from '../../host/format.ts';
import type { Log } from '../../host/outputLog.ts';
import { countingPage, failurePage, reportContent } from './reportContent.ts';
import { readFromPage, type Action, type Element, type ToPage } from './pageProtocol.ts';
import { styles } from './styles.ts';
import { saveDialog } from '../../host/prompts.ts';
import { notify } from '../../host/notifications.ts';
import { inert, visible } from '../../host/inertText.ts';

const viewType = 'pinpointAudience.report';

/** The state of a report that is restored with its window. */
interface Kept {
  readonly version: 1;
  readonly paths: readonly string[];
  readonly report: AudienceReport | undefined;
}

/** The panels of audience reports, one per selection of files. */
export class ReportPanels implements vscode.WebviewPanelSerializer {
  readonly #checks: Checks;
  readonly #log: Log;
  readonly #dist: vscode.Uri;
  readonly #panels = new Map<string, ReportPanel>();
  readonly #registration: vscode.Disposable;

  constructor(checks: Checks, log: Log, extensionUri: vscode.Uri) {
    this.#checks = checks;
    this.#log = log;
    this.#dist = vscode.Uri.joinPath(extensionUri, 'dist');
    this.#registration = vscode.window.registerWebviewPanelSerializer(viewType, this);
  }

  /** Validates and counts the files, and shows the report. Resolves with it; rejects as `Checks.report` does. */
  async show(files: readonly LocalFile[]): Promise<AudienceReport> {
    const paths = files.map(({ path }) => path);
    const known = this.#panels.get(keyOf(paths));
    if (known !== undefined) {
      known.reveal();
      return known.count();
    }
    const title =
      files.length === 1
        ? vscode.l10n.t('Report: {0}', baseName(paths[0]!))
        : vscode.l10n.t('Report: {0} files', formatCount(files.length));
    const panel = vscode.window.createWebviewPanel(viewType, inert(title, 200), vscode.ViewColumn.Active, {
      enableFindWidget: true,
    });
    return this.#add(panel, paths).count();
  }

  /** Rejects as `writeReport` does. */
  write(report: AudienceReport, format: ReportFormat, path: string): Promise<void> {
    return writeReport(report, format, path);
  }

  /** Shows the report as it was when the window was closed. The page says whether files have changed since. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const kept = readKept(state);
    if (kept === undefined) {
      panel.dispose();
      return;
    }
    await this.#add(panel, kept.paths).restore(kept.report);
  }

  dispose(): void {
    this.#registration.dispose();
    for (const panel of this.#panels.values()) panel.dispose();
  }

  #add(panel: vscode.WebviewPanel, paths: readonly string[]): ReportPanel {
    panel.webview.options = { enableScripts: true, localResourceRoots: [this.#dist] };
    const script = panel.webview.asWebviewUri(vscode.Uri.joinPath(this.#dist, 'reportPage.js'));
    panel.webview.html = html(script, panel.webview.cspSource);
    const key = keyOf(paths);
    const added = new ReportPanel(panel, paths, this.#checks, this.#log);
    this.#panels.set(key, added);
    panel.onDidDispose(() => {
      if (this.#panels.get(key) === added) this.#panels.delete(key);
      added.end();
    });
    return added;
  }
}

function keyOf(paths: readonly string[]): string {
  return paths.toSorted().join('\n');
}

function html(script: vscode.Uri, source: string): string {
  const nonce = randomBytes(16).toString('base64url');
  return `<!DOCTYPE html>
<html lang="${vscode.env.language}">
<head>
<meta charset="UTF-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}' ${source};">
<meta name="viewport" content="width=device-width, initial-scale=1.0">
<title>${vscode.l10n.t('Audience Report')}</title>
<style nonce="${nonce}">${styles}</style>
</head>
<body></body>
<script nonce="${nonce}" src="${script.toString()}"></script>
</html>`;
}

function readKept(state: unknown): Kept | undefined {
  if (typeof state !== 'object' || state === null || !('version' in state) || state.version !== 1)
    return undefined;
  const { paths, report } = state as Partial<Kept>;
  const isKnown = Array.isArray(paths) && paths.length > 0 && paths.every((path) => typeof path === 'string');
  return isKnown ? { version: 1, paths, report: report?.version === 1 ? report : undefined } : undefined;
}

/** Makes invisible characters visible. */
function legible(page: Element): Element {
  return {
    ...page,
    attributes: Object.fromEntries(
      Object.entries(page.attributes ?? {}).map(([name, value]) => [name, visible(value)]),
    ),
    children: (page.children ?? []).map((child) =>
      typeof child === 'string' ? visible(child) : legible(child),
    ),
  };
}

/** One page. */
class ReportPanel {
  readonly #panel: vscode.WebviewPanel;
  readonly #paths: readonly string[];
  readonly #checks: Checks;
  readonly #log: Log;
  readonly #subscriptions: vscode.Disposable[] = [];
  #report: AudienceReport | undefined;
  #page: Element;
  /** True once the page's script listens. */
  #isReady = false;
  #counting: AbortController | undefined;

  constructor(panel: vscode.WebviewPanel, paths: readonly string[], checks: Checks, log: Log) {
    this.#panel = panel;
    this.#paths = paths;
    this.#checks = checks;
    this.#log = log;
    this.#page = countingPage(paths.map(baseName));
    this.#subscriptions.push(
      panel.webview.onDidReceiveMessage((message) => this.#onMessage(message)),
      ...paths.map((path) => this.#watch(path)),
    );
  }

  reveal(): void {
    this.#panel.reveal();
  }

  dispose(): void {
    this.#panel.dispose();
  }

  /** The page was closed. */
  end(): void {
    this.#counting?.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async restore(report: AudienceReport | undefined): Promise<void> {
    this.#report = report;
    if (report === undefined) this.#show(failurePage(vscode.l10n.t("This report wasn't finished.")));
    else {
      try {
        await this.#showReport(report);
      } catch (error) {
        // What is kept may be of another version, or damaged.
        this.#log.error('A report could not be restored', error);
        this.#report = undefined;
        this.#show(failurePage(vscode.l10n.t("This report wasn't finished.")));
      }
    }
  }

  async count(): Promise<AudienceReport> {
    this.#counting?.abort();
    const controller = new AbortController();
    this.#counting = controller;
    this.#show(countingPage(this.#paths.map(baseName)));
    try {
      const files = await Promise.all(this.#paths.map((path) => localFile(vscode.Uri.file(path))));
      const report = await this.#checks.report(files, controller.signal, (done, total) =>
        this.#post({ kind: 'progress', done, total: total ?? 0 }),
      );
      this.#report = report;
      await this.#showReport(report);
      return report;
    } catch (error) {
      if (this.#counting === controller) {
        if (isCancelled(error) && this.#report !== undefined) await this.#showReport(this.#report);
        else this.#show(failurePage(whyOf(error)));
      }
      throw error;
    } finally {
      if (this.#counting === controller) this.#counting = undefined;
    }
  }

  async #showReport(report: AudienceReport): Promise<void> {
    const changed = await Promise.all(
      report.files.map(async ({ path, bytes, modified }) => {
        const now = await stat(path).catch(() => undefined);
        return now?.size === bytes && now.mtimeMs === modified ? [] : [path];
      }),
    );
    this.#show(reportContent(report, changed.flat()));
  }

  #show(page: Element): void {
    this.#page = legible(page);
    const state: Kept = { version: 1, paths: this.#paths, report: this.#report };
    this.#post({ kind: 'show', page: this.#page, state });
  }

  /** Messages before the page listens are dropped; it gets the current state once it does. */
  #post(message: ToPage): void {
    if (this.#isReady) void this.#panel.webview.postMessage(message);
  }

  #watch(path: string): vscode.Disposable {
    // Not the name itself, which would be read as a pattern.
    const pattern = new vscode.RelativePattern(vscode.Uri.file(dirname(path)), '*');
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const look = (uri: vscode.Uri): void => {
      if (basename(uri.fsPath) !== basename(path)) return;
      if (this.#report === undefined || this.#counting !== undefined) return;
      this.#showReport(this.#report).catch((error: unknown) => this.#log.error('The report failed', error));
    };
    watcher.onDidChange(look);
    watcher.onDidCreate(look);
    watcher.onDidDelete(look);
    return watcher;
  }

  #onMessage(message: unknown): void {
    const received = readFromPage(message);
    if (received === undefined) {
      this.#log.warn('A report page sent an unknown message');
      return;
    }
    if (received.kind === 'ready') {
      this.#isReady = true;
      this.#show(this.#page);
      return;
    }
    this.#act(received).catch((error: unknown) => {
      if (isCancelled(error)) return;
      this.#log.error('The report failed', error);
      void notify('error', whyOf(error));
    });
  }

  async #act(action: Action): Promise<void> {
    switch (action.kind) {
      case 'cancel':
        this.#counting?.abort();
        break;
      case 'again':
        await this.count();
        break;
      case 'rule':
        await vscode.commands.executeCommand(commandIds.showRule, action.code);
        break;
      case 'file':
        await this.#open(action.file);
        break;
      case 'open': {
        const place = this.#report?.files[action.file]?.findings[action.rule]?.places[action.place];
        if (place === undefined) return;
        const { line, column, endLine, endColumn } = place;
        await this.#open(action.file, new vscode.Range(line - 1, column - 1, endLine - 1, endColumn - 1));
        break;
      }
      case 'export':
        await this.#export(action.format);
        break;
    }
  }

  async #open(file: number, selection?: vscode.Range): Promise<void> {
    const path = this.#report?.files[file]?.path;
    if (path === undefined) return;
    const viewColumn =
      vscode.window.tabGroups.all.length > 1 ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const options = { viewColumn, ...(selection !== undefined && { selection }) };
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path), options);
  }

  async #export(format: ReportFormat): Promise<void> {
    if (this.#report === undefined) return;
    const extension = format === 'markdown' ? 'md' : 'json';
    const target = await saveDialog({
      defaultUri: vscode.Uri.file(`${this.#paths[0]!}.report.${extension}`),
      filters: { [format === 'markdown' ? 'Markdown' : 'JSON']: [extension] },
    });
    if (target === undefined) return;
    await writeReport(this.#report, format, target.fsPath);
    await vscode.commands.executeCommand('vscode.open', target);
  }
}

function whyOf(error: unknown): string {
  return isCancelled(error) ? vscode.l10n.t('Cancelled.') : reasonOf(error);
}
