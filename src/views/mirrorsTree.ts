import * as vscode from 'vscode';
import type { MirrorDeclaration } from '../jobs/mirror/mirrorDeclaration.ts';
import type { Mirrors } from '../jobs/mirror/mirrors.ts';
import type { MirrorOutcome } from '../jobs/mirror/mirrorRecord.ts';
import { commandIds } from '../host/commandIds.ts';
import { setContext } from '../host/contextKeys.ts';
import { formatCount, formatMoment, formatTime } from '../host/format.ts';
import { facts } from '../host/markdown.ts';
import { declaringFiles, mirrorsPattern } from '../host/mirrorFiles.ts';
import type { Target } from '../host/targets.ts';
import { ErrorNode, toItem, type TreeNode } from './nodes.ts';

const mirrorsViewId = 'pinpointAudience.mirrors';

const icons: Readonly<Record<MirrorOutcome, readonly [icon: string, color: string]>> = {
  mirrored: ['pass', 'testing.iconPassed'],
  appended: ['warning', 'problemsWarningIcon.foreground'],
  different: ['warning', 'problemsWarningIcon.foreground'],
  failed: ['error', 'problemsErrorIcon.foreground'],
};

const broken = ['warning', 'problemsWarningIcon.foreground'] as const;

type LastRun = NonNullable<Awaited<ReturnType<Mirrors['last']>>>;

/** A declared mirror with its last result. */
class MirrorNode implements TreeNode {
  readonly target: Target;
  readonly id: string;
  readonly parent = undefined;
  readonly #declaration: MirrorDeclaration;
  readonly #last: LastRun | undefined;

  constructor(declaration: MirrorDeclaration, declaredIn: string, last: LastRun | undefined) {
    this.#declaration = declaration;
    this.#last = last;
    this.id = `${declaredIn}/${declaration.name}`;
    this.target = { kind: 'mirror', name: declaration.name, declaredIn };
  }

  toItem(): vscode.TreeItem {
    const { name, source, project, segment, identifier } = this.#declaration;
    const last = this.#last;
    const result = resultText(last);
    const [icon, color] =
      last?.broken === true ? broken : ((last?.outcome && icons[last.outcome]) ?? ['mirror']);
    return toItem(this, {
      label: name,
      description: result,
      icon: new vscode.ThemeIcon(icon, color === undefined ? undefined : new vscode.ThemeColor(color)),
      tooltip: facts(name, [
        [vscode.l10n.t('Source'), source],
        [vscode.l10n.t('Project'), project],
        [vscode.l10n.t('Segment'), segment],
        [vscode.l10n.t('Identifier'), identifier],
        [vscode.l10n.t('Last run'), last && formatMoment(last.ended ?? last.started)],
        [vscode.l10n.t('Result'), last && result],
        [vscode.l10n.t('Account'), last && `${last.account}, ${last.region}`],
        [vscode.l10n.t('Error'), last?.trouble?.message],
        [vscode.l10n.t('What to do'), last?.trouble?.help],
      ]),
      command: { command: commandIds.openMirrors, title: vscode.l10n.t('Open'), arguments: [this] },
    });
  }
}

function resultText(last: LastRun | undefined): string {
  if (!last) return vscode.l10n.t('not run yet');
  const time = formatTime(last.ended ?? last.started);
  const members = vscode.l10n.t('{0} members', formatCount(last.members));
  if (last.broken === true) return vscode.l10n.t('interrupted {0}: run it again', time);
  if (last.state === 'running') return vscode.l10n.t('started {0}', time);
  switch (last.outcome) {
    case 'mirrored':
      return [
        vscode.l10n.t('exact'),
        members,
        ...(last.companions === undefined
          ? []
          : [vscode.l10n.t('{0} more of the same users', formatCount(last.companions))]),
        time,
      ].join(' · ');
    case 'appended':
      return [vscode.l10n.t('{0} too many', formatCount(last.after?.removed ?? 0)), members, time].join(
        ' · ',
      );
    case 'different':
      return [
        vscode.l10n.t(
          '{0} missing, {1} differ',
          formatCount(last.after?.added ?? 0),
          formatCount(last.after?.changed ?? 0),
        ),
        time,
      ].join(' · ');
    default:
      return [vscode.l10n.t('failed'), time].join(' · ');
  }
}

/** The mirrors that files of the workspace declare. */
export class MirrorsTree implements vscode.TreeDataProvider<TreeNode> {
  readonly #mirrors: Mirrors;
  readonly #changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  readonly #subscriptions: { dispose(): unknown }[];

  constructor(mirrors: Mirrors) {
    this.#mirrors = mirrors;
    const watcher = vscode.workspace.createFileSystemWatcher(mirrorsPattern);
    const again = (): void => void this.#update();
    this.#subscriptions = [
      this.#changed,
      watcher,
      watcher.onDidChange(again),
      watcher.onDidCreate(again),
      watcher.onDidDelete(again),
      vscode.workspace.onDidChangeWorkspaceFolders(again),
      mirrors.onDidChange(() => this.#changed.fire(undefined)),
      vscode.window.createTreeView(mirrorsViewId, { treeDataProvider: this, canSelectMany: true }),
    ];
    again();
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    return node.toItem();
  }

  getParent(): undefined {
    return undefined;
  }

  async getChildren(node?: TreeNode): Promise<TreeNode[]> {
    if (node) return [];
    const nodes: TreeNode[] = [];
    for (const file of await declaringFiles()) {
      if (!file.mirrors) nodes.push(new ErrorNode(undefined, file.error));
      for (const declaration of file.mirrors ?? []) {
        const { fsPath } = file.uri;
        nodes.push(new MirrorNode(declaration, fsPath, await this.#mirrors.last(fsPath, declaration.name)));
      }
    }
    return nodes;
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #update(): Promise<void> {
    setContext('hasMirrors', (await declaringFiles()).length > 0);
    this.#changed.fire(undefined);
  }
}
