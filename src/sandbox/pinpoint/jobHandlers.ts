import type { ObjectStore } from '../objectStore.ts';
import type { Authority } from '../authority.ts';
import type { Arns } from './arns.ts';
import { optionalBoolean, optionalInteger, optionalText, requiredText } from './fields.ts';
import { exportKey } from './exportJob.ts';
import { checkImportObjects } from './importSource.ts';
import { asRole, checkRole, readPlace, requireBucket } from './jobPlaces.ts';
import type { JobRunner } from './jobRunner.ts';
import { versionOf } from './evaluateSegment.ts';
import { pageOf } from './listPages.ts';
import type { Call, Handlers } from './router.ts';
import type { State } from './pinpointState.ts';
import { badRequest, newId, notFound } from './pinpointState.ts';
import type { ExportJob, ImportJob, Job, JobType } from './types.ts';

export interface JobContext {
  readonly state: State;
  readonly objects: ObjectStore;
  readonly account: string;
  readonly runner: JobRunner;
  readonly arns: Arns;
  readonly authority: Authority | undefined;
}

/** Members that responses don't have. */
const internal = { Seq: undefined, Refreshes: undefined };

/** Import and export jobs. */
export function jobHandlers({
  state,
  objects,
  account,
  runner,
  arns,
  authority,
}: JobContext): Handlers<
  | 'createImport'
  | 'getImport'
  | 'listImports'
  | 'listSegmentImports'
  | 'createExport'
  | 'getExport'
  | 'listExports'
  | 'listSegmentExports'
> {
  const answer = (job: Job): object => {
    const { Failures, ...seen } = runner.current(job);
    return {
      ...seen,
      ...internal,
      // The service doesn't return the definition of an export (Developer guide, audience-data-export).
      Definition: job.Type === 'EXPORT' ? {} : job.Definition,
      ...(Failures === undefined || Failures.length === 0 ? {} : { Failures }),
    };
  };

  const start = (job: Job): object => {
    state.save(job);
    runner.start(job);
    return { ...job, ...internal };
  };

  const createImport = async (call: Call): Promise<object> => {
    const { params, body } = call;
    const app = state.app(params['app']!);
    const appId = app.Id;
    const Format = requiredText(body, 'Format');
    if (Format !== 'CSV' && Format !== 'JSON') badRequest('Format must be CSV or JSON');
    const RoleArn = requiredText(body, 'RoleArn');
    const S3Url = requiredText(body, 'S3Url');
    const asked = {
      define: optionalBoolean(body, 'DefineSegment'),
      register: optionalBoolean(body, 'RegisterEndpoints'),
      segmentId: optionalText(body, 'SegmentId'),
      name: optionalText(body, 'SegmentName'),
    };
    if (asked.define === false && asked.register === false) {
      badRequest('At least one of DefineSegment and RegisterEndpoints must be true');
    }
    // The defaults aren't documented. AWS's own samples omit RegisterEndpoints and rely on the endpoints being registered.
    const RegisterEndpoints = asked.register ?? true;
    const DefineSegment = asked.define ?? (asked.segmentId !== undefined || !RegisterEndpoints);
    if (asked.segmentId !== undefined) {
      const { SegmentType } = state.segment(appId, asked.segmentId);
      if (SegmentType !== 'IMPORT') badRequest(`The segment ${asked.segmentId} isn't an imported segment`);
    }
    const place = readPlace(S3Url, 'S3Url');
    checkRole(RoleArn, account, arns.app(app), call, authority);
    await requireBucket(objects, place, app.Region);
    const own = objects.as({ arn: RoleArn, region: app.Region });
    await asRole(RoleArn, () => checkImportObjects(own, place, Format));
    state.app(appId);
    const job: ImportJob = {
      Seq: state.nextSeq(),
      ApplicationId: appId,
      CreationDate: state.timestamp(),
      Definition: {
        DefineSegment,
        ExternalId: optionalText(body, 'ExternalId') ?? account,
        Format,
        RegisterEndpoints,
        RoleArn,
        S3Url,
        ...(DefineSegment ? { SegmentId: asked.segmentId ?? newId() } : {}),
        ...(asked.name === undefined ? {} : { SegmentName: asked.name }),
      },
      Id: newId(),
      JobStatus: 'CREATED',
      Type: 'IMPORT',
      ...(asked.segmentId === undefined ? {} : { Refreshes: true }),
    };
    return start(job);
  };

  const createExport = async (call: Call): Promise<object> => {
    const { params, body } = call;
    const app = state.app(params['app']!);
    const appId = app.Id;
    const RoleArn = requiredText(body, 'RoleArn');
    const S3UrlPrefix = requiredText(body, 'S3UrlPrefix');
    const SegmentId = optionalText(body, 'SegmentId');
    const SegmentVersion = optionalInteger(body, 'SegmentVersion');
    if (SegmentId !== undefined && versionOf(state.segment(appId, SegmentId), SegmentVersion) === undefined) {
      notFound();
    }
    if (SegmentId === undefined && SegmentVersion !== undefined) {
      badRequest('SegmentVersion is only allowed with SegmentId');
    }
    const place = readPlace(S3UrlPrefix, 'S3UrlPrefix');
    const Id = newId();
    checkRole(RoleArn, account, arns.app(app), call, authority);
    await requireBucket(objects, place, app.Region);
    const own = objects.as({ arn: RoleArn, region: app.Region });
    await asRole(RoleArn, () => own.checkWrite(place.bucket, exportKey(place.prefix, Id, 1)));
    state.app(appId);
    const job: ExportJob = {
      Seq: state.nextSeq(),
      ApplicationId: appId,
      CreationDate: state.timestamp(),
      Definition: {
        RoleArn,
        S3UrlPrefix,
        ...(SegmentId === undefined ? {} : { SegmentId }),
        ...(SegmentVersion === undefined ? {} : { SegmentVersion }),
      },
      Id,
      JobStatus: 'CREATED',
      Type: 'EXPORT',
    };
    return start(job);
  };

  const get =
    (type: JobType) =>
    ({ params }: Call): object => {
      const job = state.job(params['app']!, params['job']!);
      return job.Type === type ? answer(job) : notFound();
    };

  const list =
    (type: JobType) =>
    ({ params, query }: Call): object => {
      const app = state.app(params['app']!);
      const segmentId = params['segment'];
      if (segmentId !== undefined) state.segment(app.Id, segmentId);
      const jobs = state
        .jobs(app.Id)
        .filter(
          (job) =>
            job.Type === type &&
            (job.Definition.SegmentId ?? '') === (segmentId ?? job.Definition.SegmentId ?? ''),
        );
      return pageOf(`${type}/${app.Id}/${segmentId ?? ''}`, jobs, query, answer);
    };

  return {
    createImport,
    getImport: get('IMPORT'),
    listImports: list('IMPORT'),
    listSegmentImports: list('IMPORT'),
    createExport,
    getExport: get('EXPORT'),
    listExports: list('EXPORT'),
    listSegmentExports: list('EXPORT'),
  };
}
