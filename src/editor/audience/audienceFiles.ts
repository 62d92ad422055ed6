import * as vscode from 'vscode';
import type { Connection } from '../../aws/connection/connection.ts';
import { AudienceError } from '../../errors.ts';
import {
  audienceScheme,
  parseAudienceUri,
  uriOf,
  type AudienceKind,
  type AudiencePlace,
  type ConflictChoice,
  type RemoteChange,
} from '../../host/audiencePlaces.ts';
import type { Session } from '../../host/session.ts';
import { endpointFile, userFile } from './endpointDocuments.ts';
import type { RemoteFile, RemoteVersion } from './remoteFile.ts';
import { SegmentDrafts, segmentFile, versionFile } from './segmentDocuments.ts';
import { fileNotFound, fileUnavailable, notPermitted } from '../../host/editorParts.ts';
import { inert } from '../../host/inertText.ts';

/** The questions of a save. Both throw `cancelled()`. */
interface SaveQuestions {
  confirm(change: RemoteChange, place: AudiencePlace, connection: Connection): Promise<void>;
  /** `changed`: time of the last change in the service, in milliseconds since 1970. */
  conflict(place: AudiencePlace, changed: number): Promise<ConflictChoice>;
  /** The text of an error. */
  words(error: unknown): string;
}

/** The query of the read-only copy of a document that shows the version in the service. */
const inService = 'service';

/**
 * Endpoints, users and segments as files that can be opened, edited and saved. A save sends only the changes.
 * If the service has a newer version by then, the person is asked. A version shown for comparison counts as seen,
 * so that the next save succeeds.
 */
export class AudienceFiles implements vscode.FileSystemProvider {
  readonly #session: Session;
  readonly #questions: SaveQuestions;
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #drafts = new SegmentDrafts();
  readonly #kinds: Readonly<
    Record<AudienceKind, (connection: Connection, place: AudiencePlace) => RemoteFile>
  > = {
    endpoints: ({ endpoints }, place) => endpointFile(endpoints, place),
    users: ({ endpoints }, place) => userFile(endpoints, place),
    segments: segmentFile,
    versions: versionFile,
    drafts: (connection, place) => this.#drafts.file(connection, place),
  };
  readonly #onSave = new vscode.EventEmitter<AudiencePlace>();
  /** Fires with the document that was saved. */
  readonly onDidSave = this.#onSave.event;
  /** The version that the edits of each document are based on. */
  readonly #known = new Map<string, RemoteVersion>();
  /** The version last passed to VS Code for an open document, which it ignores if the document has edits. */
  readonly #offered = new Map<string, RemoteVersion>();
  /**
   * The text and time reported to VS Code for each document. The time only changes if VS Code must read the document again:
   * otherwise it would see a conflict with the version that it just read or is about to overwrite.
   */
  readonly #shown = new Map<string, { readonly text: string; readonly modified: number }>();
  /** Documents whose finished save VS Code doesn't know about yet. */
  readonly #saved = new Set<string>();
  /** Documents opened by a program with `ask: false`. */
  readonly #savedWithoutAsking = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #subscriptions: { dispose(): unknown }[];

  constructor(session: Session, questions: SaveQuestions) {
    this.#session = session;
    this.#questions = questions;
    this.#subscriptions = [
      this.#changed,
      this.#onSave,
      vscode.workspace.registerFileSystemProvider(audienceScheme, this, { isCaseSensitive: true }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#acceptOffered(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        for (const each of [this.#known, this.#offered, this.#shown, this.#saved, this.#savedWithoutAsking])
          each.delete(uri.toString());
      }),
    ];
  }

  /** Opens a document. With `ask: false`, saves don't ask, and conflicts fail. Rejects if it can't be read. */
  async open(uri: vscode.Uri, options: { readonly ask: boolean }): Promise<vscode.TextDocument> {
    // Fail with the real error, which opening the document would hide.
    await this.#read(uri);
    if (options.ask) this.#savedWithoutAsking.delete(uri.toString());
    else this.#savedWithoutAsking.add(uri.toString());
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
    return document;
  }

  /** Reloads documents that changed in the service. */
  refresh(...uris: readonly vscode.Uri[]): void {
    for (const uri of uris) this.#markChanged(uri);
    this.#changed.fire(uris.map((uri) => ({ type: vscode.FileChangeType.Changed, uri })));
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    this.#showSaved(uri);
    const version = await this.#withShownErrors(() => this.#shown.get(uri.toString()) ?? this.#read(uri));
    const isReadOnly =
      uri.query === inService || this.#fileOf(uri, this.#session.current)?.plan === undefined;
    return {
      type: vscode.FileType.File,
      ctime: 0,
      mtime: version.modified,
      size: Buffer.byteLength(version.text),
      ...(isReadOnly && { permissions: vscode.FilePermission.Readonly }),
    };
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    const version = await this.#withShownErrors(() => this.#read(uri));
    return Buffer.from(version.text);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    await this.#withShownErrors(() => this.#save(uri, Buffer.from(content).toString('utf8')));
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(): void {
    throw notPermitted(vscode.l10n.t("Folders can't be created here"));
  }

  delete(): void {
    throw notPermitted(vscode.l10n.t('Delete it in the Audience view or with a command'));
  }

  rename(): void {
    throw notPermitted(vscode.l10n.t('Rename it in the Audience view or with a command'));
  }

  dispose(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  async #read(uri: vscode.Uri): Promise<RemoteVersion> {
    const { file } = await this.#require(uri);
    const version = await file.read();
    const key = uri.toString();
    const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === key);
    if (document) {
      this.#offered.set(key, version);
      this.#acceptOffered(document);
    } else this.#known.set(key, version);
    return this.#show(uri, version);
  }

  /** Edits are based on a new version only once the document shows it; unsaved edits keep their base. */
  #acceptOffered(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    const version = this.#offered.get(key);
    if (!version || document.isDirty || document.getText() !== version.text) return;
    this.#offered.delete(key);
    this.#known.set(key, version);
  }

  #show(uri: vscode.Uri, version: RemoteVersion): RemoteVersion {
    const key = uri.toString();
    this.#shown.set(key, {
      text: version.text,
      modified: this.#shown.get(key)?.modified ?? version.modified,
    });
    return version;
  }

  /** Makes VS Code treat the next version as changed. */
  #markChanged(uri: vscode.Uri): void {
    const shown = this.#shown.get(uri.toString());
    if (shown) this.#shown.set(uri.toString(), { ...shown, modified: shown.modified + 1 });
  }

  async #save(uri: vscode.Uri, text: string): Promise<void> {
    const { file, place, connection } = await this.#require(uri);
    if (!file.plan || uri.query !== '') throw vscode.FileSystemError.NoPermissions(uri);
    const key = uri.toString();
    const asks = !this.#savedWithoutAsking.has(key);
    const now = await file.read();
    const before = this.#known.get(key) ?? now;
    if (now.stamp !== before.stamp) await this.#resolve(uri, place, file.seen?.(before, now) ?? now, asks);
    const change = await file.plan(before, text);
    if (!change) return;
    if (asks) await this.#questions.confirm(change, place, connection);
    await change.apply();
    // A draft is a segment now.
    const saved = await (this.#fileOf(uri, connection) ?? file).read();
    this.#offered.delete(key);
    this.#known.set(key, saved);
    this.#show(uri, saved);
    this.#saved.add(key);
    this.#onSave.fire(place);
  }

  /**
   * The service writes members of its own, such as EffectiveDate. VS Code reads a document again only if its time differs
   * from that at the end of the save, which is when it first calls `stat` afterwards.
   */
  #showSaved(uri: vscode.Uri): void {
    const key = uri.toString();
    if (!this.#saved.delete(key)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.refresh(uri);
      // If that fails, the draft stays open and still saves to its segment.
      this.#follow(uri).catch(() => undefined);
    }, 50);
    this.#timers.add(timer);
  }

  /** Resolves if the save may continue. */
  async #resolve(uri: vscode.Uri, place: AudiencePlace, now: RemoteVersion, asks: boolean): Promise<void> {
    if (!asks) {
      throw new AudienceError('conflict', 'It changed in the service since you opened it', {
        help: 'Open it again, and repeat your changes.',
      });
    }
    if ((await this.#questions.conflict(place, now.modified)) === 'overwrite') return;
    this.#known.set(uri.toString(), now);
    const inServiceUri = uri.with({ query: inService });
    this.refresh(inServiceUri);
    void vscode.commands.executeCommand(
      'vscode.diff',
      inServiceUri,
      uri,
      inert(vscode.l10n.t('{0}: in the service ↔ yours', place.title), 200),
    );
    throw new AudienceError('conflict', vscode.l10n.t('Not saved yet: compare first'), {
      help: vscode.l10n.t('Saving again sends what differs from the left side.'),
    });
  }

  async #require(
    uri: vscode.Uri,
  ): Promise<{ readonly file: RemoteFile; readonly place: AudiencePlace; readonly connection: Connection }> {
    const place = parseAudienceUri(uri);
    if (!place) throw vscode.FileSystemError.FileNotFound(uri);
    // A link in a folder that isn't trusted can open any document, which must not connect by itself.
    if (vscode.workspace.isTrusted) await this.#session.resume();
    const connection = this.#session.required;
    const file = this.#fileOf(uri, connection);
    if (file) return { file, place, connection };
    throw new AudienceError('bad-input', vscode.l10n.t('This document belongs to another connection'), {
      help: vscode.l10n.t('Connect to its account and region first.'),
    });
  }

  /** Replaces the document of a draft by that of the segment that was created from it. */
  async #follow(uri: vscode.Uri): Promise<void> {
    const place = parseAudienceUri(uri);
    const moved = place?.kind === 'drafts' ? this.#drafts.segmentOf(place) : undefined;
    if (!moved) return;
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const isDraft = ({ input }: vscode.Tab): boolean =>
      input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
    await this.open(uriOf(moved), { ask: !this.#savedWithoutAsking.has(uri.toString()) });
    await vscode.window.tabGroups.close(tabs.filter(isDraft));
  }

  #fileOf(uri: vscode.Uri, connection: Connection | undefined): RemoteFile | undefined {
    const place = parseAudienceUri(uri);
    if (!place || connection?.id !== place.connectionId) return undefined;
    return this.#kinds[place.kind](connection, place);
  }

  /** Makes errors ones whose text VS Code shows. */
  async #withShownErrors<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof vscode.FileSystemError) throw error;
      if (error instanceof AudienceError && error.code === 'not-found') {
        throw fileNotFound(error.message);
      }
      throw fileUnavailable(this.#questions.words(error));
    }
  }
}
