import { fileTypeOf } from '../../endpoints/model/fileType.ts';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page, Project, Segment } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { privateFolder } from '../../permissions.ts';
import { AudienceError, throwIfCancelled } from '../../errors.ts';
import { Emitter } from '../../events.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../runs/clock.ts';
import { systemClock } from '../runs/clock.ts';
import { TakenOver } from '../runs/guard.ts';
import type { Lease } from '../runs/lease.ts';
import { Leases } from '../runs/lease.ts';
import { hasEnded, newRunId, type RunRecord, type SourceFile } from '../runs/runRecord.ts';
import type { ImportPlan, Runs } from '../runs/runs.ts';
import type { RunControl } from '../runs/runControl.ts';
import { MirrorContent, type MirrorDifference, type MirrorState } from './mirrorContent.ts';
import type { MirrorDeclaration } from './mirrorDeclaration.ts';
import type { MirrorCounts, MirrorOutcome, MirrorRecord } from './mirrorRecord.ts';
import { MirrorStore } from './mirrorStore.ts';

interface MirrorsOptions {
  /** Where records and states are kept; several processes may share it. */
  readonly folder: string;
  readonly runs: Runs;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** The most bytes that a packed file may unpack to. */
  readonly unzipLimit?: (() => number) | undefined;
}

/** A declared mirror and its files. */
export interface MirrorRequest {
  readonly declaration: MirrorDeclaration;
  /** Path of the file that declares it. */
  readonly declaredIn: string;
  readonly files: readonly SourceFile[];
}

/** Where files go and exports arrive. */
export interface MirrorResources {
  readonly bucket: string;
  readonly prefix: string;
  readonly kmsKeyId?: string | undefined;
  readonly importRoleArn: string;
  readonly exportRoleArn: string;
}

/** A folder with an export in it, or the lease on one, which a killed process may leave without it. */
const exportName = /^(export-[0-9a-f]{16})(?:\.lease)?$/;

/** What a run would do. */
export interface MirrorPlan {
  readonly request: MirrorRequest;
  readonly id: string;
  readonly project: Project;
  /** Absent where it is to be created. */
  readonly segment?: Segment | undefined;
  readonly format: 'CSV' | 'JSON';
  readonly members: number;
  /** Records beyond the first of a member. */
  readonly repeated: number;
  /** What the files were compared with. */
  readonly against: 'state' | 'export' | 'nothing';
  readonly difference: MirrorDifference;
  readonly content: MirrorContent;
}

/**
 * Makes files the exact content of imported segments. AWS does not say whether an import with a SegmentId replaces the members or adds
 * to them, so the segment is exported after each import and compared with the files: the result is what is seen, not what was asked for.
 */
export class Mirrors {
  readonly #folder: string;
  readonly #runs: Runs;
  readonly #clock: Clock;
  readonly #store: MirrorStore;
  readonly #leases: Leases;
  readonly #unzipLimit: () => number | undefined;
  readonly #changed = new Emitter<string>();
  /** Fires with a mirror's id after each change of its record. */
  readonly onDidChange = this.#changed.event;

  constructor({ folder, runs, log, clock, unzipLimit }: MirrorsOptions) {
    this.#unzipLimit = unzipLimit ?? (() => undefined);
    this.#folder = folder;
    this.#runs = runs;
    this.#clock = clock ?? systemClock;
    this.#store = new MirrorStore(folder);
    this.#leases = new Leases(folder, { log });
  }

  dispose(): void {
    this.#leases.dispose();
  }

  /** The last run of a mirror; `broken` where the process that was at it is gone. */
  async last(
    declaredIn: string,
    name: string,
  ): Promise<(MirrorRecord & { readonly broken?: boolean }) | undefined> {
    const record = await this.#store.record(this.#store.idOf(declaredIn, name));
    if (record?.state !== 'running' || (await this.#leases.isHeld(record.id))) return record;
    return { ...record, broken: true };
  }

  /**
   * The dry run: compares the files with what was mirrored last, or, where that is not known or `fresh` is set, with an export of the
   * segment. Changes nothing in the segment; an export leaves its objects in the bucket, as exports do.
   */
  async plan(
    connection: Connection,
    request: MirrorRequest,
    places: MirrorResources,
    control: RunControl & {
      readonly fresh?: boolean | undefined;
      /** Called before a segment is exported for the comparison; what it throws ends the dry run. */
      readonly beforeExport?: ((segment: Segment, project: Project) => Promise<void>) | undefined;
    },
  ): Promise<MirrorPlan> {
    const { declaration, declaredIn, files } = request;
    const id = this.#store.idOf(declaredIn, declaration.name);
    const record = await this.#store.record(id);
    const project = await findProject(connection, declaration.project);
    const segment = await findSegment(connection, project, declaration, record?.segmentId);
    const state =
      control.fresh === true ? undefined : await this.#usableState(record, project, segment, declaration);
    const salt = state?.salt ?? randomInt(2 ** 31);
    control.onProgress?.(0, undefined, 'reading');
    const paths = files.map(({ path }) => path);
    const content = await MirrorContent.read(paths, declaration.identifier, salt, {
      signal: control.signal,
      unzipLimit: this.#unzipLimit(),
    });
    const base = {
      request,
      id,
      project,
      segment,
      format: declaration.format ?? formatOf(files),
      members: content.size,
      repeated: content.repeated,
      content,
    };
    if (segment === undefined) return { ...base, against: 'nothing', difference: content.fromNothing() };
    if (state) return { ...base, against: 'state', difference: content.since(state) };
    await control.beforeExport?.(segment, project);
    const difference = await this.#exported(connection, { project, segment }, places, control, (exported) =>
      content.against(exported, control.signal),
    );
    return { ...base, against: 'export', difference };
  }

  /**
   * Imports, exports, compares. Resolves with the record; `newSegment` leaves the segment alone and makes another of the same name.
   * An import that an earlier run left on its way is taken up instead of begun again. Throws `conflict` while another process is at
   * this mirror or its segment, or an import of other content into it goes on.
   */
  async run(
    connection: Connection,
    plan: MirrorPlan,
    places: MirrorResources,
    control: RunControl & { readonly newSegment?: boolean | undefined },
  ): Promise<MirrorRecord> {
    const mirror = await this.#leases.acquire(plan.id);
    const segment = mirror && (await this.#leases.acquire(segmentKey(connection, plan)));
    try {
      if (!segment) {
        throw new AudienceError('conflict', 'This segment is being mirrored already', {
          help: 'Wait until that run has ended, here or in another window.',
        });
      }
      return await this.#run(connection, plan, places, control, { mirror: mirror, segment });
    } finally {
      await segment?.release();
      await mirror?.release();
    }
  }

  async #run(
    connection: Connection,
    plan: MirrorPlan,
    places: MirrorResources,
    control: RunControl & { readonly newSegment?: boolean | undefined },
    leases: { readonly mirror: Lease; readonly segment: Lease },
  ): Promise<MirrorRecord> {
    const segment = control.newSegment === true ? undefined : plan.segment;
    const left = await this.#leftImport(connection, plan, segment);
    const { identity, settings } = connection;
    const { added, changed, removed, unchanged } = plan.difference;
    const begun = await this.#store.begin(leases.mirror, plan.id, (earlier) => ({
      schema: 2,
      id: plan.id,
      name: plan.request.declaration.name,
      state: 'running',
      started: this.#now(),
      account: identity.account,
      region: identity.region,
      endpointUrl: settings.endpointUrl,
      projectId: plan.project.id,
      segmentId: segment?.id,
      members: plan.members,
      before: { added, changed, removed, unchanged },
      // Who wrote it down may still begin it, having stood still: it is begun once, whoever does.
      importRunId: this.#leftIntent(earlier) ?? newRunId(this.#clock.now()),
    }));
    const { guard } = begun;
    const put = async (change: Partial<MirrorRecord>): Promise<MirrorRecord> => {
      const written = await guard.update((latest) => ({ ...latest, ...change }));
      this.#changed.fire(written.id);
      return written;
    };
    let { record } = begun;
    this.#changed.fire(record.id);
    await this.#store.dropStates(record);
    let ended: Partial<MirrorRecord>;
    try {
      const permit = async (): Promise<void> => {
        await guard.check();
        await leases.segment.check();
      };
      const imported = left
        ? await this.#takenUp(left, control)
        : await this.#import(connection, plan, segment, places, control, record.importRunId!, permit);
      record = await put({
        importRunId: imported.id,
        segmentId: imported.job?.segmentId ?? segment?.id,
      });
      ended = await this.#verify(connection, plan, record, imported, places, control);
    } catch (error) {
      if (!(error instanceof AudienceError) || error instanceof TakenOver) throw error;
      const { code, message, help } = error;
      ended = { outcome: 'failed', trouble: { code, message, ...(help !== undefined && { help }) } };
    }
    if (ended.outcome === 'mirrored') await this.#store.putState(record, plan.content.state);
    return put({ ...ended, state: 'done', ended: this.#now() });
  }

  /** The run that a process wrote down that was broken off, and that nobody has begun yet. */
  #leftIntent(earlier: MirrorRecord | undefined): string | undefined {
    const id = wasBrokenOff(earlier) ? earlier.importRunId : undefined;
    return id === undefined || this.#runs.get(id) !== undefined ? undefined : id;
  }

  /**
   * The import that a run of this mirror left behind, broken off or no longer waited for. Throws `conflict` where an import of something
   * else into the segment goes on.
   */
  async #leftImport(
    connection: Connection,
    plan: MirrorPlan,
    segment: Segment | undefined,
  ): Promise<RunRecord | undefined> {
    await this.#runs.ready;
    const { identity, settings } = connection;
    const record = await this.#store.record(plan.id);
    const name = plan.request.declaration.segment;
    const left = this.#runs.list().find((run) => {
      if (run.import === undefined || run.projectId !== plan.project.id) return false;
      const isHere =
        run.account === identity.account &&
        run.region === identity.region &&
        run.endpointUrl === settings.endpointUrl;
      const { segmentId, segmentName } = run.import;
      const into = segmentId ?? run.job?.segmentId;
      const isOfSegment = into !== undefined && into === segment?.id;
      if (!isHere || !(isOfSegment || (segmentId === undefined && segmentName === name))) return false;
      const isOfBroken = wasBrokenOff(record) && run.created >= record.started;
      return !hasEnded(run) || (isOfBroken && run.state === 'completed');
    });
    if (left === undefined || hasSameFiles(left, plan)) return left;
    if (hasEnded(left)) return undefined;
    throw new AudienceError('conflict', 'An earlier import into this segment goes on', {
      help: 'Wait for its end in the Jobs view, then run the mirror again.',
    });
  }

  #takenUp({ id }: RunRecord, control: RunControl): Promise<RunRecord> {
    control.onProgress?.(0, undefined, 'importing');
    return this.#ended(id, control);
  }

  async #import(
    connection: Connection,
    plan: MirrorPlan,
    segment: Segment | undefined,
    places: MirrorResources,
    control: RunControl,
    id: string,
    permit: () => Promise<void>,
  ): Promise<RunRecord> {
    const { declaration, files } = plan.request;
    const importPlan: ImportPlan = {
      id,
      projectId: plan.project.id,
      projectName: plan.project.name,
      files,
      format: plan.format,
      bucket: places.bucket,
      prefix: places.prefix,
      kmsKeyId: places.kmsKeyId,
      roleArn: places.importRoleArn,
      defineSegment: true,
      registerEndpoints: true,
      segmentId: segment?.id,
      segmentName: declaration.segment,
    };
    control.onProgress?.(0, undefined, 'importing');
    await permit();
    const started = await this.#runs.startImport(connection, importPlan, control);
    return this.#ended(started.id, control);
  }

  /** The end of a run, of which nobody else is to tell: the mirror tells the whole. */
  async #ended(id: string, { signal }: RunControl): Promise<RunRecord> {
    const ended = await this.#runs.waitFor(id, signal);
    await this.#runs.markNotified(id);
    return ended;
  }

  async #verify(
    connection: Connection,
    plan: MirrorPlan,
    record: MirrorRecord,
    imported: RunRecord,
    places: MirrorResources,
    control: RunControl,
  ): Promise<Pick<MirrorRecord, 'outcome' | 'after' | 'companions' | 'trouble'>> {
    if (imported.state !== 'completed' || record.segmentId === undefined) {
      return { outcome: 'failed', trouble: imported.error ?? endedOddly(imported) };
    }
    control.onProgress?.(0, undefined, 'verifying');
    const segment = { id: record.segmentId, name: plan.request.declaration.segment };
    const { added, changed, removed, unchanged, companions } = await this.#exported(
      connection,
      { project: plan.project, segment },
      places,
      control,
      (exported) => plan.content.against(exported, control.signal),
    );
    const after = { added, changed, removed, unchanged };
    return { after, outcome: outcomeOf(after), ...(companions > 0 && { companions }) };
  }

  /** Exports a segment to a folder that is gone afterwards. */
  async #exported<T>(
    connection: Connection,
    { project, segment }: { readonly project: Project; readonly segment: Pick<Segment, 'id' | 'name'> },
    places: MirrorResources,
    control: RunControl,
    read: (files: readonly string[]) => Promise<T>,
  ): Promise<T> {
    control.onProgress?.(0, undefined, 'exporting');
    const { bucket, prefix, exportRoleArn: roleArn } = places;
    const plan = {
      projectId: project.id,
      projectName: project.name,
      bucket,
      prefix,
      roleArn,
      segmentId: segment.id,
      segmentName: segment.name,
    };
    const started = await this.#runs.startExport(connection, plan, control);
    const ended = await this.#ended(started.id, control);
    throwIfCancelled(control.signal);
    if (ended.state !== 'completed') {
      const { message, help } = ended.error ?? endedOddly(ended);
      throw new AudienceError('service', message, { help });
    }
    return this.#inFolder(async (folder) => {
      // An export of no endpoints writes nothing.
      const isEmpty = ended.job?.totalProcessed === 0;
      return read(isEmpty ? [] : await this.#runs.download(connection, ended.id, folder, control));
    });
  }

  /** A folder for the time of `use`. Endpoints are personal data, so what killed processes left in theirs is removed, too. */
  async #inFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
    await mkdir(this.#folder, { recursive: true, mode: privateFolder });
    await this.#store.sweep();
    await this.#leases.sweep(() => true);
    const entries = await readdir(this.#folder);
    for (const name of new Set(entries.flatMap((entry) => exportName.exec(entry)?.[1] ?? []))) {
      const left = await this.#leases.acquire(name);
      if (!left) continue;
      await rm(join(this.#folder, name), { recursive: true, force: true });
      await left.release();
    }
    const name = `export-${randomBytes(8).toString('hex')}`;
    const lease = await this.#leases.acquire(name);
    const folder = join(this.#folder, name);
    try {
      await mkdir(folder, { mode: privateFolder });
      return await use(folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
      await lease?.release();
    }
  }

  /** The last state, where it is of this segment, by this identifier, and nothing was broken off since. */
  async #usableState(
    record: MirrorRecord | undefined,
    project: Project,
    segment: Segment | undefined,
    declaration: MirrorDeclaration,
  ): Promise<MirrorState | undefined> {
    if (record?.state !== 'done' || record.outcome !== 'mirrored') return undefined;
    if (record.projectId !== project.id || record.segmentId !== segment?.id) return undefined;
    const state = await this.#store.state(record);
    return state?.identifier === declaration.identifier ? state : undefined;
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

/** What is left over says that the service added; what is missing or other, that not all of the files arrived. */
function outcomeOf({ added, changed, removed }: MirrorCounts): MirrorOutcome {
  if (removed > 0) return 'appended';
  return added + changed > 0 ? 'different' : 'mirrored';
}

/** What two declarations, or two windows, must not mirror into at once. */
function segmentKey({ identity, settings }: Connection, { project, segment, request }: MirrorPlan): string {
  const place = [identity.account, identity.region, settings.endpointUrl, project.id];
  const text = JSON.stringify([...place, segment?.id ?? request.declaration.segment]);
  return `segment-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
}

/** The process ended, or nobody waited any longer: the import may have gone on without us. */
function wasBrokenOff(record: MirrorRecord | undefined): record is MirrorRecord {
  return record !== undefined && (record.state === 'running' || record.trouble?.code === 'cancelled');
}

function hasSameFiles(run: RunRecord, { request }: MirrorPlan): boolean {
  const stamps = (files: readonly SourceFile[]): string =>
    JSON.stringify(files.map(({ path, bytes, modified }) => [path, bytes, modified]));
  return stamps(run.import?.files ?? []) === stamps(request.files);
}

function endedOddly(run: RunRecord): NonNullable<MirrorRecord['trouble']> {
  const failures = run.job?.totalFailures ?? 0;
  return {
    code: 'service',
    message: `The ${run.kind} job of the mirror ended as ${run.state}${failures > 0 ? `, with ${failures} failures` : ''}`,
    help: 'The Jobs view says what became of it.',
  };
}

function formatOf(files: readonly SourceFile[]): 'CSV' | 'JSON' {
  const formats = new Set(
    files.map(({ path }) => (fileTypeOf(path) === 'csv' ? ('CSV' as const) : ('JSON' as const))),
  );
  const [format, ...others] = formats;
  if (format !== undefined && others.length === 0) return format;
  throw new AudienceError(
    files.length === 0 ? 'not-found' : 'bad-input',
    files.length === 0
      ? 'No file fits the source of the mirror'
      : 'A mirror takes either CSV or NDJSON files, not both',
    { help: 'Mend the source in pinpoint-audience.json.' },
  );
}

async function findProject({ audience }: Connection, named: string): Promise<Project> {
  const found: Project[] = [];
  for await (const project of all((token) => audience.listProjects({ token }))) {
    if (project.id === named) return project;
    if (project.name === named) found.push(project);
  }
  return only(found, 'project', named, 'Write its Id in pinpoint-audience.json.');
}

async function findSegment(
  { audience }: Connection,
  project: Project,
  declaration: MirrorDeclaration,
  remembered: string | undefined,
): Promise<Segment | undefined> {
  const { segment: name, segmentId } = declaration;
  if (segmentId !== undefined) return imported(await audience.getSegment(project.id, segmentId));
  const found: Segment[] = [];
  for await (const segment of all((token) => audience.listSegments(project.id, { token }))) {
    if (segment.name === name && segment.kind === 'imported') found.push(segment);
  }
  if (found.length === 0) return undefined;
  return (
    found.find(({ id }) => id === remembered) ??
    only(found, 'segment', name, 'Write the Id of one as segmentId in pinpoint-audience.json.')
  );
}

function imported(segment: Segment): Segment {
  if (segment.kind === 'imported') return segment;
  throw new AudienceError(
    'bad-input',
    `The segment ${segment.name ?? segment.id} is made of rules, not of a file`,
    {
      help: 'Name an imported segment, or none to have it made.',
    },
  );
}

function only<T extends { readonly id: string }>(
  found: readonly T[],
  what: string,
  name: string,
  help: string,
): T {
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  if (first === undefined)
    throw new AudienceError('not-found', `There is no ${what} of this name: ${name}`, { help });
  const ids = found.map(({ id }) => id).join(', ');
  throw new AudienceError('bad-input', `${found.length} ${what}s are called ${name}: ${ids}`, { help });
}

async function* all<T>(fetch: (token: string | undefined) => Promise<Page<T>>): AsyncGenerator<T> {
  let token: string | undefined;
  do {
    const page = await fetch(token);
    yield* page.items;
    token = page.nextToken;
  } while (token !== undefined);
}
