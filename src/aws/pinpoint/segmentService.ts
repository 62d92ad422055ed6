import type { SegmentDefinition } from '../../endpoints/model/segmentDefinition.ts';
import type { Page, PageRequest, Segment, ServiceJob } from './audienceService.ts';

/** The port to segments beyond listing them. Writes aren't retried: each update creates a version, each create a segment. */
export interface SegmentService {
  /** A segment with its criteria; the latest version by default. `not-found` if it doesn't exist. */
  readSegment(projectId: string, segmentId: string, version?: number): Promise<StoredSegment>;
  listVersions(projectId: string, segmentId: string, page: PageRequest): Promise<Page<Segment>>;
  createSegment(projectId: string, definition: SegmentDefinition): Promise<Segment>;
  updateSegment(projectId: string, segmentId: string, definition: SegmentDefinition): Promise<Segment>;
  deleteSegment(projectId: string, segmentId: string): Promise<Segment>;
  /** The import jobs that created or refreshed an imported segment. */
  listImportJobs(projectId: string, segmentId: string, page: PageRequest): Promise<Page<ServiceJob>>;
}

export interface StoredSegment {
  readonly segment: Segment;
  readonly definition: SegmentDefinition;
}
