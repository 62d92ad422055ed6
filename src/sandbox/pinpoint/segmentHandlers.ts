import type { Arns } from './arns.ts';
import { readDimensions, readGroups } from './dimensions.ts';
import { versionOf } from './evaluateSegment.ts';
import { optionalObject, optionalText, tagsOf } from './fields.ts';
import { pageOf } from './listPages.ts';
import type { Call, Handlers } from './router.ts';
import type { State } from './pinpointState.ts';
import { badRequest, newId, notFound } from './pinpointState.ts';
import type { Segment, SegmentGroups, SegmentVersion } from './types.ts';

/** Operations on segments and their versions. */
export function segmentHandlers(
  state: State,
  arns: Arns,
): Handlers<'list' | 'create' | 'get' | 'update' | 'remove' | 'versions' | 'version'> {
  const answer = (
    segment: Segment,
    version: SegmentVersion | undefined = segment.versions.at(-1),
  ): object => ({
    ApplicationId: segment.ApplicationId,
    Arn: arns.segment(state.app(segment.ApplicationId), segment.Id),
    CreationDate: segment.CreationDate,
    Id: segment.Id,
    SegmentType: segment.SegmentType,
    tags: segment.tags,
    ...version,
    members: undefined,
  });
  const requested = ({ params }: Call): Segment => state.segment(params['app']!, params['segment']!);

  const create = ({ params, body }: Call): object => {
    const app = state.app(params['app']!);
    const Id = newId();
    const segment: Segment = {
      Seq: state.nextSeq(),
      Id,
      ApplicationId: app.Id,
      SegmentType: 'DIMENSIONAL',
      CreationDate: state.timestamp(),
      tags: tagsOf(body) ?? {},
      versions: [
        {
          Version: 1,
          ...named(body),
          LastModifiedDate: state.timestamp(),
          ...(criteriaOf(body, app.Id, Id) ?? { Dimensions: {} }),
        },
      ],
    };
    state.save(segment);
    return answer(segment);
  };

  /** Absent members stay, which AWS doesn't document. Tags aren't processed (API reference, UpdateSegment). */
  const update = (call: Call): object => {
    const segment = requested(call);
    const latest = segment.versions.at(-1)!;
    const criteria = criteriaOf(call.body, segment.ApplicationId, segment.Id);
    if (criteria !== undefined && segment.SegmentType === 'IMPORT') {
      badRequest("An imported segment's criteria can't be changed: import again to refresh it");
    }
    const { Dimensions, SegmentGroups, ...kept } = latest;
    const version: SegmentVersion = {
      ...kept,
      ...(criteria ?? { ...(Dimensions && { Dimensions }), ...(SegmentGroups && { SegmentGroups }) }),
      ...named(call.body),
      Version: latest.Version + 1,
      LastModifiedDate: state.timestamp(),
    };
    const changed: Segment = { ...segment, versions: [...segment.versions, version] };
    state.save(changed);
    return answer(changed);
  };

  /** The criteria of a segment. Throws 400, also for invalid source segments. */
  const criteriaOf = (
    body: Call['body'],
    appId: string,
    segmentId: string,
  ): Pick<SegmentVersion, 'Dimensions' | 'SegmentGroups'> | undefined => {
    const dimensions = optionalObject(body, 'Dimensions');
    const groups = optionalObject(body, 'SegmentGroups');
    if (dimensions !== undefined && groups !== undefined) {
      badRequest('A segment can have Dimensions or SegmentGroups, not both');
    }
    if (dimensions !== undefined) return { Dimensions: readDimensions(dimensions) };
    if (groups === undefined) return undefined;
    const read = readGroups(groups);
    checkSources(read, appId, segmentId);
    return { SegmentGroups: read };
  };

  const checkSources = (groups: SegmentGroups, appId: string, segmentId: string): void => {
    const sources = (groups.Groups ?? []).flatMap(({ SourceSegments }) => SourceSegments ?? []);
    for (const source of sources) {
      const found = state.findSegment(appId, source.Id);
      const version = found && versionOf(found, source.Version);
      if (found === undefined || version === undefined)
        badRequest(`The source segment ${source.Id} doesn't exist`);
      if (found.Id === segmentId) badRequest("A segment can't be a source of itself");
      if (found.SegmentType === 'IMPORT' && sources.length > 1) {
        badRequest('A segment can have several dynamic segments or one imported segment as its sources');
      }
      if (version.SegmentGroups !== undefined) checkSources(version.SegmentGroups, appId, segmentId);
    }
  };

  return {
    list: ({ params, query }) => {
      const app = state.app(params['app']!);
      return pageOf(`segments/${app.Id}`, state.segments(app.Id), query, (segment) => answer(segment));
    },
    create,
    get: (call) => answer(requested(call)),
    update,
    remove: (call) => {
      const segment = requested(call);
      state.removeSegment(segment);
      return answer(segment);
    },
    versions: (call) => {
      const segment = requested(call);
      const versions = segment.versions.map((version) => ({ ...version, Seq: version.Version }));
      return pageOf(`versions/${segment.Id}`, versions, call.query, ({ Version }) =>
        answer(segment, versionOf(segment, Version)),
      );
    },
    version: (call) => {
      const segment = requested(call);
      return answer(segment, versionOf(segment, Number(call.params['version'])) ?? notFound());
    },
  };
}

function named(body: Call['body']): { Name?: string } {
  const name = optionalText(body, 'Name');
  return name === undefined ? {} : { Name: name };
}
