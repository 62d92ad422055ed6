import { hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { rm } from '../../fileOperations.ts';
import { ServiceError } from '../http/http.ts';
import type { ObjectStore } from '../objectStore.ts';
import type { Audience } from './audience.ts';
import type { Entry } from './endpointLog.ts';
import { mergeEndpoint, mergeUser } from './audience.ts';
import { BadEndpoint, validateImportRecord } from './endpointRules.ts';
import type { Row } from './importRows.ts';
import { readRows } from './importRows.ts';
import type { ImportObject } from './importSource.ts';
import { listImportObjects, noFiles } from './importSource.ts';
import { readPlace } from './jobPlaces.ts';
import type { JobControl, JobOutcome } from './jobRunner.ts';
import { JobFailure, maxReportedFailures } from './jobRunner.ts';
import { MembersWriter } from './members.ts';
import type { State } from './pinpointState.ts';
import { UnreadableObject } from './unreadable.ts';
import type { EndpointRequest, ImportJob, JobCounts, Segment, SegmentVersion } from './types.ts';

/** AWS only says that pieces are equal shares. Here, they have at most this size. */
const pieceBytes = 16 * 1024 * 1024;

/** How long an import blocks other requests at a time, and how many records it reads between two checks of the clock. */
const sliceMs = 4;
const sliceRecords = 16;

export interface ImportContext {
  readonly state: State;
  readonly objects: ObjectStore;
  /** What an import does to the members of the segment that it refreshes; AWS doesn't document which. */
  readonly segmentRefresh: () => 'replace' | 'append';
}

/**
 * Runs an import job: reads the objects, registers endpoints, collects the members of the segment. Invalid records are counted; an
 * unreadable object is a failed piece and fails the job. Registered endpoints stay. Repeating the job after a kill gives the same
 * endpoints.
 */
export async function runImport(
  { state, objects, segmentRefresh }: ImportContext,
  job: ImportJob,
  control: JobControl,
): Promise<JobOutcome> {
  const { Format, S3Url, DefineSegment } = job.Definition;
  const place = readPlace(S3Url, 'S3Url');
  const sources = await listImportObjects(objects, place, Format).catch((error: unknown) => {
    // S3 rejecting the role fails the job; it isn't a defect.
    if (error instanceof ServiceError) throw new JobFailure(`${S3Url}: ${error.message}`);
    throw error;
  });
  if (sources.length === 0) throw new JobFailure(noFiles(place, Format));
  const audience = await state.audience(job.ApplicationId);
  const previous = refreshedSegment(state, job)?.versions.at(-1);
  const dir = state.membersDir(job.ApplicationId, job.Id);
  const members = DefineSegment ? await MembersWriter.begin(dir, audience.log) : undefined;
  const appended = segmentRefresh() === 'append' ? previous : undefined;
  const progress = new ImportProgress(sources);
  control.report(progress);
  let channelCounts: Record<string, number> | undefined;
  let isComplete = false;
  try {
    if (members !== undefined && appended?.members !== undefined) {
      await members.addAll(state.membersDir(job.ApplicationId, appended.members));
    }
    const registrar = new Registrar(job, audience, members, state);
    for (const source of sources) {
      await importObject(objects, place.bucket, source, Format, registrar, progress, control);
    }
    if (control.failHalfway) throw halfway();
    audience.save();
    channelCounts = members?.finish();
    isComplete = progress.FailedPieces === 0;
  } finally {
    if (!isComplete) {
      members?.abandon();
      await rm(dir, { recursive: true, force: true });
    }
  }
  const succeeded = progress.TotalProcessed - progress.TotalFailures;
  if (channelCounts === undefined) return { counts: progress };
  const content = { channelCounts, size: succeeded + (appended?.ImportDefinition?.Size ?? 0) };
  return { counts: progress, segment: () => segmentOf(state, job, content) };
}

async function importObject(
  objects: ObjectStore,
  bucket: string,
  source: ImportObject,
  format: 'CSV' | 'JSON',
  registrar: Registrar,
  progress: ImportProgress,
  control: JobControl,
): Promise<void> {
  try {
    const body = await objects.open(bucket, source.key);
    let sliceEnd = performance.now() + sliceMs;
    for await (const batch of readRows(format, body)) {
      for (const row of batch) {
        progress.count(row, registrar.take(row));
        if (progress.TotalProcessed % sliceRecords === 0 && performance.now() > sliceEnd) {
          registrar.save();
          await nextTurn();
          sliceEnd = performance.now() + sliceMs;
        }
        if (!progress.isDue(row.bytes)) continue;
        registrar.save();
        await control.pace(progress.done);
        if (control.failHalfway && progress.done >= 0.5) throw halfway();
      }
      registrar.save();
    }
    progress.endObject(source);
  } catch (error) {
    registrar.save();
    if (!(error instanceof UnreadableObject || error instanceof ServiceError)) throw error;
    progress.failObject(source, `s3://${bucket}/${source.key}: ${error.message}`);
  }
  await control.pace(progress.done);
}

function halfway(): JobFailure {
  return new JobFailure("A piece of the job couldn't be processed (an injected fault of the sandbox)");
}

/** The counts of a running job. */
class ImportProgress implements JobCounts {
  readonly TotalPieces: number;
  CompletedPieces = 0;
  FailedPieces = 0;
  TotalProcessed = 0;
  TotalFailures = 0;
  readonly Failures: string[] = [];
  readonly #bytes: number;
  #bytesBefore = 0;
  #bytesNow = 0;
  #piecesBefore = 0;
  #due = 0;

  constructor(sources: readonly ImportObject[]) {
    this.TotalPieces = sources.reduce((sum, source) => sum + piecesOf(source), 0);
    this.#bytes = Math.max(
      1,
      sources.reduce((sum, { size }) => sum + size, 0),
    );
  }

  /** The share of all bytes read so far, 0 to 1. */
  get done(): number {
    return Math.min(1, (this.#bytesBefore + this.#bytesNow) / this.#bytes);
  }

  count(row: Row, problem: string | undefined): void {
    this.TotalProcessed += 1;
    if (problem === undefined) return;
    this.TotalFailures += 1;
    const source = row.source();
    if (this.Failures.length < maxReportedFailures) {
      this.Failures.push(source === '' ? problem : `${problem} at [Source: ${source}]`);
    }
  }

  /** Records how much of the object has been read. True some hundred times per job. */
  isDue(bytes: number): boolean {
    this.#bytesNow = bytes;
    const pieces = Math.floor(bytes / pieceBytes);
    this.CompletedPieces = Math.max(this.CompletedPieces, this.#piecesBefore + pieces);
    if (this.done < this.#due) return false;
    this.#due = this.done + 0.01;
    return true;
  }

  endObject(source: ImportObject): void {
    this.#piecesBefore += piecesOf(source);
    this.CompletedPieces = this.#piecesBefore;
    this.#endBytes(source);
  }

  failObject(source: ImportObject, message: string): void {
    const pieces = piecesOf(source) - (this.CompletedPieces - this.#piecesBefore);
    this.FailedPieces += pieces;
    this.#piecesBefore = this.CompletedPieces;
    if (this.Failures.length < maxReportedFailures) this.Failures.push(message);
    this.#endBytes(source);
  }

  #endBytes({ size }: ImportObject): void {
    this.#bytesBefore += size;
    this.#bytesNow = 0;
  }
}

function piecesOf({ size }: ImportObject): number {
  return Math.max(1, Math.ceil(size / pieceBytes));
}

/** Imports single records. */
class Registrar {
  readonly #job: ImportJob;
  readonly #audience: Audience;
  readonly #members: MembersWriter | undefined;
  readonly #state: State;

  constructor(job: ImportJob, audience: Audience, members: MembersWriter | undefined, state: State) {
    this.#job = job;
    this.#audience = audience;
    this.#members = members;
    this.#state = state;
  }

  /** The problem of an invalid record; `undefined` for a valid one. */
  take(row: Row): string | undefined {
    if (row.problem !== undefined) return row.problem;
    try {
      const request = validateImportRecord(row.value);
      if (listsUser(request)) this.#takeUser(request.User!.UserId!);
      else this.#takeEndpoint(request);
      return undefined;
    } catch (error) {
      if (error instanceof BadEndpoint) return error.message;
      throw error;
    }
  }

  /** Writes the endpoints so far. */
  save(): void {
    this.#audience.save();
  }

  #takeUser(userId: string): void {
    const endpoints = this.#audience.log.ofUser(userId);
    if (endpoints.length === 0) {
      throw new BadEndpoint('No endpoint has this User.UserId: ChannelType and Address are required');
    }
    this.#addAll(endpoints);
  }

  #takeEndpoint(request: EndpointRequest): void {
    const id = request.Id ?? endpointIdOf(request);
    const known = this.#audience.log.find(id);
    if (known === undefined && request.ChannelType === undefined) throw new BadEndpoint(channelRequired);
    // All endpoints of a listed user are members of the segment (User guide, segments-importing).
    if (this.#job.Definition.RegisterEndpoints) {
      const entry = this.#audience.upsert(id, request);
      this.#members?.add(entry);
      if (request.User?.UserId !== undefined) this.#addAll(entry.others);
      return;
    }
    if (request.User?.UserId !== undefined) this.#addAll(this.#audience.log.ofUser(request.User.UserId));
    if (known !== undefined) {
      // Existing endpoints become members unchanged (Developer guide, audience-define-import).
      this.#members?.add(known);
    } else {
      const before = this.#members?.definition(id);
      const user = mergeUser(before, request);
      this.#members?.define(
        mergeEndpoint(this.#job.ApplicationId, before, id, request, user, this.#state.timestamp()),
      );
    }
  }

  #addAll(entries: readonly Entry[]): void {
    for (const entry of entries) this.#members?.add(entry);
  }
}

const channelRequired = 'ChannelType is required for a new endpoint';

/**
 * The Id of a record without one, as real exports show it: derived from the address alone, so that importing the same address
 * again updates the endpoint.
 */
function endpointIdOf({ ChannelType, Address }: EndpointRequest): string {
  if (ChannelType === undefined) throw new BadEndpoint(channelRequired);
  if (!Address) throw new BadEndpoint('Address is required for a new endpoint');
  return hash('sha1', Address, 'base64')
    .replace(/(?<!=)=+$/, '')
    .toLowerCase();
}

/** User guide, segments-importing: a file may list users by Id only. */
function listsUser(request: EndpointRequest): boolean {
  for (const name in request) if (name !== 'User') return false;
  return Object.keys(request.User ?? {}).join() === 'UserId';
}

/** The segment that a job refreshes. @throws JobFailure if it was deleted since the job was created */
function refreshedSegment(state: State, job: ImportJob): Segment | undefined {
  if (job.Refreshes !== true) return undefined;
  const { SegmentId } = job.Definition;
  const segment = state.findSegment(job.ApplicationId, SegmentId!);
  if (segment === undefined) throw new JobFailure(`The segment ${SegmentId!} no longer exists`);
  return segment;
}

/** The segment with the version that the job adds. */
function segmentOf(
  state: State,
  job: ImportJob,
  { channelCounts, size }: { readonly channelCounts: Record<string, number>; readonly size: number },
): Segment {
  const { SegmentId, SegmentName, ExternalId, Format, RoleArn, S3Url } = job.Definition;
  const latest = refreshedSegment(state, job);
  const name = SegmentName ?? latest?.versions.at(-1)?.Name;
  const version: SegmentVersion = {
    Version: (latest?.versions.at(-1)?.Version ?? 0) + 1,
    ...(name === undefined ? {} : { Name: name }),
    LastModifiedDate: state.timestamp(),
    ImportDefinition: { ChannelCounts: channelCounts, ExternalId, Format, RoleArn, S3Url, Size: size },
    members: job.Id,
  };
  return {
    Seq: latest?.Seq ?? job.Seq,
    Id: SegmentId!,
    ApplicationId: job.ApplicationId,
    SegmentType: 'IMPORT',
    CreationDate: latest?.CreationDate ?? state.timestamp(),
    tags: latest?.tags ?? {},
    versions: [...(latest?.versions ?? []), version],
  };
}
