/** The port to projects, segments and jobs, in Amazon Pinpoint's terms. */
export interface AudienceService {
  listProjects(page: PageRequest): Promise<Page<Project>>;
  getProject(projectId: string): Promise<Project>;
  listSegments(projectId: string, page: PageRequest): Promise<Page<Segment>>;
  getSegment(projectId: string, segmentId: string): Promise<Segment>;
  listJobs(kind: JobKind, projectId: string, page: PageRequest): Promise<Page<ServiceJob>>;
  getJob(kind: JobKind, projectId: string, jobId: string, signal?: AbortSignal): Promise<ServiceJob>;
  /** Never retried by the adapter: the service has no idempotency token. */
  createImportJob(projectId: string, request: ImportRequest): Promise<ServiceJob>;
  /** Never retried by the adapter, either. */
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
  /** Imported segments may lack a name; the console doesn't show these. */
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

/** A job as the service reports it. Unknown values of `status` count as running. */
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
  /** The service's own texts for the first 100 failed entries, in an undocumented format. */
  readonly failures: readonly string[];
  /** An import's source. An export's destination, which the service only returns on creation. */
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

/** Whether a job has reached its final status. */
export function isTerminal(status: string): boolean {
  return status === 'COMPLETED' || status === 'FAILED' || status === 'CANCELLED';
}
