import * as vscode from 'vscode';
import { isTerminal } from '../aws/pinpoint/audienceService.ts';
import type { Connection } from '../aws/connection/connection.ts';
import type { RunRecord } from '../jobs/runs/runRecord.ts';
import type { Runs } from '../jobs/runs/runs.ts';
import { nextDelay } from '../jobs/drive/polling.ts';
import { setContext } from '../host/contextKeys.ts';
import type { Log } from '../host/outputLog.ts';
import type { Session } from '../host/session.ts';
import { onDidChangeSetting } from '../host/settings.ts';
import type { JobNode } from './audienceNodes.ts';
import { ConnectionNode, JobsNode, ProjectNode, SegmentsNode } from './audienceNodes.ts';
import { BucketFolderNode } from './bucketNodes.ts';
import { ErrorNode, PagedNode, type TreeNode } from './nodes.ts';

export const audienceViewId = 'pinpointAudience.audience';

/** The connection with its projects and their content. Requests what is expanded, page by page. */
export class AudienceTree implements vscode.TreeDataProvider<TreeNode> {
  readonly #session: Session;
  readonly #runs: Runs;
  readonly #log: Log;
  readonly #changed = new vscode.EventEmitter<TreeNode | undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #subscriptions: { dispose(): void }[];
  #root: ConnectionNode | undefined;
  #bucket: BucketFolderNode | undefined;
  readonly #bucketName: () => string;
  #visible = false;
  #timer: NodeJS.Timeout | undefined;
  readonly #timers = new Set<NodeJS.Timeout>();
  #failures = 0;

  constructor(session: Session, runs: Runs, log: Log, bucketName: () => string) {
    this.#bucketName = bucketName;
    this.#session = session;
    this.#runs = runs;
    this.#log = log;
    this.#subscriptions = [
      this.#changed,
      session.onDidChange(() => this.#rebuild()),
      runs.onDidChange((run) => run && this.#onRun(run)),
      onDidChangeSetting('staging.bucket', () => this.#changed.fire(undefined)),
    ];
    this.#rebuild();
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    return node.toItem();
  }

  getParent(node: TreeNode): TreeNode | undefined {
    return node.parent;
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (!node) return this.#roots();
    const counted = node instanceof SegmentsNode || node instanceof JobsNode ? node : undefined;
    const before = counted?.countText;
    const children = [...((await node.children?.()) ?? [])];
    if (counted && counted.countText !== before) this.#refreshLine(counted);
    this.#watch();
    return children;
  }

  /** Reloads a node and its children, or everything. For an error node, retries what failed. */
  refresh(node?: TreeNode): void {
    if (node instanceof ErrorNode) {
      const { parent } = node;
      if (!parent) {
        void this.#session.retry();
        return;
      }
      if (parent instanceof PagedNode && parent.loaded.length > 0) {
        void this.loadMore(parent);
        return;
      }
      this.refresh(parent);
      return;
    }
    const from = node?.children ? node : (node?.parent ?? this.#root);
    if (from instanceof ProjectNode || from instanceof PagedNode) from.reset();
    // Without projects, there is no root node to refresh.
    this.#changed.fire(from === this.#root ? undefined : from);
  }

  /** Reloads the segments of a project, if they are shown. */
  refreshSegments(projectId: string): void {
    const project = this.#project(projectId);
    if (!project) return;
    project.segments.reset();
    this.#changed.fire(project.segments);
  }

  /** Loads the next page for a "Load more" node. */
  async loadMore(node: TreeNode): Promise<void> {
    const folder = node instanceof PagedNode ? node : node.parent;
    if (!(folder instanceof PagedNode)) return;
    await folder.loadMore();
    this.#changed.fire(folder);
  }

  setVisible(visible: boolean): void {
    this.#visible = visible;
    this.#watch();
  }

  dispose(): void {
    for (const timer of [this.#timer, ...this.#timers]) clearTimeout(timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #roots(): Promise<TreeNode[]> {
    const { state } = this.#session;
    if (state.kind === 'failed') return [new ErrorNode(undefined, state.error)];
    const root = this.#root;
    if (!root) return [];
    await root.children();
    const none = root.loaded.length === 0 && root.failed === undefined;
    setContext('noProjects', none);
    return none ? [] : [root, ...this.#bucketNode(root.connection)];
  }

  /** The staging bucket, beside the projects: it belongs to all of them. */
  #bucketNode(connection: Connection): readonly TreeNode[] {
    const name = this.#bucketName();
    if (name === '') return [];
    if (this.#bucket?.bucket !== name || this.#bucket.connection !== connection)
      this.#bucket = new BucketFolderNode(undefined, connection, name, '');
    return [this.#bucket];
  }

  #rebuild(): void {
    const { state } = this.#session;
    const connection: Connection | undefined = state.kind === 'connected' ? state.connection : undefined;
    if (connection !== this.#root?.connection) {
      this.#root = connection && new ConnectionNode(connection, this.#session.isSandbox);
      setContext('noProjects', false);
    }
    this.#changed.fire(undefined);
  }

  /**
   * Shows the count of a folder, which is known once its children are loaded. Delayed: if the folder changes while VS Code
   * still processes the children, it drops them, and commands on them get no node.
   */
  #refreshLine(node: TreeNode): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#changed.fire(node);
    }, 250);
    this.#timers.add(timer);
  }

  /** Our own runs report job changes, so the tree doesn't poll for them. */
  #onRun(run: RunRecord): void {
    const project = this.#project(run.projectId);
    if (!project || !run.job) return;
    const folder = project.jobs[run.kind];
    const node = folder.jobs.find(({ job }) => job.id === run.job?.id);
    if (node) {
      node.job = { ...run.job, s3Url: node.job.s3Url ?? run.job.s3Url };
      this.#changed.fire(node);
    } else if (folder.loaded.length > 0 || folder.countText !== '') {
      folder.reset();
      this.#changed.fire(folder);
    }
    if (run.state === 'completed' && run.import?.defineSegment === true) {
      this.refreshSegments(project.project.id);
    }
  }

  #project(id: string): ProjectNode | undefined {
    return this.#projects().find(({ project }) => project.id === id);
  }

  #projects(): readonly ProjectNode[] {
    return (this.#root?.loaded ?? []).filter((node) => node instanceof ProjectNode);
  }

  /** Polls jobs that others started while they run and the view is visible. */
  #watch(): void {
    if (!this.#visible) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return;
    }
    const live = this.#foreignLiveJobs();
    if (live.length === 0 || this.#timer) return;
    const youngest = Math.max(...live.map(({ job }) => Date.parse(job.created)));
    const situation = { ageMs: Date.now() - youngest, failures: this.#failures, throttles: 0, visible: true };
    this.#timer = setTimeout(() => void this.#poll(live), nextDelay(situation, Math.random()));
  }

  async #poll(live: readonly JobNode[]): Promise<void> {
    try {
      for (const node of live) {
        const { connection } = node.parent.parent.parent;
        node.job = await connection.audience.getJob(node.job.kind, node.job.projectId, node.job.id);
        this.#changed.fire(node);
        if (node.job.status === 'COMPLETED' && node.job.segmentId !== undefined)
          this.refresh(node.parent.parent.segments);
      }
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      this.#log.debug('Could not poll a job of the tree', error);
    }
    this.#timer = undefined;
    this.#watch();
  }

  #foreignLiveJobs(): readonly JobNode[] {
    return this.#projects()
      .flatMap(({ jobs }) => [...jobs.import.jobs, ...jobs.export.jobs])
      .filter(({ job }) => !isTerminal(job.status) && this.#runs.get(job.id) === undefined);
  }
}

/** True for nodes that an import can be dropped on. */
export function takesFiles(node: TreeNode | undefined): node is TreeNode {
  if (!node) return false;
  const { target } = node;
  return (
    target.kind === 'project' ||
    target.kind === 'segments' ||
    (node instanceof JobsNode && node.kind === 'import') ||
    (target.kind === 'segment' && target.segment.kind === 'imported')
  );
}
