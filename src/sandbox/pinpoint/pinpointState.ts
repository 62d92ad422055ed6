import fs from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { rm } from '../../fileOperations.ts';
import { ServiceError } from '../http/http.ts';
import { AttributeNames, namesCollection } from './attributeNames.ts';
import { Audience } from './audience.ts';
import { EndpointLog } from './endpointLog.ts';
import type { Change } from './documentCollections.ts';
import { Documents } from './documentCollections.ts';
import type { App, Job, Segment } from './types.ts';
import { privateFolder } from '../../permissions.ts';

/**
 * The state of the sandbox's Pinpoint in one folder: `state.jsonl` with apps, segments and jobs, and for each app
 * `apps/ID/endpoints.log` and `apps/ID/members/` with the members of imported segments.
 */
export class State {
  readonly #dir: string;
  readonly #now: () => number;
  readonly #documents: Documents;
  readonly #audiences = new Map<string, Promise<Audience>>();
  #lastSeq = 0;

  constructor(dir: string, now: () => number) {
    this.#dir = dir;
    this.#now = now;
    fs.mkdirSync(dir, { recursive: true, mode: privateFolder });
    this.#documents = Documents.open(path.join(dir, 'state.jsonl'));
    for (const app of this.apps()) {
      const documents = [app, ...this.segments(app.Id), ...this.jobs(app.Id)];
      this.#lastSeq = documents.reduce((last, { Seq }) => Math.max(last, Seq), this.#lastSeq);
    }
  }

  /** ISO 8601, as all times of the service. */
  timestamp(): string {
    return new Date(this.#now()).toISOString();
  }

  /** The next sequence number. Lists are ordered by it. */
  nextSeq(): number {
    return ++this.#lastSeq;
  }

  /** @param region all regions by default */
  apps(region?: string): App[] {
    const apps = (this.#documents.list('apps') as App[]).map(withRegion);
    return region === undefined ? apps : apps.filter(({ Region }) => Region === region);
  }

  /** Throws 404 if the app doesn't exist, like the methods below. */
  app(appId: string): App {
    return withRegion((this.#documents.get('apps', appId) as App | undefined) ?? notFound());
  }

  hasApp(appId: string): boolean {
    return this.#documents.get('apps', appId) !== undefined;
  }

  segments(appId: string): Segment[] {
    return this.#documents.list(`segments/${appId}`) as Segment[];
  }

  segment(appId: string, segmentId: string): Segment {
    this.app(appId);
    return this.findSegment(appId, segmentId) ?? notFound();
  }

  findSegment(appId: string, segmentId: string): Segment | undefined {
    return this.#documents.get(`segments/${appId}`, segmentId) as Segment | undefined;
  }

  jobs(appId: string): Job[] {
    return this.#documents.list(`jobs/${appId}`) as Job[];
  }

  job(appId: string, jobId: string): Job {
    this.app(appId);
    return (this.#documents.get(`jobs/${appId}`, jobId) as Job | undefined) ?? notFound();
  }

  /** Saves documents atomically. */
  save(...documents: readonly (App | Segment | Job)[]): void {
    this.#documents.commit(documents.map((document) => [collectionOf(document), document.Id, document]));
  }

  removeSegment(segment: Segment): void {
    this.#documents.commit([[collectionOf(segment), segment.Id, null]]);
  }

  /** Deletes an app with its segments, jobs and endpoints. Stop its jobs first. */
  async removeApp(app: App): Promise<void> {
    const documents = [app, ...this.segments(app.Id), ...this.jobs(app.Id)];
    const removals = documents.map((document): Change => [collectionOf(document), document.Id, null]);
    this.#documents.commit([...removals, [namesCollection, app.Id, null]]);
    const audience = await this.#audiences.get(app.Id);
    this.#audiences.delete(app.Id);
    audience?.log.close();
    await removeFolder(this.#appDir(app.Id));
  }

  /** An app's endpoints; read from disk on first use. */
  async audience(appId: string): Promise<Audience> {
    this.app(appId);
    let audience = this.#audiences.get(appId);
    if (audience === undefined) {
      audience = this.#openAudience(appId);
      this.#audiences.set(appId, audience);
      audience.catch(() => this.#audiences.delete(appId));
    }
    return audience;
  }

  /** The folder with the members of an imported segment. */
  membersDir(appId: string, name: string): string {
    return path.join(this.#appDir(appId), 'members', name);
  }

  /** Deletes unreferenced folders: of deleted apps, and members of deleted segments and incomplete imports. */
  async sweep(): Promise<void> {
    for (const appId of await foldersIn(path.join(this.#dir, 'apps'))) {
      if (!this.hasApp(appId)) await removeFolder(this.#appDir(appId));
    }
    for (const { Id } of this.apps()) {
      const versions = this.segments(Id).flatMap((segment) => segment.versions);
      const used = new Set(versions.map(({ members }) => members));
      for (const name of await foldersIn(path.join(this.#appDir(Id), 'members'))) {
        if (!used.has(name)) await removeFolder(this.membersDir(Id, name));
      }
    }
  }

  async close(): Promise<void> {
    for (const audience of await Promise.all(this.#audiences.values())) {
      audience.save();
      audience.log.close();
    }
    this.#documents.close();
  }

  async #openAudience(appId: string): Promise<Audience> {
    await fs.promises.mkdir(this.#appDir(appId), { recursive: true, mode: privateFolder });
    const log = await EndpointLog.open(path.join(this.#appDir(appId), 'endpoints.log'));
    return new Audience(appId, log, new AttributeNames(this.#documents, appId), this.#now);
  }

  #appDir(appId: string): string {
    return path.join(this.#dir, 'apps', appId);
  }
}

/** Version 0.1.0 didn't store a region. */
function withRegion(app: App): App {
  return { ...app, Region: (app as Partial<App>).Region ?? 'us-east-1' };
}

/** A new Id of an app, segment or job: 32 hex digits. */
export function newId(): string {
  return randomBytes(16).toString('hex');
}

export function notFound(message = 'Resource not found'): never {
  throw new ServiceError(404, 'NotFoundException', message);
}

export function badRequest(message: string): never {
  throw new ServiceError(400, 'BadRequestException', message);
}

async function foldersIn(folder: string): Promise<string[]> {
  return fs.existsSync(folder) ? fs.promises.readdir(folder) : [];
}

function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true });
}

function collectionOf(document: App | Segment | Job): string {
  if ('settings' in document) return 'apps';
  return `${'versions' in document ? 'segments' : 'jobs'}/${document.ApplicationId}`;
}
