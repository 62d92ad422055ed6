/** The service's own shapes and member names (API reference). */

/** An endpoint as a request or an import file defines it. */
export interface EndpointRequest {
  readonly Id?: string;
  readonly Address?: string;
  readonly Attributes?: Values;
  readonly ChannelType?: string;
  readonly Demographic?: Readonly<Record<string, string>>;
  /** ISO 8601, in UTC with milliseconds. */
  readonly EffectiveDate?: string;
  readonly EndpointStatus?: string;
  readonly Location?: EndpointLocation;
  readonly Metrics?: Readonly<Record<string, number>>;
  readonly OptOut?: string;
  readonly RequestId?: string;
  readonly User?: EndpointUser;
}

/** Custom attributes. In a request, an empty list removes the attribute. */
export type Values = Readonly<Record<string, readonly string[]>>;

export interface EndpointUser {
  readonly UserId?: string;
  readonly UserAttributes?: Values;
}

export interface EndpointLocation {
  readonly City?: string;
  readonly Country?: string;
  readonly Latitude?: number;
  readonly Longitude?: number;
  readonly PostalCode?: string;
  readonly Region?: string;
}

/** A stored endpoint. Exports write it without the last member. */
export interface Endpoint extends EndpointRequest {
  readonly Id: string;
  readonly ApplicationId: string;
  readonly EndpointStatus: string;
  readonly OptOut: string;
  readonly EffectiveDate: string;
  readonly CreationDate: string;
  /** Id of the last request that wrote it, unless that set `RequestId`. Always the last member: exports omit it. */
  readonly LastRequestId?: string;
}

export interface App {
  readonly Seq: number;
  readonly Id: string;
  readonly Region: string;
  readonly Name: string;
  readonly CreationDate: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface Segment {
  readonly Seq: number;
  readonly Id: string;
  readonly ApplicationId: string;
  readonly SegmentType: 'DIMENSIONAL' | 'IMPORT';
  readonly CreationDate: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Oldest first, numbered from 1. */
  readonly versions: readonly SegmentVersion[];
}

export interface SegmentVersion {
  readonly Version: number;
  readonly Name?: string;
  readonly LastModifiedDate: string;
  readonly Dimensions?: Dimensions;
  readonly SegmentGroups?: SegmentGroups;
  readonly ImportDefinition?: ImportDefinition;
  /** The members folder of an imported segment; versions may share one. */
  readonly members?: string;
}

export interface ImportDefinition {
  readonly ChannelCounts: Readonly<Record<string, number>>;
  readonly ExternalId: string;
  readonly Format: string;
  readonly RoleArn: string;
  readonly S3Url: string;
  readonly Size: number;
}

export interface SetDimension {
  readonly DimensionType?: string;
  readonly Values: readonly string[];
}

export interface AttributeDimension {
  readonly AttributeType?: string;
  readonly Values: readonly string[];
}

export interface MetricDimension {
  readonly ComparisonOperator: string;
  readonly Value: number;
}

export interface Dimensions {
  readonly Attributes?: Readonly<Record<string, AttributeDimension>>;
  readonly UserAttributes?: Readonly<Record<string, AttributeDimension>>;
  readonly Metrics?: Readonly<Record<string, MetricDimension>>;
  readonly Behavior?: { readonly Recency?: { readonly Duration: string; readonly RecencyType: string } };
  readonly Demographic?: Readonly<Record<string, SetDimension>>;
  readonly Location?: {
    readonly Country?: SetDimension;
    readonly GPSPoint?: {
      readonly Coordinates: { readonly Latitude: number; readonly Longitude: number };
      readonly RangeInKilometers?: number;
    };
  };
}

export type Mode = 'ALL' | 'ANY' | 'NONE';

export interface SegmentGroups {
  readonly Include?: Mode;
  readonly Groups?: readonly SegmentGroup[];
}

export interface SegmentGroup {
  readonly Dimensions?: readonly Dimensions[];
  readonly SourceSegments?: readonly { readonly Id: string; readonly Version?: number }[];
  readonly SourceType?: Mode;
  readonly Type?: Mode;
}

export type JobType = 'IMPORT' | 'EXPORT';

/** The statuses of the sandbox's jobs (API reference, ImportJobResponse.JobStatus). */
export type JobStatus =
  | 'CREATED'
  | 'PENDING_JOB'
  | 'PREPARING_FOR_INITIALIZATION'
  | 'INITIALIZING'
  | 'PROCESSING'
  | 'COMPLETING'
  | 'COMPLETED'
  | 'FAILING'
  | 'FAILED';

export interface JobCounts {
  readonly TotalPieces: number;
  readonly CompletedPieces: number;
  readonly FailedPieces: number;
  readonly TotalProcessed: number;
  readonly TotalFailures: number;
  readonly Failures: readonly string[];
}

interface JobBase extends Partial<JobCounts> {
  readonly Seq: number;
  readonly Id: string;
  readonly ApplicationId: string;
  readonly CreationDate: string;
  readonly CompletionDate?: string;
  readonly JobStatus: JobStatus;
}

export interface ImportJob extends JobBase {
  readonly Type: 'IMPORT';
  /** True if the segment existed when the job was created. */
  readonly Refreshes?: boolean;
  readonly Definition: ImportJobDefinition;
}

export interface ImportJobDefinition {
  readonly DefineSegment: boolean;
  readonly ExternalId: string;
  readonly Format: 'CSV' | 'JSON';
  readonly RegisterEndpoints: boolean;
  readonly RoleArn: string;
  readonly S3Url: string;
  readonly SegmentId?: string;
  readonly SegmentName?: string;
}

export interface ExportJob extends JobBase {
  readonly Type: 'EXPORT';
  readonly Definition: ExportJobDefinition;
}

export interface ExportJobDefinition {
  readonly RoleArn: string;
  readonly S3UrlPrefix: string;
  readonly SegmentId?: string;
  readonly SegmentVersion?: number;
}

export type Job = ImportJob | ExportJob;
