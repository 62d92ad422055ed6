import type { SegmentResponse, WriteSegmentRequest } from '@aws-sdk/client-pinpoint';
import {
  CreateSegmentCommand,
  DeleteSegmentCommand,
  GetSegmentCommand,
  GetSegmentImportJobsCommand,
  GetSegmentVersionCommand,
  GetSegmentVersionsCommand,
  UpdateSegmentCommand,
} from '@aws-sdk/client-pinpoint';
import type { SegmentDefinition } from '../../endpoints/model/segmentDefinition.ts';
import { checkId, given, pageOf, paging } from './paging.ts';
import type { Page, PageRequest, Segment, ServiceJob } from './audienceService.ts';
import type { Clients } from '../connection/clients.ts';
import { sending } from '../connection/clients.ts';
import { toImportJob, toSegment } from './pinpointAudience.ts';
import type { SegmentService, StoredSegment } from './segmentService.ts';

/** Implements the port with Amazon Pinpoint (Amazon Pinpoint API reference). */
export class PinpointSegments implements SegmentService {
  readonly #clients: Clients;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  async readSegment(projectId: string, segmentId: string, version?: number): Promise<StoredSegment> {
    const input = segmentPath(projectId, segmentId);
    const { SegmentResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'read the segment' },
      ({ pinpoint }) =>
        version === undefined
          ? pinpoint.send(new GetSegmentCommand(input))
          : pinpoint.send(new GetSegmentVersionCommand({ ...input, Version: String(version) })),
    );
    const stored = given<SegmentResponse>(answer);
    return { segment: toSegment(stored), definition: toDefinition(stored) };
  }

  async listVersions(
    projectId: string,
    segmentId: string,
    { token, pageSize, signal }: PageRequest,
  ): Promise<Page<Segment>> {
    const input = { ...segmentPath(projectId, segmentId), ...paging(token, pageSize) };
    const { SegmentsResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'list the versions of the segment' },
      ({ pinpoint }) => pinpoint.send(new GetSegmentVersionsCommand(input), sending(signal)),
    );
    return pageOf(answer?.Item, answer?.NextToken, toSegment);
  }

  async createSegment(projectId: string, definition: SegmentDefinition): Promise<Segment> {
    const input = {
      ApplicationId: checkId(projectId, 'project'),
      WriteSegmentRequest: definition as WriteSegmentRequest,
    };
    const { SegmentResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'create the segment' },
      ({ pinpointOnce }) => pinpointOnce.send(new CreateSegmentCommand(input)),
    );
    return toSegment(given(answer));
  }

  async updateSegment(projectId: string, segmentId: string, definition: SegmentDefinition): Promise<Segment> {
    const input = {
      ...segmentPath(projectId, segmentId),
      WriteSegmentRequest: definition as WriteSegmentRequest,
    };
    const { SegmentResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'update the segment' },
      ({ pinpointOnce }) => pinpointOnce.send(new UpdateSegmentCommand(input)),
    );
    return toSegment(given(answer));
  }

  async deleteSegment(projectId: string, segmentId: string): Promise<Segment> {
    const input = segmentPath(projectId, segmentId);
    const { SegmentResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'delete the segment' },
      ({ pinpointOnce }) => pinpointOnce.send(new DeleteSegmentCommand(input)),
    );
    return toSegment(given(answer));
  }

  async listImportJobs(
    projectId: string,
    segmentId: string,
    { token, pageSize, signal }: PageRequest,
  ): Promise<Page<ServiceJob>> {
    const input = { ...segmentPath(projectId, segmentId), ...paging(token, pageSize) };
    const { ImportJobsResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'list the import jobs of the segment' },
      ({ pinpoint }) => pinpoint.send(new GetSegmentImportJobsCommand(input), sending(signal)),
    );
    return pageOf(answer?.Item, answer?.NextToken, (job) => toImportJob(job, projectId));
  }
}

function segmentPath(projectId: string, segmentId: string): { ApplicationId: string; SegmentId: string } {
  return { ApplicationId: checkId(projectId, 'project'), SegmentId: checkId(segmentId, 'segment') };
}

/** The editable part. The service returns both kinds of criteria, one of them empty; the SDK adds undefined members. */
function toDefinition({ Name, Dimensions, SegmentGroups, tags }: SegmentResponse): SegmentDefinition {
  const hasGroups = (SegmentGroups?.Groups ?? []).length > 0;
  const definition = {
    Name,
    ...(hasGroups ? { SegmentGroups } : { Dimensions }),
    ...(tags && Object.keys(tags).length > 0 && { tags }),
  };
  return JSON.parse(JSON.stringify(definition)) as SegmentDefinition;
}
