/** The port through which the rest of the program sees a service that keeps audiences. Its terms are Amazon Pinpoint's. */
export interface AudienceService {
  listProjects(page: PageRequest): Promise<Page<Project>>;
  getProject(projectId: string): Promise<Project>;
  listSegments(projectId: string, page: PageRequest): Promise<Page<Segment>>;
  getSegment(projectId: string, segmentId: string): Promise<Segment>;
  listJobs(kind: JobKind, projectId: string, page: PageRequest): Promise<Page<ServiceJob>>;
  getJob(kind: JobKind, projectId: string, jobId: string, signal?: AbortSignal): Promise<ServiceJob>;
  /** Never repeated by the adapter: the service has no idempotency token (pinpoint-facts 3.4). */
  createImportJob(projectId: string, request: ImportRequest): Promise<ServiceJob>;
  /** Never repeated by the adapter, likewise. */
  createExportJob(projectId: string, request: ExportRequest): Promise<ServiceJob>;
}

export type JobKind = 'import' | 'export';

export interface PageRequest {
  readonly token?: string | undefined;
  readonly pageSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly nextToken?: string | undefined;
}

export interface Project {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
}

export interface Segment {
  readonly id: string;
  readonly arn: string;
  readonly projectId: string;
  /** An imported segment without a name exists, though the console does not show it (pinpoint-facts 1.8). */
  readonly name?: string | undefined;
  readonly kind: 'dynamic' | 'imported';
  readonly version?: number | undefined;
  /** ISO 8601. */
  readonly created: string;
  readonly modified?: string | undefined;
  /** Imported segments only. */
  readonly imported?:
    | {
        readonly format: 'CSV' | 'JSON';
        readonly s3Url: string;
        readonly roleArn: string;
        readonly size: number;
        readonly channelCounts: Readonly<Record<string, number>>;
      }
    | undefined;
}

/** A job as the service reports it. `status` is open: unknown values count as running (pinpoint-facts D15). */
export interface ServiceJob {
  readonly id: string;
  readonly projectId: string;
  readonly kind: JobKind;
  readonly status: string;
  /** ISO 8601. */
  readonly created: string;
  readonly completed?: string | undefined;
  readonly totalPieces?: number | undefined;
  readonly completedPieces?: number | undefined;
  readonly failedPieces?: number | undefined;
  readonly totalProcessed?: number | undefined;
  readonly totalFailures?: number | undefined;
  /** The service's own texts for the first 100 failed entries; their format is not documented. */
  readonly failures: readonly string[];
  /** Import: where it reads. Export: where it writes, absent once the job is read back (pinpoint-facts 2.3). */
  readonly s3Url?: string | undefined;
  readonly segmentId?: string | undefined;
  readonly segmentName?: string | undefined;
  readonly format?: 'CSV' | 'JSON' | undefined;
}

export interface ImportRequest {
  readonly format: 'CSV' | 'JSON';
  readonly s3Url: string;
  readonly roleArn: string;
  readonly defineSegment?: boolean | undefined;
  readonly registerEndpoints?: boolean | undefined;
  readonly segmentId?: string | undefined;
  readonly segmentName?: string | undefined;
}

export interface ExportRequest {
  readonly s3UrlPrefix: string;
  readonly roleArn: string;
  readonly segmentId?: string | undefined;
  readonly segmentVersion?: number | undefined;
}

/** The statuses after which a job changes no more (pinpoint-facts 2.1). */
export function isTerminal(status: string): boolean {
  return status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';
}
