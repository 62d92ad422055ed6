import * as vscode from 'vscode';
import { AudienceError, type ErrorCode, reasonOf } from '../errors.ts';
import type { Page, PageRequest } from '../aws/pinpoint/audienceService.ts';
import { commandIds } from '../host/commandIds.ts';
import { paragraphs } from '../host/markdown.ts';
import { arnOf, consoleUrlOf, idOf, s3UrlOf, type Target, type TargetNode } from '../host/targets.ts';
import { treeItem, type ItemParts } from '../host/treeItems.ts';

/** A node of our trees. Its id is stable across sessions, so that VS Code keeps nodes expanded. */
export interface TreeNode extends TargetNode {
  readonly id: string;
  readonly parent: TreeNode | undefined;
  toItem(): vscode.TreeItem;
  children?(): Promise<readonly TreeNode[]>;
}

/** The parts of an item, except those that come from its node. */
interface NodeParts extends Omit<ItemParts, 'id' | 'contextValue'> {
  /** Additional flags for `when` clauses. */
  readonly flags?: readonly string[];
}

/** Makes the item of a node. Its context value is its kind and flags, as in `segment+id+arn+s3`; `when` clauses match single flags. */
export function toItem(
  node: TreeNode,
  { flags, ...parts }: NodeParts,
  endpointUrl?: string,
): vscode.TreeItem {
  return treeItem({
    ...parts,
    id: node.id,
    contextValue: [kindOf(node.target), ...copyFlags(node.target, endpointUrl), ...(flags ?? [])].join('+'),
  });
}

function kindOf(target: Target): string {
  return target.kind === 'jobs' ? `${target.jobs}s` : target.kind;
}

function copyFlags(target: Target, endpointUrl: string | undefined): readonly string[] {
  return [
    idOf(target) !== undefined && 'id',
    arnOf(target) !== undefined && 'arn',
    s3UrlOf(target) !== undefined && 's3',
    consoleUrlOf(target, endpointUrl) !== undefined && 'console',
  ].filter((flag) => flag !== false);
}

/** Shows why loading failed, with retry and log. A retired service is a state of its own, not a failure. */
export class ErrorNode implements TreeNode {
  readonly target: Target = { kind: 'other' };
  readonly id: string;
  readonly parent: TreeNode | undefined;
  readonly error: unknown;

  constructor(parent: TreeNode | undefined, error: unknown) {
    this.id = `${parent?.id ?? ''}/error`;
    this.parent = parent;
    this.error = error;
  }

  toItem(): vscode.TreeItem {
    const known = this.error instanceof AudienceError ? this.error : undefined;
    const retired = known?.code === 'retired';
    const reason = this.error instanceof AudienceError ? this.error.message : reasonOf(this.error);
    const label = briefly(known?.code);
    return toItem(this, {
      label,
      description: retired ? vscode.l10n.t('Pinpoint audiences ended on 2026-10-30') : reason,
      icon: retired
        ? new vscode.ThemeIcon('circle-slash', new vscode.ThemeColor('disabledForeground'))
        : new vscode.ThemeIcon('error', new vscode.ThemeColor('problemsErrorIcon.foreground')),
      tooltip: paragraphs(reason, known?.help),
      spoken: `${label}: ${reason}`,
      flags: [
        'error',
        'retry',
        ...(retired ? ['retired'] : []),
        ...(known?.code === 'credentials' ? ['credentials'] : []),
      ],
    });
  }
}

/** An error code in two or three words. */
function briefly(code: ErrorCode | undefined): string {
  switch (code) {
    case 'retired':
      return vscode.l10n.t('No longer served here');
    case 'throttled':
      return vscode.l10n.t('Throttled');
    case 'network':
      return vscode.l10n.t('Network error');
    case 'access-denied':
      return vscode.l10n.t('Access denied');
    case 'credentials':
      return vscode.l10n.t('Sign-in needed');
    case 'not-found':
      return vscode.l10n.t('Not found');
    default:
      return vscode.l10n.t('Failed');
  }
}

/** Shows that a list is empty. */
class EmptyNode implements TreeNode {
  readonly target: Target = { kind: 'other' };
  readonly id: string;
  readonly parent: TreeNode;
  readonly #text: string;

  constructor(parent: TreeNode, text: string) {
    this.id = `${parent.id}/empty`;
    this.parent = parent;
    this.#text = text;
  }

  toItem(): vscode.TreeItem {
    return treeItem({ id: this.id, label: '', description: this.#text, spoken: this.#text });
  }
}

/** Loads the next page of its parent. */
export class MoreNode implements TreeNode {
  readonly target: Target = { kind: 'other' };
  readonly id: string;
  readonly parent: PagedNode<unknown>;

  constructor(parent: PagedNode<unknown>) {
    this.id = `${parent.id}/more`;
    this.parent = parent;
  }

  toItem(): vscode.TreeItem {
    const label = vscode.l10n.t('Load more');
    return toItem(this, {
      label,
      icon: new vscode.ThemeIcon('ellipsis'),
      command: { command: commandIds.loadMore, title: label, arguments: [this] },
    });
  }
}

/** A node whose children are loaded page by page, and kept until `reset`. A page that fails becomes an error node. */
export abstract class PagedNode<T> implements TreeNode {
  abstract readonly target: Target;
  abstract readonly id: string;
  abstract readonly parent: TreeNode | undefined;
  #items: TreeNode[] | undefined;
  #next: string | undefined;
  #error: unknown;
  #loading: Promise<void> | undefined;
  #generation = 0;

  abstract toItem(): vscode.TreeItem;
  protected abstract fetch(page: PageRequest): Promise<Page<T>>;
  protected abstract toNode(item: T): TreeNode;
  protected abstract readonly emptyText: string;

  /** The loaded children, without empty, error and "Load more" nodes. */
  get loaded(): readonly TreeNode[] {
    return this.#items ?? [];
  }

  /** The number of loaded children: `50+` if there are more. */
  get countText(): string {
    if (!this.#items) return '';
    return `${this.#items.length}${this.#next === undefined ? '' : '+'}`;
  }

  get failed(): unknown {
    return this.#error;
  }

  async children(): Promise<readonly TreeNode[]> {
    // Repeated if a reset came in between.
    while (!this.#items && this.#error === undefined) await this.loadMore();
    const items = this.#items ?? [];
    if (this.#error !== undefined) return [...items, new ErrorNode(this, this.#error)];
    if (items.length === 0) return [new EmptyNode(this, this.emptyText)];
    return this.#next === undefined ? items : [...items, new MoreNode(this)];
  }

  /** Loads the next page; two calls at once load one. */
  async loadMore(): Promise<void> {
    if (!this.#loading) {
      const loading = this.#load(this.#generation).finally(() => {
        if (this.#loading === loading) this.#loading = undefined;
      });
      this.#loading = loading;
    }
    await this.#loading;
  }

  /** Drops loaded children and pending responses. */
  reset(): void {
    this.#generation++;
    this.#loading = undefined;
    this.#items = undefined;
    this.#next = undefined;
    this.#error = undefined;
  }

  async #load(generation: number): Promise<void> {
    this.#error = undefined;
    try {
      const page = await this.fetch({ token: this.#next });
      if (generation !== this.#generation) return;
      this.#items = [...(this.#items ?? []), ...page.items.map((item) => this.toNode(item))];
      this.#next = page.nextToken;
    } catch (error) {
      if (generation === this.#generation) this.#error = error;
    }
  }
}
