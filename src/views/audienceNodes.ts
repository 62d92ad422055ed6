import * as vscode from 'vscode';
import type {
  JobKind,
  Page,
  PageRequest,
  Project,
  Segment,
  ServiceJob,
} from '../aws/pinpoint/audienceService.ts';
import type { Connection } from '../aws/connection/connection.ts';
import { commandIds } from '../host/commandIds.ts';
import { formatCount, formatTime } from '../host/format.ts';
import { facts } from '../host/markdown.ts';
import type { Target } from '../host/targets.ts';
import { PagedNode, toItem, type TreeNode } from './nodes.ts';
import { countsOf, hasFailures, iconOf, statusOfJob } from './runStatus.ts';

const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;

/** The root: identity and region. */
export class ConnectionNode extends PagedNode<Project> {
  readonly target: Target;
  readonly id: string;
  readonly parent = undefined;
  readonly connection: Connection;
  readonly #isSandbox: boolean;
  protected readonly emptyText = vscode.l10n.t('no projects');

  constructor(connection: Connection, isSandbox: boolean) {
    super();
    this.connection = connection;
    this.#isSandbox = isSandbox;
    this.id = connection.id;
    this.target = { kind: 'connection', identity: connection.identity };
  }

  toItem(): vscode.TreeItem {
    const { identity, settings } = this.connection;
    const who = this.#isSandbox
      ? vscode.l10n.t('Local sandbox')
      : (settings.profile ?? vscode.l10n.t('Default credentials'));
    return toItem(
      this,
      {
        label: who,
        description: `${identity.region} · ${identity.account}`,
        icon: new vscode.ThemeIcon(this.#isSandbox ? 'beaker' : 'account'),
        tooltip: facts(who, [
          [vscode.l10n.t('Account'), identity.account],
          [vscode.l10n.t('Identity'), identity.arn],
          [vscode.l10n.t('Region'), identity.region],
          [vscode.l10n.t('Service URL'), settings.endpointUrl],
        ]),
        state: Expanded,
      },
      settings.endpointUrl,
    );
  }

  protected fetch(page: PageRequest): Promise<Page<Project>> {
    return this.connection.audience.listProjects(page);
  }

  protected toNode(project: Project): TreeNode {
    return new ProjectNode(this, project);
  }
}

export class ProjectNode implements TreeNode {
  readonly target: Target;
  readonly id: string;
  readonly parent: ConnectionNode;
  readonly project: Project;
  readonly segments: SegmentsNode;
  readonly jobs: Readonly<Record<JobKind, JobsNode>>;

  constructor(parent: ConnectionNode, project: Project) {
    this.parent = parent;
    this.project = project;
    this.id = `${parent.id}/${project.id}`;
    this.target = { kind: 'project', identity: parent.connection.identity, project };
    this.segments = new SegmentsNode(this);
    this.jobs = { import: new JobsNode(this, 'import'), export: new JobsNode(this, 'export') };
  }

  toItem(): vscode.TreeItem {
    return toItem(
      this,
      {
        label: this.project.name,
        description: this.project.id,
        icon: new vscode.ThemeIcon('project'),
        tooltip: facts(this.project.name, [
          [vscode.l10n.t('ID'), this.project.id],
          [vscode.l10n.t('ARN'), this.project.arn],
        ]),
        state: Collapsed,
      },
      this.parent.connection.settings.endpointUrl,
    );
  }

  children(): Promise<readonly TreeNode[]> {
    return Promise.resolve([this.segments, this.jobs.import, this.jobs.export]);
  }

  reset(): void {
    for (const folder of [this.segments, this.jobs.import, this.jobs.export]) folder.reset();
  }
}

export class SegmentsNode extends PagedNode<Segment> {
  readonly target: Target;
  readonly id: string;
  readonly parent: ProjectNode;
  protected readonly emptyText = vscode.l10n.t('no segments');

  constructor(parent: ProjectNode) {
    super();
    this.parent = parent;
    this.id = `${parent.id}/segments`;
    const { identity } = parent.parent.connection;
    this.target = { kind: 'segments', identity, project: parent.project };
  }

  toItem(): vscode.TreeItem {
    return toItem(
      this,
      {
        label: vscode.l10n.t('Segments'),
        description: this.countText,
        icon: new vscode.ThemeIcon('organization'),
        state: Collapsed,
      },
      this.parent.parent.connection.settings.endpointUrl,
    );
  }

  protected fetch(page: PageRequest): Promise<Page<Segment>> {
    return this.parent.parent.connection.audience.listSegments(this.parent.project.id, page);
  }

  protected toNode(segment: Segment): TreeNode {
    return new SegmentNode(this, segment);
  }
}

class SegmentNode implements TreeNode {
  readonly target: Target;
  readonly id: string;
  readonly parent: SegmentsNode;
  readonly #segment: Segment;

  constructor(parent: SegmentsNode, segment: Segment) {
    this.parent = parent;
    this.#segment = segment;
    this.id = `${parent.id}/${segment.id}`;
    const { connection } = parent.parent.parent;
    this.target = { kind: 'segment', identity: connection.identity, project: parent.parent.project, segment };
  }

  toItem(): vscode.TreeItem {
    const segment = this.#segment;
    const label = segment.name ?? vscode.l10n.t('(no name)');
    const { imported } = segment;
    const channels = Object.entries(imported?.channelCounts ?? {})
      .map(([channel, count]) => `${channel} ${formatCount(count)}`)
      .join(', ');
    return toItem(
      this,
      {
        label,
        description: imported
          ? vscode.l10n.t('imported · {0} endpoints', formatCount(imported.size))
          : vscode.l10n.t('dynamic'),
        icon: new vscode.ThemeIcon(imported ? 'file-symlink-file' : 'filter'),
        tooltip: facts(label, [
          [vscode.l10n.t('ID'), segment.id],
          [vscode.l10n.t('Version'), segment.version?.toString()],
          [vscode.l10n.t('Created'), formatTime(segment.created)],
          [
            vscode.l10n.t('Changed'),
            segment.modified === undefined ? undefined : formatTime(segment.modified),
          ],
          [vscode.l10n.t('Channels'), channels],
          [vscode.l10n.t('Format'), imported?.format],
          [vscode.l10n.t('From'), imported?.s3Url],
          [vscode.l10n.t('Role'), imported?.roleArn],
        ]),
        flags: imported ? ['imported'] : ['dynamic'],
        command: {
          command: commandIds.openSegment,
          title: vscode.l10n.t('Open Segment'),
          arguments: [this],
        },
      },
      this.parent.parent.parent.connection.settings.endpointUrl,
    );
  }
}

export class JobsNode extends PagedNode<ServiceJob> {
  readonly target: Target;
  readonly id: string;
  readonly parent: ProjectNode;
  readonly kind: JobKind;
  protected readonly emptyText: string;

  constructor(parent: ProjectNode, kind: JobKind) {
    super();
    this.parent = parent;
    this.kind = kind;
    this.id = `${parent.id}/${kind}`;
    this.target = {
      kind: 'jobs',
      identity: parent.parent.connection.identity,
      project: parent.project,
      jobs: kind,
    };
    this.emptyText = kind === 'import' ? vscode.l10n.t('no import jobs') : vscode.l10n.t('no export jobs');
  }

  get jobs(): readonly JobNode[] {
    return this.loaded.filter((node) => node instanceof JobNode);
  }

  toItem(): vscode.TreeItem {
    return toItem(
      this,
      {
        label: this.kind === 'import' ? vscode.l10n.t('Import jobs') : vscode.l10n.t('Export jobs'),
        description: this.countText,
        icon: new vscode.ThemeIcon(this.kind === 'import' ? 'cloud-upload' : 'cloud-download'),
        state: Collapsed,
      },
      this.parent.parent.connection.settings.endpointUrl,
    );
  }

  protected fetch(page: PageRequest): Promise<Page<ServiceJob>> {
    return this.parent.parent.connection.audience.listJobs(this.kind, this.parent.project.id, page);
  }

  protected toNode(job: ServiceJob): TreeNode {
    return new JobNode(this, job);
  }
}

/** A job as the service reports it, no matter who started it. */
export class JobNode implements TreeNode {
  readonly id: string;
  readonly parent: JobsNode;
  job: ServiceJob;

  constructor(parent: JobsNode, job: ServiceJob) {
    this.parent = parent;
    this.job = job;
    this.id = `${parent.id}/${job.id}`;
  }

  get target(): Extract<Target, { kind: 'job' }> {
    const { project, parent } = this.parent.parent;
    return { kind: 'job', identity: parent.connection.identity, project, job: this.job };
  }

  toItem(): vscode.TreeItem {
    const { job } = this;
    const status = statusOfJob(job);
    const label = job.segmentName ?? job.id;
    const time = formatTime(job.completed ?? job.created);
    const state = job.status.toLowerCase().replaceAll('_', ' ');
    return toItem(
      this,
      {
        label,
        description: [status === 'done' ? '' : state, countsOf(job), time].filter(Boolean).join(' · '),
        icon: iconOf(status),
        tooltip: facts(label, [
          [vscode.l10n.t('Status'), job.status],
          [vscode.l10n.t('Counts'), countsOf(job)],
          [vscode.l10n.t('ID'), job.id],
          [vscode.l10n.t('Created'), formatTime(job.created)],
          [vscode.l10n.t('Completed'), job.completed === undefined ? undefined : formatTime(job.completed)],
          [vscode.l10n.t('S3'), job.s3Url],
        ]),
        spoken: [label, state, countsOf(job), time].filter(Boolean).join(', '),
        flags: [...(hasFailures(job) ? ['failures'] : []), ...(status === 'live' ? ['watchable'] : [])],
        command: { command: commandIds.showJob, title: vscode.l10n.t('Show Job'), arguments: [this] },
      },
      this.parent.parent.parent.connection.settings.endpointUrl,
    );
  }
}
