import { createHash, randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Connection } from '../../aws/connection/connection.ts';
import type { Project, Segment } from '../../aws/pinpoint/audienceService.ts';
import { fileTypeOf } from '../../endpoints/model/fileType.ts';
import { AudienceError } from '../../errors.ts';
import { Emitter } from '../../events.ts';
import type { Log } from '../../log.ts';
import type { Clock } from '../runs/clock.ts';
import { systemClock } from '../runs/clock.ts';
import { connectionKeyOf } from '../runs/connectionKey.ts';
import { TakenOver } from '../runs/guard.ts';
import type { Lease } from '../runs/lease.ts';
import { Leases } from '../runs/lease.ts';
import type { RunControl } from '../runs/runControl.ts';
import { newRunId, type RunRecord, type SourceFile } from '../runs/runRecord.ts';
import type { Runs } from '../runs/runs.ts';
import { MirrorContent, type MirrorState } from './mirrorContent.ts';
import type { MirrorDeclaration } from './mirrorDeclaration.ts';
import { importFiles, intendedImport, interruptedImport } from './mirrorImport.ts';
import { planIsObsolete, type MirrorPlan, type MirrorRequest, type MirrorResources } from './mirrorPlan.ts';
import type { MirrorCounts, MirrorOutcome, MirrorRecord } from './mirrorRecord.ts';
import { MirrorStore } from './mirrorStore.ts';
import { findProject, findSegment } from './mirrorTargets.ts';
import { endedOddly, endOf, SegmentExports } from './segmentExports.ts';

interface MirrorsOptions {
  /** The folder of records and states; several processes may share it. */
  readonly folder: string;
  readonly runs: Runs;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** Maximum bytes that a compressed file may unpack to. */
  readonly unzipLimit?: (() => number) | undefined;
  /** Milliseconds without a heartbeat after which another process's mirrors are taken over. */
  readonly leaseTtlMs?: number | undefined;
}

/**
 * Makes files the exact content of imported segments. AWS doesn't document whether an import with a SegmentId replaces the members or
 * adds to them, so the segment is exported after each import and compared with the files.
 */
export class Mirrors {
  readonly #folder: string;
  readonly #runs: Runs;
  readonly #clock: Clock;
  readonly #store: MirrorStore;
  readonly #leases: Leases;
  readonly #exports: SegmentExports;
  readonly #unzipLimit: () => number | undefined;
  readonly #changed = new Emitter<string>();
  /** Fires with a mirror's id after each change of its record. */
  readonly onDidChange = this.#changed.event;

  constructor({ folder, runs, log, clock, unzipLimit, leaseTtlMs }: MirrorsOptions) {
    this.#unzipLimit = unzipLimit ?? (() => undefined);
    this.#runs = runs;
    this.#clock = clock ?? systemClock;
    this.#folder = folder;
    this.#store = new MirrorStore(folder, log);
    this.#leases = new Leases(folder, { log, ttlMs: leaseTtlMs });
    this.#exports = new SegmentExports(folder, runs, this.#leases, async () => {
      await this.#store.sweep(this.#clock.now());
      await this.#leases.sweep(() => true);
    });
  }

  /** Removes files that interrupted processes left, among them exported endpoints. */
  async sweep(): Promise<void> {
    if (existsSync(this.#folder)) await this.#exports.sweep();
  }

  dispose(): void {
    this.#leases.dispose();
  }

  /** The last run of a mirror; `broken` if its process is gone. */
  async last(
    declaredIn: string,
    name: string,
  ): Promise<(MirrorRecord & { readonly broken?: boolean }) | undefined> {
    const record = await this.#store.record(this.#store.idOf(declaredIn, name));
    if (record?.state !== 'running' || (await this.#leases.isHeld(record.id))) return record;
    return { ...record, broken: true };
  }

  /**
   * The dry run: compares the files with the last mirrored state; with an export of the segment if that is unknown or `fresh` is set.
   * Doesn't change the segment. The objects of an export stay in the bucket.
   */
  async plan(
    connection: Connection,
    request: MirrorRequest,
    places: MirrorResources,
    control: RunControl & {
      readonly fresh?: boolean | undefined;
      /** Called before a segment is exported for the comparison. If it throws, the dry run ends. */
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
      last: record && { epoch: record.epoch, state: record.state },
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
    const difference = await this.#exports.read(
      connection,
      { project, segment },
      places,
      control,
      (exported) => content.against(exported, control.signal),
    );
    return { ...base, against: 'export', difference };
  }

  /**
   * Imports, exports, compares. Resolves with the record; `newSegment` keeps the segment and creates another of the same name.
   * Continues the import of an interrupted run instead of starting another. Throws `conflict` while another process uses this mirror
   * or its segment, or while an import of other files into it is running; `changed` if the mirror ran or its segment was created
   * after the plan.
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
    await this.#runs.ready;
    const last = await this.#store.record(plan.id);
    const left = interruptedImport(this.#runs, connection, plan, segment, last);
    if (left === undefined && plan.segment === undefined && control.newSegment !== true) {
      const { project, request } = plan;
      const created = await findSegment(connection, project, request.declaration, last?.segmentId);
      if (created !== undefined) throw planIsObsolete();
    }
    const { identity, settings } = connection;
    const { added, changed, removed, unchanged } = plan.difference;
    const begun = await this.#store.begin(leases.mirror, plan, (earlier) => ({
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
      // The process that recorded it may be suspended and start it later; it starts only once.
      importRunId: intendedImport(this.#runs, earlier) ?? newRunId(this.#clock.now()),
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
      const permit = {
        check: async () => {
          await guard.check();
          await leases.segment.check();
        },
      };
      const guarded = { ...control, permit };
      control.onProgress?.(0, undefined, 'importing');
      const imported = left
        ? await endOf(this.#runs, left.id, control)
        : await importFiles(this.#runs, connection, plan, segment, places, guarded, record.importRunId!);
      record = await put({
        importRunId: imported.id,
        segmentId: imported.job?.segmentId ?? segment?.id,
      });
      ended = await this.#verify(connection, plan, record, imported, places, guarded);
    } catch (error) {
      if (!(error instanceof AudienceError) || error instanceof TakenOver) throw error;
      const { code, message, help } = error;
      ended = { outcome: 'failed', trouble: { code, message, ...(help !== undefined && { help }) } };
    }
    if (ended.outcome === 'mirrored') await this.#store.putState(record, plan.content.state);
    return put({ ...ended, state: 'done', ended: this.#now() });
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
    const { added, changed, removed, unchanged, companions } = await this.#exports.read(
      connection,
      { project: plan.project, segment },
      places,
      control,
      (exported) => plan.content.against(exported, control.signal),
    );
    const after = { added, changed, removed, unchanged };
    return { after, outcome: outcomeOf(after), ...(companions > 0 && { companions }) };
  }

  /** The last state, if it is of this segment and identifier and no run was interrupted since. */
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

/** Extra members show that the service added; missing or different ones, that not all of the files arrived. */
function outcomeOf({ added, changed, removed }: MirrorCounts): MirrorOutcome {
  if (removed > 0) return 'appended';
  return added + changed > 0 ? 'different' : 'mirrored';
}

/** The lease of a segment: two declarations or windows must not mirror into it at once. */
function segmentKey(connection: Connection, { project, segment, request }: MirrorPlan): string {
  const target = segment?.id ?? request.declaration.segment;
  const text = JSON.stringify([connectionKeyOf(connection), project.id, target]);
  return `segment-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
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
      ? 'No file matches the source of the mirror'
      : 'A mirror takes either CSV or NDJSON files, not both',
    { help: 'Fix the source in pinpoint-audience.json.' },
  );
}
