import * as vscode from 'vscode';
import type { Connection } from '../../aws/connection/connection.ts';
import { AudienceError } from '../../errors.ts';
import {
  audienceScheme,
  placeOf,
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

/** The questions of a save, asked by whoever talks to people. Both throw `cancelled()`. */
interface SaveQuestions {
  confirm(change: RemoteChange, place: AudiencePlace, connection: Connection): Promise<void>;
  /** `changed`: when the service has it last changed, in milliseconds since 1970. */
  conflict(place: AudiencePlace, changed: number): Promise<ConflictChoice>;
  /** An error in words. */
  words(error: unknown): string;
}

/** The query of the read-only twin of a document that shows what the service has. */
const inService = 'service';

/**
 * What the service holds, as files that can be opened, edited and saved. A save sends only what differs from what was
 * opened. Where the service has something newer meanwhile, the person is asked; what was shown for comparing counts as seen,
 * so that the next save goes through.
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
  /** Fires with the place of what was saved. */
  readonly onDidSave = this.#onSave.event;
  /** What the edits of each document began with. */
  readonly #known = new Map<string, RemoteVersion>();
  /** What the editor was given of an open document, and may still leave aside because somebody types meanwhile. */
  readonly #offered = new Map<string, RemoteVersion>();
  /**
   * What the editor was given of each, and as of when. It only moves on where the editor is to read again, since otherwise
   * the editor would take what it had just read, or is about to overwrite, for a conflict of its own.
   */
  readonly #shown = new Map<string, { readonly text: string; readonly modified: number }>();
  /** Documents whose finished save VS Code doesn't know about yet. */
  readonly #saved = new Set<string>();
  /** Documents that a program opened which wants no questions. */
  readonly #unasked = new Set<string>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #subscriptions: { dispose(): unknown }[];

  constructor(session: Session, questions: SaveQuestions) {
    this.#session = session;
    this.#questions = questions;
    this.#subscriptions = [
      this.#changed,
      this.#onSave,
      vscode.workspace.registerFileSystemProvider(audienceScheme, this, { isCaseSensitive: true }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#takeOffered(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => {
        for (const each of [this.#known, this.#offered, this.#shown, this.#saved, this.#unasked])
          each.delete(uri.toString());
      }),
    ];
  }

  /** Opens a document; `ask: false` lets its saves go without questions, and conflicts fail. Rejects where it cannot be read. */
  async open(uri: vscode.Uri, options: { readonly ask: boolean }): Promise<vscode.TextDocument> {
    // Fail with the real error, which opening the document would hide.
    await this.#read(uri);
    if (options.ask) this.#unasked.delete(uri.toString());
    else this.#unasked.add(uri.toString());
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { preview: false });
    return document;
  }

  /** Reloads documents that changed in the service. */
  refresh(...uris: readonly vscode.Uri[]): void {
    for (const uri of uris) this.#moveOn(uri);
    this.#changed.fire(uris.map((uri) => ({ type: vscode.FileChangeType.Changed, uri })));
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    this.#showSaved(uri);
    const version = await this.#telling(() => this.#shown.get(uri.toString()) ?? this.#read(uri));
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
    const version = await this.#telling(() => this.#read(uri));
    return Buffer.from(version.text);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    await this.#telling(() => this.#save(uri, Buffer.from(content).toString('utf8')));
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(): void {
    throw notPermitted(vscode.l10n.t('There are no folders here'));
  }

  delete(): void {
    throw notPermitted(vscode.l10n.t('Delete it in the Audience view or by a command'));
  }

  rename(): void {
    throw notPermitted(vscode.l10n.t('Rename it in the Audience view or by a command'));
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
      this.#takeOffered(document);
    } else this.#known.set(key, version);
    return this.#show(uri, version);
  }

  /** Edits of an open document begin with a version only once the document shows it: unsaved ones keep what they began with. */
  #takeOffered(document: vscode.TextDocument): void {
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

  /** Has the editor take what it is given next for something new. */
  #moveOn(uri: vscode.Uri): void {
    const shown = this.#shown.get(uri.toString());
    if (shown) this.#shown.set(uri.toString(), { ...shown, modified: shown.modified + 1 });
  }

  async #save(uri: vscode.Uri, text: string): Promise<void> {
    const { file, place, connection } = await this.#require(uri);
    if (!file.plan || uri.query !== '') throw vscode.FileSystemError.NoPermissions(uri);
    const key = uri.toString();
    const asks = !this.#unasked.has(key);
    const now = await file.read();
    const before = this.#known.get(key) ?? now;
    if (now.stamp !== before.stamp) await this.#resolve(uri, place, file.seen?.(before, now) ?? now, asks);
    const change = await file.plan(before, text);
    if (!change) return;
    if (asks) await this.#questions.confirm(change, place, connection);
    await change.apply();
    // A draft is something else now.
    const saved = await (this.#fileOf(uri, connection) ?? file).read();
    this.#offered.delete(key);
    this.#known.set(key, saved);
    this.#show(uri, saved);
    this.#saved.add(key);
    this.#onSave.fire(place);
  }

  /**
   * The service writes members of its own, such as EffectiveDate. The editor reads a document again only where it is another
   * than at the end of its save, which is the first time that it asks for it afterwards.
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
      throw new AudienceError('conflict', 'It changed in the service since it was opened', {
        help: 'Open it again, and repeat the changes.',
      });
    }
    if ((await this.#questions.conflict(place, now.modified)) === 'overwrite') return;
    this.#known.set(uri.toString(), now);
    const twin = uri.with({ query: inService });
    this.refresh(twin);
    void vscode.commands.executeCommand(
      'vscode.diff',
      twin,
      uri,
      inert(vscode.l10n.t('{0}: in the service ↔ yours', place.title), 200),
    );
    throw new AudienceError('conflict', vscode.l10n.t('Not saved yet: compare first'), {
      help: vscode.l10n.t('Saving again sends what is different from the left side.'),
    });
  }

  async #require(
    uri: vscode.Uri,
  ): Promise<{ readonly file: RemoteFile; readonly place: AudiencePlace; readonly connection: Connection }> {
    const place = placeOf(uri);
    if (!place) throw vscode.FileSystemError.FileNotFound(uri);
    await this.#session.resume();
    const connection = this.#session.required;
    const file = this.#fileOf(uri, connection);
    if (file) return { file, place, connection };
    throw new AudienceError('bad-input', vscode.l10n.t('This document belongs to another connection'), {
      help: vscode.l10n.t('Connect to its account and region first.'),
    });
  }

  /** A draft that became a segment makes way for the document of that segment. */
  async #follow(uri: vscode.Uri): Promise<void> {
    const place = placeOf(uri);
    const moved = place?.kind === 'drafts' ? this.#drafts.placeOf(place) : undefined;
    if (!moved) return;
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    const isDraft = ({ input }: vscode.Tab): boolean =>
      input instanceof vscode.TabInputText && input.uri.toString() === uri.toString();
    await this.open(uriOf(moved), { ask: !this.#unasked.has(uri.toString()) });
    await vscode.window.tabGroups.close(tabs.filter(isDraft));
  }

  #fileOf(uri: vscode.Uri, connection: Connection | undefined): RemoteFile | undefined {
    const place = placeOf(uri);
    if (!place || connection?.id !== place.connectionId) return undefined;
    return this.#kinds[place.kind](connection, place);
  }

  /** The editor shows the text of a failure and nothing else of it. */
  async #telling<T>(work: () => T | Promise<T>): Promise<T> {
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
