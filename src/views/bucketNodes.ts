import * as vscode from 'vscode';
import type { Page, PageRequest } from '../aws/pinpoint/audienceService.ts';
import type { Connection } from '../aws/connection/connection.ts';
import type { FolderEntry, ObjectSummary } from '../aws/s3/stagingService.ts';
import { isImportable } from '../aws/s3/importableObjects.ts';
import { formatBytes, formatTime } from '../host/format.ts';
import { facts, paragraphs } from '../host/markdown.ts';
import type { Target } from '../host/targets.ts';
import { PagedNode, toItem, type TreeNode } from './nodes.ts';

const { Collapsed } = vscode.TreeItemCollapsibleState;

/** A bucket or a folder in it: its direct content, page by page. */
export class BucketFolderNode extends PagedNode<FolderEntry> {
  readonly target: Target;
  readonly id: string;
  readonly parent: TreeNode | undefined;
  readonly connection: Connection;
  readonly bucket: string;
  readonly #prefix: string;
  protected readonly emptyText = vscode.l10n.t('empty');

  constructor(parent: TreeNode | undefined, connection: Connection, bucket: string, prefix: string) {
    super();
    this.parent = parent;
    this.connection = connection;
    this.bucket = bucket;
    this.#prefix = prefix;
    this.id = `${connection.id}/s3/${bucket}/${prefix}`;
    this.target = { kind: 'folder', identity: connection.identity, bucket, prefix };
  }

  toItem(): vscode.TreeItem {
    const isBucket = this.#prefix === '';
    return toItem(
      this,
      {
        label: isBucket ? this.bucket : lastPart(this.#prefix),
        description: isBucket ? vscode.l10n.t('staging bucket') : undefined,
        icon: new vscode.ThemeIcon(isBucket ? 'archive' : 'folder'),
        tooltip: paragraphs(`s3://${this.bucket}/${this.#prefix}`),
        state: Collapsed,
        flags: isBucket ? ['bucket'] : [],
      },
      this.connection.settings.endpointUrl,
    );
  }

  protected fetch(page: PageRequest): Promise<Page<FolderEntry>> {
    return this.connection.staging.browse(this.bucket, this.#prefix, { pageSize: 200, ...page });
  }

  protected toNode(entry: FolderEntry): TreeNode {
    return 'folder' in entry
      ? new BucketFolderNode(this, this.connection, this.bucket, entry.folder)
      : new ObjectNode(this, entry.object);
  }
}

class ObjectNode implements TreeNode {
  readonly target: Target;
  readonly id: string;
  readonly parent: BucketFolderNode;
  readonly #object: ObjectSummary;

  constructor(parent: BucketFolderNode, object: ObjectSummary) {
    this.parent = parent;
    this.#object = object;
    this.id = `${parent.connection.id}/s3/${parent.bucket}/${object.key}#`;
    const { identity } = parent.connection;
    this.target = { kind: 'object', identity, bucket: parent.bucket, object };
  }

  toItem(): vscode.TreeItem {
    const { key, size, modified, etag } = this.#object;
    const label = lastPart(key);
    const time = formatTime(modified);
    return toItem(
      this,
      {
        label,
        description: `${formatBytes(size)} · ${time}`,
        icon: new vscode.ThemeIcon(key.endsWith('.gz') ? 'file-zip' : 'file'),
        tooltip: facts(label, [
          [vscode.l10n.t('URL'), `s3://${this.parent.bucket}/${key}`],
          [vscode.l10n.t('Size'), formatBytes(size)],
          [vscode.l10n.t('Changed'), time],
          [vscode.l10n.t('ETag'), etag],
        ]),
        spoken: `${label}, ${formatBytes(size)}, ${time}`,
        flags: isImportable(key) ? ['data'] : [],
      },
      this.parent.connection.settings.endpointUrl,
    );
  }
}

/** The last part of a path, without a trailing slash. */
function lastPart(path: string): string {
  return path.replace(/\/$/, '').split('/').at(-1) ?? path;
}
