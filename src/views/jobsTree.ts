import * as vscode from 'vscode';
import { failureTexts } from '../jobs/failures/findFailures.ts';
import { filesOf, hasEnded, type RunRecord } from '../jobs/runs/runRecord.ts';
import type { Runs } from '../jobs/runs/runs.ts';
import { hasStaged } from '../jobs/drive/stagedFolders.ts';
import { commandIds } from '../host/commandIds.ts';
import { setContext } from '../host/contextKeys.ts';
import { fits, type RunFilter } from '../host/runFilter.ts';
import type { Target } from '../host/targets.ts';
import { isCancellable, isRetryable } from './runActions.ts';
import { ErrorNode, toItem, type TreeNode } from './nodes.ts';
import { describeRun, iconOf, statusOfRun, titleOfRun, tooltipOfRun } from './runStatus.ts';

export const jobsViewId = 'pinpointAudience.jobs';

const pageSize = 50;

class RunNode implements TreeNode {
  readonly id: string;
  readonly parent = undefined;
  run: RunRecord;
  /** The position of the run in the queue. */
  readonly #position: () => number | undefined;

  constructor(run: RunRecord, position: () => number | undefined) {
    this.run = run;
    this.#position = position;
    this.id = run.id;
  }

  get target(): Extract<Target, { kind: 'run' }> {
    return { kind: 'run', run: this.run };
  }

  toItem(): vscode.TreeItem {
    const { run } = this;
    const now = new Date();
    const status = statusOfRun(run);
    const title = titleOfRun(run);
    const description = describeRun(run, now, this.#position());
    return toItem(this, {
      label: title,
      description,
      icon: iconOf(status),
      tooltip: tooltipOfRun(run, now),
      spoken: `${title}, ${description}`,
      flags: [
        hasEnded(run) ? 'ended' : 'live',
        ...(isCancellable(run) ? ['cancellable'] : []),
        ...(isRetryable(run) ? ['retryable'] : []),
        ...(hasStaged(run) ? ['staged'] : []),
        ...(run.export && run.state === 'completed' ? ['downloadable'] : []),
        ...(filesOf(run).length > 0 ? ['files'] : []),
        ...(failureTexts(run).length > 0 ? ['lines'] : []),
        ...(status === 'done-with-failures' || status === 'failed' ? ['failures'] : []),
      ],
      command: { command: commandIds.showJob, title: vscode.l10n.t('Show Job'), arguments: [this] },
    });
  }
}

class OlderNode implements TreeNode {
  readonly target: Target = { kind: 'other' };
  readonly id = 'older';
  readonly parent = undefined;

  toItem(): vscode.TreeItem {
    const label = vscode.l10n.t('Load more');
    return toItem(this, {
      label,
      icon: new vscode.ThemeIcon('ellipsis'),
      command: { command: commandIds.loadMore, title: label, arguments: [this] },
    });
  }
}

/** This user's runs, newest first. Active ones show their elapsed time. */
export class JobsTree implements vscode.TreeDataProvider<TreeNode> {
  readonly #runs: Runs;
  readonly #changed = new vscode.EventEmitter<TreeNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #subscription: { dispose(): void };
  readonly #nodes = new Map<string, RunNode>();
  #shown = pageSize;
  #filter: RunFilter | undefined;
  #clock: NodeJS.Timeout | undefined;

  constructor(runs: Runs) {
    this.#runs = runs;
    this.#subscription = runs.onDidChange((run) => this.#onRun(run));
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    return node.toItem();
  }

  getParent(): undefined {
    return undefined;
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (node) return [];
    try {
      await this.#runs.ready;
    } catch (error) {
      return [new ErrorNode(undefined, error)];
    }
    this.#updateContext();
    const runs = this.filtered;
    this.#nodes.clear();
    const nodes: TreeNode[] = runs.slice(0, this.#shown).map((run) => {
      const runNode = new RunNode(run, () => this.#runs.positionOf(run.id));
      this.#nodes.set(run.id, runNode);
      return runNode;
    });
    return runs.length > this.#shown ? [...nodes, new OlderNode()] : nodes;
  }

  get filter(): RunFilter | undefined {
    return this.#filter;
  }

  set filter(filter: RunFilter | undefined) {
    this.#filter = filter;
    this.#shown = pageSize;
    this.refresh();
  }

  /** The runs that match the filter, newest first. */
  get filtered(): readonly RunRecord[] {
    const filter = this.#filter;
    return filter ? this.#runs.list().filter((run) => fits(run, filter)) : this.#runs.list();
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  showMore(): void {
    this.#shown += pageSize;
    this.refresh();
  }

  /** The clock of live runs ticks only while the view is visible. */
  setVisible(visible: boolean): void {
    clearInterval(this.#clock);
    if (visible) this.#clock = setInterval(() => this.#tick(), 1000);
  }

  dispose(): void {
    clearInterval(this.#clock);
    this.#subscription.dispose();
    this.#changed.dispose();
  }

  #tick(): void {
    for (const node of this.#nodes.values()) if (!hasEnded(node.run)) this.#changed.fire(node);
  }

  #onRun(run: RunRecord | undefined): void {
    this.#updateContext();
    const node = run && this.#nodes.get(run.id);
    // A run that changes its state may start or stop matching the filter.
    if (!node || this.#filter) {
      this.refresh();
      return;
    }
    node.run = run;
    this.#changed.fire(node);
  }

  #updateContext(): void {
    const runs = this.#runs.list();
    setContext('hasRuns', runs.length > 0);
    setContext(
      'hasExports',
      runs.some((run) => run.export !== undefined && run.state === 'completed'),
    );
  }
}
