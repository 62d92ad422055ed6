import type {
  ExportJobResponse,
  ImportJobResponse,
  SegmentResponse,
  ApplicationResponse,
} from '@aws-sdk/client-pinpoint';
import {
  CreateExportJobCommand,
  CreateImportJobCommand,
  GetAppCommand,
  GetAppsCommand,
  GetExportJobCommand,
  GetExportJobsCommand,
  GetImportJobCommand,
  GetImportJobsCommand,
  GetSegmentCommand,
  GetSegmentsCommand,
} from '@aws-sdk/client-pinpoint';
import { checkId, countOf, given, pageOf, paging } from './paging.ts';
import type {
  AudienceService,
  ExportRequest,
  ImportRequest,
  JobKind,
  Page,
  PageRequest,
  Project,
  Segment,
  ServiceJob,
} from './audienceService.ts';
import type { Clients } from '../connection/clients.ts';
import { sending } from '../connection/clients.ts';

/** Implements the port with Amazon Pinpoint (Amazon Pinpoint API reference). */
export class PinpointAudience implements AudienceService {
  readonly #clients: Clients;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  async listProjects({ token, pageSize, signal }: PageRequest): Promise<Page<Project>> {
    const { ApplicationsResponse: answer } = await this.#clients.ask(
      { service: 'projects', doing: 'list the projects' },
      ({ pinpoint }) => pinpoint.send(new GetAppsCommand(paging(token, pageSize)), sending(signal)),
    );
    return pageOf(answer?.Item, answer?.NextToken, toProject);
  }

  async getProject(projectId: string): Promise<Project> {
    const { ApplicationResponse: answer } = await this.#clients.ask(
      { service: 'projects', doing: 'read the project' },
      ({ pinpoint }) => pinpoint.send(new GetAppCommand({ ApplicationId: checkId(projectId, 'project') })),
    );
    return toProject(given(answer));
  }

  async listSegments(projectId: string, { token, pageSize, signal }: PageRequest): Promise<Page<Segment>> {
    const input = { ApplicationId: checkId(projectId, 'project'), ...paging(token, pageSize) };
    const { SegmentsResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'list the segments' },
      ({ pinpoint }) => pinpoint.send(new GetSegmentsCommand(input), sending(signal)),
    );
    return pageOf(answer?.Item, answer?.NextToken, toSegment);
  }

  async getSegment(projectId: string, segmentId: string): Promise<Segment> {
    const input = {
      ApplicationId: checkId(projectId, 'project'),
      SegmentId: checkId(segmentId, 'segment'),
    };
    const { SegmentResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'read the segment' },
      ({ pinpoint }) => pinpoint.send(new GetSegmentCommand(input)),
    );
    return toSegment(given(answer));
  }

  async listJobs(
    kind: JobKind,
    projectId: string,
    { token, pageSize, signal }: PageRequest,
  ): Promise<Page<ServiceJob>> {
    const input = { ApplicationId: checkId(projectId, 'project'), ...paging(token, pageSize) };
    const info = { service: 'audience', doing: `list the ${kind} jobs` } as const;
    if (kind === 'import') {
      const { ImportJobsResponse: answer } = await this.#clients.ask(info, ({ pinpoint }) =>
        pinpoint.send(new GetImportJobsCommand(input), sending(signal)),
      );
      return pageOf(answer?.Item, answer?.NextToken, (job) => toImportJob(job, projectId));
    }
    const { ExportJobsResponse: answer } = await this.#clients.ask(info, ({ pinpoint }) =>
      pinpoint.send(new GetExportJobsCommand(input), sending(signal)),
    );
    return pageOf(answer?.Item, answer?.NextToken, (job) => toExportJob(job, projectId));
  }

  /** Not retried: callers poll jobs on their own schedule. */
  async getJob(kind: JobKind, projectId: string, jobId: string, signal?: AbortSignal): Promise<ServiceJob> {
    const input = { ApplicationId: checkId(projectId, 'project'), JobId: checkId(jobId, 'job') };
    const info = { service: 'audience', doing: `read the ${kind} job` } as const;
    if (kind === 'import') {
      const { ImportJobResponse: answer } = await this.#clients.ask(info, ({ pinpointOnce }) =>
        pinpointOnce.send(new GetImportJobCommand(input), sending(signal)),
      );
      return toImportJob(given(answer), projectId);
    }
    const { ExportJobResponse: answer } = await this.#clients.ask(info, ({ pinpointOnce }) =>
      pinpointOnce.send(new GetExportJobCommand(input), sending(signal)),
    );
    return toExportJob(given(answer), projectId);
  }

  async createImportJob(projectId: string, request: ImportRequest): Promise<ServiceJob> {
    const command = new CreateImportJobCommand({
      ApplicationId: checkId(projectId, 'project'),
      ImportJobRequest: {
        Format: request.format,
        S3Url: request.s3Url,
        RoleArn: request.roleArn,
        DefineSegment: request.defineSegment,
        RegisterEndpoints: request.registerEndpoints,
        SegmentId: request.segmentId,
        SegmentName: request.segmentName,
      },
    });
    const { ImportJobResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'start the import' },
      ({ pinpointOnce }) => pinpointOnce.send(command),
    );
    return toImportJob(given(answer), projectId);
  }

  async createExportJob(projectId: string, request: ExportRequest): Promise<ServiceJob> {
    const command = new CreateExportJobCommand({
      ApplicationId: checkId(projectId, 'project'),
      ExportJobRequest: {
        S3UrlPrefix: request.s3UrlPrefix,
        RoleArn: request.roleArn,
        SegmentId: request.segmentId,
        SegmentVersion: request.segmentVersion,
      },
    });
    const { ExportJobResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'start the export' },
      ({ pinpointOnce }) => pinpointOnce.send(command),
    );
    return toExportJob(given(answer), projectId);
  }
}

function toProject(app: ApplicationResponse): Project {
  return { id: given(app.Id), arn: app.Arn ?? '', name: app.Name ?? '' };
}

/** Converts a segment to the port's terms. */
export function toSegment(segment: SegmentResponse): Segment {
  const definition = segment.ImportDefinition;
  return {
    id: given(segment.Id),
    arn: segment.Arn ?? '',
    projectId: segment.ApplicationId ?? '',
    name: segment.Name,
    kind: segment.SegmentType === 'IMPORT' ? 'imported' : 'dynamic',
    version: countOf(segment.Version),
    created: segment.CreationDate ?? '',
    modified: segment.LastModifiedDate,
    imported: definition && {
      format: definition.Format === 'CSV' ? 'CSV' : 'JSON',
      s3Url: definition.S3Url ?? '',
      roleArn: definition.RoleArn ?? '',
      size: countOf(definition.Size) ?? 0,
      channelCounts: definition.ChannelCounts ?? {},
    },
  };
}

/** Converts an import job to the port's terms. */
export function toImportJob(job: ImportJobResponse, projectId: string): ServiceJob {
  const definition = job.Definition;
  return {
    ...toJob(job, 'import', projectId),
    s3Url: definition?.S3Url,
    segmentId: definition?.SegmentId,
    segmentName: definition?.SegmentName,
    format: definition?.Format,
  };
}

function toExportJob(job: ExportJobResponse, projectId: string): ServiceJob {
  const definition = job.Definition;
  return {
    ...toJob(job, 'export', projectId),
    s3Url: definition?.S3UrlPrefix,
    segmentId: definition?.SegmentId,
  };
}

/** The service reports the first 100 failures (API reference, ImportJobResponse). Only a hostile one reports more, or longer texts. */
const maxFailures = 100;
const maxFailureLength = 16 * 1024;

/** Members of both kinds. In AWS's example, the response to a create request lacks the project. */
function toJob(job: ImportJobResponse | ExportJobResponse, kind: JobKind, projectId: string): ServiceJob {
  return {
    id: given(job.Id),
    projectId: job.ApplicationId ?? projectId,
    kind,
    status: job.JobStatus ?? 'UNKNOWN',
    created: job.CreationDate ?? '',
    completed: job.CompletionDate,
    totalPieces: countOf(job.TotalPieces),
    completedPieces: countOf(job.CompletedPieces),
    failedPieces: countOf(job.FailedPieces),
    totalProcessed: countOf(job.TotalProcessed),
    totalFailures: countOf(job.TotalFailures),
    failures: (job.Failures ?? []).slice(0, maxFailures).map((text) => text.slice(0, maxFailureLength)),
  };
}
