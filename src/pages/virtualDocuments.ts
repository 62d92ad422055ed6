import * as vscode from 'vscode';
import { isTerminal } from '../aws/pinpoint/audienceService.ts';
import type { RunRecord } from '../jobs/runs/runRecord.ts';
import type { Runs } from '../jobs/runs/runs.ts';
import type { SetupPlan } from '../jobs/setup/setupPlan.ts';
import type { SetupReport } from '../jobs/setup/setupReport.ts';
import { nextDelay } from '../jobs/drive/polling.ts';
import type { CheckedObject } from '../host/fileChecks.ts';
import type { Failures } from '../host/failurePlaces.ts';
import type { Session } from '../host/session.ts';
import type { Target } from '../host/targets.ts';
import { failuresHeading, jobPage, runPage } from './run/runPage.ts';
import { PageWriter, type Page } from './page.ts';
import { planPage, setupPage } from './setup/setupPage.ts';
import { objectReportPage } from './objects/objectsPage.ts';
import { titleOfRun } from '../views/runStatus.ts';
import { inert } from '../host/inertText.ts';
import { codeLens } from '../host/editorParts.ts';

type RunTarget = Extract<Target, { kind: 'run' }>;
type JobTarget = Extract<Target, { kind: 'job' }>;

const jobScheme = 'pinpoint-job';
const textScheme = 'pinpoint-page';

/** The read-only documents: jobs, which update as they run, and other pages. */
export class VirtualDocuments
  implements
    vscode.TextDocumentContentProvider,
    vscode.DocumentLinkProvider,
    vscode.CodeLensProvider,
    vscode.DefinitionProvider,
    vscode.DocumentSymbolProvider,
    vscode.FoldingRangeProvider
{
  readonly #session: Session;
  readonly #runs: Runs;
  readonly #failures: Failures;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.#changed.event;
  readonly #written = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#written.event;
  readonly #writers = new Map<string, () => Page | Promise<Page>>();
  readonly #pages = new Map<string, Page>();
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Only high contrast themes show links in read-only documents. */
  readonly #linkLook = vscode.window.createTextEditorDecorationType({
    color: new vscode.ThemeColor('textLink.foreground'),
    textDecoration: 'underline',
  });
  readonly #headingLook = vscode.window.createTextEditorDecorationType({ fontWeight: 'bold' });
  readonly #subscriptions: { dispose(): void }[];

  constructor(session: Session, runs: Runs, failures: Failures) {
    this.#session = session;
    this.#runs = runs;
    this.#failures = failures;
    const selector = [{ scheme: jobScheme }, { scheme: textScheme }];
    this.#subscriptions = [
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(jobScheme, this),
      vscode.workspace.registerTextDocumentContentProvider(textScheme, this),
      vscode.languages.registerDocumentLinkProvider(selector, this),
      vscode.languages.registerCodeLensProvider(selector, this),
      vscode.languages.registerDefinitionProvider(selector, this),
      vscode.languages.registerDocumentSymbolProvider(selector, this),
      vscode.languages.registerFoldingRangeProvider(selector, this),
      this.#headingLook,
      this.#written,
      this.#linkLook,
      vscode.window.onDidChangeVisibleTextEditors(() => this.#decorate()),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (this.#pages.has(document.uri.toString())) this.#decorate();
      }),
      runs.onDidChange((run) => this.#onRun(run)),
      failures.onDidChange((id) => this.#onRun(runs.get(id))),
      // VS Code misses changes while a document opens.
      vscode.workspace.onDidOpenTextDocument((document) => {
        void keepPlain(document);
        const { uri } = document;
        const run = uri.scheme === jobScheme ? runs.get(runIdOf(uri)) : undefined;
        if (run) this.#changed.fire(uri);
      }),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        // Changing the language closes and opens a document without requesting its content again.
        const key = uri.toString();
        const isOpen = vscode.workspace.textDocuments.some((document) => document.uri.toString() === key);
        if (!isOpen) this.#pages.delete(key);
      }),
    ];
    for (const document of vscode.workspace.textDocuments) void keepPlain(document);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const key = uri.toString();
    // A document of an earlier session finds its run by its URI.
    const write = this.#writers.get(key) ?? (() => this.#runPage(runIdOf(uri)));
    const page = await write();
    this.#pages.set(key, page);
    this.#written.fire();
    return page.text;
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    return (this.#pages.get(document.uri.toString())?.actions ?? []).map(({ line, title, command, args }) =>
      codeLens(new vscode.Range(line, 0, line, 0), { title, command, args }),
    );
  }

  /** For the keyboard, "Go to Definition" anywhere in a line follows its link. */
  provideDefinition(document: vscode.TextDocument, { line }: vscode.Position): vscode.Location | undefined {
    const target = this.#pages
      .get(document.uri.toString())
      ?.links.find(({ range, target: to }) => range.start.line === line && to?.scheme === 'file')?.target;
    if (!target) return undefined;
    const [, row = '1', column = '1'] = /^L(\d+)(?:,(\d+))?$/.exec(target.fragment) ?? [];
    return new vscode.Location(
      target.with({ fragment: '' }),
      new vscode.Position(Number(row) - 1, Number(column) - 1),
    );
  }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    return [...(this.#pages.get(document.uri.toString())?.links ?? [])];
  }

  provideDocumentSymbols(document: vscode.TextDocument): vscode.DocumentSymbol[] {
    const roots: vscode.DocumentSymbol[] = [];
    const open: { readonly level: number; readonly symbol: vscode.DocumentSymbol }[] = [];
    for (const { level, title, range } of this.#sections(document)) {
      const symbol = new vscode.DocumentSymbol(title || ' ', '', vscode.SymbolKind.String, range, range);
      while (open.length > 0 && open.at(-1)!.level >= level) open.pop();
      (open.at(-1)?.symbol.children ?? roots).push(symbol);
      open.push({ level, symbol });
    }
    return roots;
  }

  provideFoldingRanges(document: vscode.TextDocument): vscode.FoldingRange[] {
    return this.#sections(document).map(
      ({ range }) => new vscode.FoldingRange(range.start.line, range.end.line),
    );
  }

  /** What is below each heading, down to the next one of its level or a higher one. */
  #sections(
    document: vscode.TextDocument,
  ): readonly { readonly level: number; readonly title: string; readonly range: vscode.Range }[] {
    const { outline = [] } = this.#pages.get(document.uri.toString()) ?? {};
    return outline.map(({ line, level, title }, index) => {
      const next = outline.slice(index + 1).find((later) => later.level <= level)?.line;
      const last = Math.max(line, Math.min((next ?? document.lineCount) - 1, document.lineCount - 1));
      return { level, title, range: new vscode.Range(line, 0, last, Number.MAX_SAFE_INTEGER) };
    });
  }

  async showJob(target: RunTarget | JobTarget, section?: 'failures'): Promise<void> {
    const run = target.kind === 'run' ? target.run : this.#runs.get(target.job.id);
    const uri = run ? runUri(run) : this.#jobUri(target as JobTarget);
    if (run) this.#writers.set(uri.toString(), () => this.#runPage(run.id));
    const editor = await this.#show(uri);
    if (section === undefined) return;
    const lines = editor.document.getText().split('\n');
    const line = lines.findIndex((text) => text === `## ${failuresHeading()}`);
    if (line >= 0) {
      editor.selection = new vscode.Selection(line, 0, line, 0);
      editor.revealRange(new vscode.Range(line, 0, line, 0), vscode.TextEditorRevealType.AtTop);
    }
  }

  async showSetup(report: SetupReport): Promise<void> {
    await this.showPage(vscode.l10n.t('Setup'), () => setupPage(report));
  }

  async showPlan(plan: SetupPlan): Promise<void> {
    await this.showPage(vscode.l10n.t('Setup Plan'), () => planPage(plan));
  }

  async showObjectReport(results: readonly CheckedObject[]): Promise<void> {
    await this.showPage(vscode.l10n.t('Validation in S3'), () => objectReportPage(results));
  }

  /** Shows a page in a tab of this name. */
  async showPage(name: string, write: () => Page): Promise<void> {
    const uri = vscode.Uri.from({ scheme: textScheme, path: `/${tabName(name)}` });
    this.#writers.set(uri.toString(), write);
    await this.#show(uri);
  }

  dispose(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #show(uri: vscode.Uri): Promise<vscode.TextEditor> {
    this.#changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    return vscode.window.showTextDocument(document, { preview: true });
  }

  #decorate(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const page = this.#pages.get(editor.document.uri.toString());
      // During an update the links may be ahead of the text.
      if (page?.text !== editor.document.getText()) continue;
      editor.setDecorations(
        this.#linkLook,
        page.links.map(({ range }) => range),
      );
      editor.setDecorations(
        this.#headingLook,
        page.outline.map(({ line }) => editor.document.lineAt(line).range),
      );
    }
  }

  /** Updates the page of a run, or all open ones. */
  #onRun(run: RunRecord | undefined): void {
    if (run) this.#changed.fire(runUri(run));
    else
      for (const { uri } of vscode.workspace.textDocuments)
        if (uri.scheme === jobScheme) this.#changed.fire(uri);
  }

  #runPage(id: string): Page {
    const run = this.#runs.get(id);
    if (run) return runPage(run, this.#failures.of(run), this.#runs.positionOf(id), new Date());
    const page = new PageWriter();
    page.line(vscode.l10n.t('This run was removed from the list of jobs.'));
    return page.page;
  }

  #jobUri({ identity, project, job }: JobTarget): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: jobScheme, path: `/${job.id}/${tabName(`${job.kind} job`)}` });
    this.#writers.set(uri.toString(), async () => {
      const now = await this.#session.required.audience.getJob(job.kind, project.id, job.id);
      if (!isTerminal(now.status)) this.#writeAgain(uri, Date.parse(now.created));
      return jobPage(now, project.name, { kind: 'job', identity, project, job: now });
    });
    return uri;
  }

  /** Other people's jobs are polled while their document is open. */
  #writeAgain(uri: vscode.Uri, since: number): void {
    const situation = { ageMs: Date.now() - since, failures: 0, throttles: 0, visible: true };
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        const isOpen = vscode.workspace.textDocuments.some(
          (document) => document.uri.toString() === uri.toString(),
        );
        if (isOpen) this.#changed.fire(uri);
      },
      nextDelay(situation, Math.random()),
    );
    this.#timers.add(timer);
  }
}

/** The name that a tab shows. It ends in `.txt` so that the language is plain text: in Markdown, VS Code follows links itself. */
function tabName(name: string): string {
  return `${inert(name, 100).replace(/[\\/?#]/g, '-')}.txt`;
}

/** Keeps the language plain text if settings associate text files with another one. */
async function keepPlain(document: vscode.TextDocument): Promise<void> {
  const isOurs = document.uri.scheme === jobScheme || document.uri.scheme === textScheme;
  if (isOurs && document.languageId !== 'plaintext')
    await vscode.languages.setTextDocumentLanguage(document, 'plaintext');
}

function runIdOf(uri: vscode.Uri): string {
  return uri.path.split('/')[1] ?? '';
}

/** The last part is the title of the tab, the first identifies the run. */
function runUri(run: RunRecord): vscode.Uri {
  const what = run.kind === 'import' ? vscode.l10n.t('Import') : vscode.l10n.t('Export');
  return vscode.Uri.from({ scheme: jobScheme, path: `/${run.id}/${tabName(`${what} ${titleOfRun(run)}`)}` });
}
