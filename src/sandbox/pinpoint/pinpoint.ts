import path from 'node:path';
import type { Authority } from '../authority.ts';
import type { Faults } from '../http/faults.ts';
import type { ServiceHandler } from '../http/http.ts';
import type { ObjectStore } from '../objectStore.ts';
import { appHandlers } from './appHandlers.ts';
import { Arns } from './arns.ts';
import { endpointHandlers } from './endpointHandlers.ts';
import { runExport } from './exportJob.ts';
import { runImport } from './importJob.ts';
import { JobRunner } from './jobRunner.ts';
import { jobHandlers } from './jobHandlers.ts';
import type { Operation } from './router.ts';
import { Router, sendError } from './router.ts';
import { segmentHandlers } from './segmentHandlers.ts';
import { State } from './pinpointState.ts';
import type { Job } from './types.ts';

export interface PinpointOptions {
  /** The sandbox's data folder; Pinpoint uses `pinpoint` in it. */
  readonly dataDir: string;
  readonly objects: ObjectStore;
  /** If absent, everything is allowed, and all roles work except those broken by name. */
  readonly authority?: Authority | undefined;
  readonly account: string;
  /** The region of projects that the sandbox itself creates; for requests, the signature's region counts. */
  readonly region: string;
  /** Milliseconds between two states of a job; 0 for no delay. */
  readonly paceMs: number;
  /** Milliseconds since the epoch; the system's clock by default. */
  readonly now?: (() => number) | undefined;
  readonly faults?: Faults | undefined;
  /** Called with defects outside of requests; the affected job fails. */
  readonly onDefect?: ((error: unknown) => void) | undefined;
  /** Uncompressed size at which an export starts another object. */
  readonly exportPartBytes?: number | undefined;
}

export interface PinpointHandler extends ServiceHandler {
  /** Runs an operation without HTTP, for the sandbox itself; resolves with the response body. Throws a `ServiceError`. */
  call<T = unknown>(method: string, target: string, body?: object): Promise<T>;
  /** Stops the jobs, which continue at the next start, and closes the files. */
  close(): Promise<void>;
}

/**
 * The audience half of Amazon Pinpoint, API version 2016-12-01: apps, settings, tags, segments, endpoints, users, import and
 * export jobs. Resumes the jobs of an earlier process.
 *
 * @throws AudienceError `disk` if the state in `dataDir` is damaged
 */
export async function createPinpoint(options: PinpointOptions): Promise<PinpointHandler> {
  const { objects, account, faults } = options;
  const state = new State(path.join(options.dataDir, 'pinpoint'), options.now ?? Date.now);
  await state.sweep();
  const arns = new Arns(account);
  /** The object store with the permissions of a job's role. */
  const objectsOf = (job: Job): ObjectStore =>
    objects.as({ arn: job.Definition.RoleArn, region: state.app(job.ApplicationId).Region });
  const runner = new JobRunner({
    state,
    faults,
    paceMs: options.paceMs,
    onDefect: options.onDefect ?? (() => undefined),
    run: (job, control) =>
      job.Type === 'EXPORT'
        ? runExport({ state, objects: objectsOf(job), partBytes: options.exportPartBytes }, job, control)
        : runImport(
            {
              state,
              objects: objectsOf(job),
              segmentRefresh: () => faults?.settings.segmentRefresh ?? 'replace',
            },
            job,
            control,
          ),
  });

  const apps = appHandlers(state, arns, (appId) => runner.stop(appId));
  const segments = segmentHandlers(state, arns);
  const endpoints = endpointHandlers(state);
  const jobs = jobHandlers({ state, objects, account, runner, arns, authority: options.authority });

  /**
   * Names, paths and success codes of the service's model; resources of the Developer guide, permissions-actions. That doesn't list
   * UpdateApplicationSettings and PutEvents; theirs follow the paths.
   */
  const [app, segment] = ['apps/{app}', 'apps/{app}/segments/{segment}'];
  const operations: readonly Operation[] = [
    ['GetApps', 'GET', '/v1/apps', 200, apps.list, 'apps'],
    ['CreateApp', 'POST', '/v1/apps', 201, apps.create, 'apps'],
    ['GetApp', 'GET', '/v1/apps/{app}', 200, apps.get, app],
    ['DeleteApp', 'DELETE', '/v1/apps/{app}', 200, apps.remove, app],
    ['GetApplicationSettings', 'GET', '/v1/apps/{app}/settings', 200, apps.settings, app],
    ['UpdateApplicationSettings', 'PUT', '/v1/apps/{app}/settings', 200, apps.writeSettings, app],
    ['ListTagsForResource', 'GET', '/v1/tags/{arn+}', 200, apps.tags, '{arn}'],
    ['TagResource', 'POST', '/v1/tags/{arn+}', 204, apps.tag, '{arn}'],
    ['UntagResource', 'DELETE', '/v1/tags/{arn+}', 204, apps.untag, '{arn}'],

    ['GetSegments', 'GET', '/v1/apps/{app}/segments', 200, segments.list, app],
    ['CreateSegment', 'POST', '/v1/apps/{app}/segments', 201, segments.create, app],
    ['GetSegment', 'GET', '/v1/apps/{app}/segments/{segment}', 200, segments.get, segment],
    ['UpdateSegment', 'PUT', '/v1/apps/{app}/segments/{segment}', 200, segments.update, segment],
    ['DeleteSegment', 'DELETE', '/v1/apps/{app}/segments/{segment}', 200, segments.remove, segment],
    ['GetSegmentVersions', 'GET', '/v1/apps/{app}/segments/{segment}/versions', 200, segments.versions, segment],
    ['GetSegmentVersion', 'GET', '/v1/apps/{app}/segments/{segment}/versions/{version}', 200, segments.version, segment],
    ['GetSegmentImportJobs', 'GET', '/v1/apps/{app}/segments/{segment}/jobs/import', 200, jobs.listSegmentImports, segment],
    ['GetSegmentExportJobs', 'GET', '/v1/apps/{app}/segments/{segment}/jobs/export', 200, jobs.listSegmentExports, `${segment}/jobs/export`],

    ['UpdateEndpointsBatch', 'PUT', '/v1/apps/{app}/endpoints', 202, endpoints.putBatch, app],
    ['GetEndpoint', 'GET', '/v1/apps/{app}/endpoints/{endpoint}', 200, endpoints.get, `${app}/endpoints/{endpoint}`],
    ['UpdateEndpoint', 'PUT', '/v1/apps/{app}/endpoints/{endpoint}', 202, endpoints.put, `${app}/endpoints/{endpoint}`],
    ['DeleteEndpoint', 'DELETE', '/v1/apps/{app}/endpoints/{endpoint}', 202, endpoints.remove, `${app}/endpoints/{endpoint}`],
    ['GetUserEndpoints', 'GET', '/v1/apps/{app}/users/{user}', 200, endpoints.getUser, `${app}/users/{user}`],
    ['DeleteUserEndpoints', 'DELETE', '/v1/apps/{app}/users/{user}', 202, endpoints.removeUser, `${app}/users/{user}`],
    ['RemoveAttributes', 'PUT', '/v1/apps/{app}/attributes/{type}', 200, endpoints.removeAttributes, `${app}/attributes/{type}`],
    ['PutEvents', 'POST', '/v1/apps/{app}/events', 202, endpoints.putEvents, `${app}/events`],

    ['CreateImportJob', 'POST', '/v1/apps/{app}/jobs/import', 201, jobs.createImport, app],
    ['GetImportJobs', 'GET', '/v1/apps/{app}/jobs/import', 200, jobs.listImports, app],
    ['GetImportJob', 'GET', '/v1/apps/{app}/jobs/import/{job}', 200, jobs.getImport, `${app}/jobs/import/{job}`],
    ['CreateExportJob', 'POST', '/v1/apps/{app}/jobs/export', 202, jobs.createExport, `${app}/jobs/export`],
    ['GetExportJobs', 'GET', '/v1/apps/{app}/jobs/export', 200, jobs.listExports, `${app}/jobs/export`],
    ['GetExportJob', 'GET', '/v1/apps/{app}/jobs/export/{job}', 200, jobs.getExport, `${app}/jobs/export/{job}`],
  ]; // prettier-ignore
  const router = new Router(operations, {
    state,
    arns,
    authority: options.authority,
    region: options.region,
  });
  runner.resume();

  return {
    service: 'mobiletargeting',
    handle: (request, response) => router.answer(request, response),
    sendError,
    call: <T>(method: string, target: string, body?: object) =>
      router.call(method, target, body) as Promise<T>,
    close: async () => {
      await runner.stop();
      await state.close();
    },
  };
}
