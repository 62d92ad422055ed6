import * as vscode from 'vscode';
import type { Runs } from '../jobs/runs/runs.ts';
import { commandIds } from '../host/commandIds.ts';
import { setContext } from '../host/contextKeys.ts';
import { formatCount } from '../host/format.ts';
import type { Log } from '../host/outputLog.ts';
import type { Memory } from '../host/sessionMemory.ts';
import type { RunFilter } from '../host/runFilter.ts';
import type { Session } from '../host/session.ts';
import { getSetting } from '../host/settings.ts';
import type { Target, TargetNode } from '../host/targets.ts';
import { AudienceTree, audienceViewId, takesFiles } from './audienceTree.ts';
import { JobsTree, jobsViewId } from './jobsTree.ts';
import { MoreNode, PagedNode, type TreeNode } from './nodes.ts';
import type { RunCounts } from './runCounts.ts';
import { setViewBadge, setViewMessage } from '../host/treeItems.ts';
import { withViewProgress } from '../host/progress.ts';

/** Both trees in the side bar, for commands and the rest of the extension. */
export class TreeViews {
  readonly #session: Session;
  readonly #runs: Runs;
  readonly #counts: RunCounts;
  readonly #audience: AudienceTree;
  readonly #jobs: JobsTree;
  readonly #audienceView: vscode.TreeView<TreeNode>;
  readonly #jobsView: vscode.TreeView<TreeNode>;
  readonly #subscriptions: { dispose(): void }[];
  #lastUsed: vscode.TreeView<TreeNode>;

  constructor(session: Session, runs: Runs, counts: RunCounts, memory: Memory, log: Log) {
    this.#session = session;
    this.#runs = runs;
    this.#counts = counts;
    this.#audience = new AudienceTree(
      session,
      runs,
      log,
      () => getSetting('staging.bucket') || (memory.get('bucket.last') ?? ''),
    );
    this.#jobs = new JobsTree(runs);
    this.#audienceView = vscode.window.createTreeView(audienceViewId, {
      treeDataProvider: this.#audience,
      showCollapseAll: true,
      canSelectMany: true,
      dragAndDropController: new FileDrop(),
    });
    this.#jobsView = vscode.window.createTreeView(jobsViewId, {
      treeDataProvider: this.#jobs,
      canSelectMany: true,
    });
    this.#lastUsed = this.#audienceView;
    this.#subscriptions = [
      this.#audience,
      this.#jobs,
      this.#audienceView,
      this.#jobsView,
      this.#audienceView.onDidChangeSelection(() => (this.#lastUsed = this.#audienceView)),
      this.#jobsView.onDidChangeSelection(() => (this.#lastUsed = this.#jobsView)),
      this.#audienceView.onDidChangeVisibility(({ visible }) => this.#onAudienceVisible(visible)),
      this.#jobsView.onDidChangeVisibility(({ visible }) => this.#onJobsVisible(visible)),
      session.onDidChange(({ kind }) => this.#showConnecting(kind === 'connecting')),
      session.onDidChangeSignIn((trouble) => this.#showSignIn(trouble !== undefined)),
      counts.onDidChange(() => this.#updateBadge()),
      runs.onDidChange(() => this.#showFilter()),
    ];
    if (this.#audienceView.visible) this.#onAudienceVisible(true);
    if (this.#jobsView.visible) this.#onJobsVisible(true);
    this.#updateBadge();
  }

  get audienceVisible(): boolean {
    return this.#audienceView.visible;
  }

  selection(): readonly Target[] {
    return this.#lastUsed.selection.map((node) => node.target);
  }

  refresh(node?: TargetNode): void {
    if (!node || isTreeNode(node)) this.#audience.refresh(node);
    if (!node) this.#jobs.refresh();
  }

  refreshSegments(projectId: string): void {
    this.#audience.refreshSegments(projectId);
  }

  async loadMore(node: TargetNode): Promise<void> {
    if (node instanceof MoreNode || node instanceof PagedNode) await this.#audience.loadMore(node);
    else this.#jobs.showMore();
  }

  get jobsFilter(): RunFilter | undefined {
    return this.#jobs.filter;
  }

  set jobsFilter(filter: RunFilter | undefined) {
    const isEmpty = Object.values(filter ?? {}).every((part) => part === undefined);
    this.#jobs.filter = isEmpty ? undefined : filter;
    setContext('jobsFiltered', !isEmpty);
    this.#showFilter();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  /** Shows above the list that it is filtered. */
  #showFilter(): void {
    const { filter, filtered } = this.#jobs;
    const all = this.#runs.list();
    const project = all.find((run) => run.projectId === filter?.projectId);
    const parts = [
      filter?.state?.replace('-', ' '),
      filter?.projectId && (project?.projectName ?? filter.projectId),
      filter?.text && `"${filter.text}"`,
    ];
    const message = filter
      ? vscode.l10n.t(
          '{1} of {2} jobs: {0}.',
          parts.filter(Boolean).join(', '),
          formatCount(filtered.length),
          formatCount(all.length),
        )
      : '';
    setViewMessage(this.#jobsView, message);
  }

  /** The first time the view is shown resumes an earlier connection. */
  #onAudienceVisible(visible: boolean): void {
    this.#audience.setVisible(visible);
    if (visible) void this.#session.resume();
  }

  #onJobsVisible(visible: boolean): void {
    this.#jobs.setVisible(visible);
    this.#runs.setVisible(visible);
    this.#counts.setSeen(visible);
    if (visible) this.#runs.poke();
  }

  #showSignIn(needed: boolean): void {
    const message = needed ? vscode.l10n.t('Signed out. Jobs resume after you sign in.') : '';
    for (const view of [this.#audienceView, this.#jobsView]) setViewMessage(view, message);
  }

  #showConnecting(connecting: boolean): void {
    if (!connecting) return;
    const settled = new Promise<void>((resolve) => {
      const subscription = this.#session.onDidChange(({ kind }) => {
        if (kind === 'connecting') return;
        subscription.dispose();
        resolve();
      });
    });
    void withViewProgress(audienceViewId, settled);
  }

  #updateBadge(): void {
    const { running, failed, text } = this.#counts;
    setViewBadge(this.#jobsView, running + failed, text);
  }
}

function isTreeNode(node: TargetNode): node is TreeNode {
  return 'toItem' in node;
}

/** Files from the Explorer or the desktop, dropped on a project or an imported segment, are imported there. */
class FileDrop implements vscode.TreeDragAndDropController<TreeNode> {
  readonly dropMimeTypes = ['text/uri-list'];
  readonly dragMimeTypes = [];

  async handleDrop(node: TreeNode | undefined, transfer: vscode.DataTransfer): Promise<void> {
    const list = await transfer.get('text/uri-list')?.asString();
    if (list === undefined || !takesFiles(node)) return;
    const uris = list
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => vscode.Uri.parse(line, true));
    await vscode.commands.executeCommand(commandIds.importFile, node, uris);
  }
}
