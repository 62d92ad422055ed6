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

  /** Paths and success codes of the service's model. */
  const operations: readonly Operation[] = [
    ['GET', '/v1/apps', 200, apps.list],
    ['POST', '/v1/apps', 201, apps.create],
    ['GET', '/v1/apps/{app}', 200, apps.get],
    ['DELETE', '/v1/apps/{app}', 200, apps.remove],
    ['GET', '/v1/apps/{app}/settings', 200, apps.settings],
    ['PUT', '/v1/apps/{app}/settings', 200, apps.writeSettings],
    ['GET', '/v1/tags/{arn+}', 200, apps.tags],
    ['POST', '/v1/tags/{arn+}', 204, apps.tag],
    ['DELETE', '/v1/tags/{arn+}', 204, apps.untag],

    ['GET', '/v1/apps/{app}/segments', 200, segments.list],
    ['POST', '/v1/apps/{app}/segments', 201, segments.create],
    ['GET', '/v1/apps/{app}/segments/{segment}', 200, segments.get],
    ['PUT', '/v1/apps/{app}/segments/{segment}', 200, segments.update],
    ['DELETE', '/v1/apps/{app}/segments/{segment}', 200, segments.remove],
    ['GET', '/v1/apps/{app}/segments/{segment}/versions', 200, segments.versions],
    ['GET', '/v1/apps/{app}/segments/{segment}/versions/{version}', 200, segments.version],
    ['GET', '/v1/apps/{app}/segments/{segment}/jobs/import', 200, jobs.listSegmentImports],
    ['GET', '/v1/apps/{app}/segments/{segment}/jobs/export', 200, jobs.listSegmentExports],

    ['PUT', '/v1/apps/{app}/endpoints', 202, endpoints.putBatch],
    ['GET', '/v1/apps/{app}/endpoints/{endpoint}', 200, endpoints.get],
    ['PUT', '/v1/apps/{app}/endpoints/{endpoint}', 202, endpoints.put],
    ['DELETE', '/v1/apps/{app}/endpoints/{endpoint}', 202, endpoints.remove],
    ['GET', '/v1/apps/{app}/users/{user}', 200, endpoints.getUser],
    ['DELETE', '/v1/apps/{app}/users/{user}', 202, endpoints.removeUser],
    ['PUT', '/v1/apps/{app}/attributes/{type}', 200, endpoints.removeAttributes],
    ['POST', '/v1/apps/{app}/events', 202, endpoints.putEvents],

    ['POST', '/v1/apps/{app}/jobs/import', 201, jobs.createImport],
    ['GET', '/v1/apps/{app}/jobs/import', 200, jobs.listImports],
    ['GET', '/v1/apps/{app}/jobs/import/{job}', 200, jobs.getImport],
    ['POST', '/v1/apps/{app}/jobs/export', 202, jobs.createExport],
    ['GET', '/v1/apps/{app}/jobs/export', 200, jobs.listExports],
    ['GET', '/v1/apps/{app}/jobs/export/{job}', 200, jobs.getExport],
  ];
  const router = new Router(operations, state, options.region);
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
