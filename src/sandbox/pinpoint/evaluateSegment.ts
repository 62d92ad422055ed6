import { combine, matches } from './dimensions.ts';
import { memberLines, memberTest } from './members.ts';
import type { State } from './pinpointState.ts';
import type { Endpoint, Segment, SegmentGroup, SegmentVersion } from './types.ts';

type Test = (endpoint: Endpoint) => boolean;

/** A version of a segment; the latest by default. */
export function versionOf(segment: Segment, version: number | undefined): SegmentVersion | undefined {
  return version === undefined
    ? segment.versions.at(-1)
    : segment.versions.find((candidate) => candidate.Version === version);
}

/**
 * The current members of a version of a segment as lines of an export, in batches.
 *
 * @throws Error if a source segment no longer exists
 */
export async function* segmentLines(
  state: State,
  appId: string,
  version: SegmentVersion,
): AsyncGenerator<Buffer[]> {
  const { log } = await state.audience(appId);
  if (version.members !== undefined) {
    yield* memberLines(state.membersDir(appId, version.members), log);
    return;
  }
  const base = importedBase(state, appId, version);
  const candidates = base === undefined ? log.lines() : memberLines(state.membersDir(appId, base), log);
  const belongs = await testOf(state, appId, version, base);
  for await (const lines of candidates) {
    yield lines.filter((line) => belongs(JSON.parse(line.toString('utf8')) as Endpoint));
  }
}

/** The imported base segment, whose unregistered definitions are members, too. */
function importedBase(state: State, appId: string, { SegmentGroups }: SegmentVersion): string | undefined {
  const group = SegmentGroups?.Groups?.[0];
  if (group?.SourceSegments?.length !== 1 || group.SourceType === 'NONE') return undefined;
  if (SegmentGroups?.Include === 'NONE') return undefined;
  return sourceVersion(state, appId, group.SourceSegments[0]!).members;
}

async function testOf(
  state: State,
  appId: string,
  version: SegmentVersion,
  base: string | undefined,
): Promise<Test> {
  const now = Date.parse(state.timestamp());
  if (version.members !== undefined) {
    if (version.members === base) return () => true;
    const { log } = await state.audience(appId);
    const isMember = await memberTest(state.membersDir(appId, version.members), log);
    return ({ Id }) => isMember(Id);
  }
  const { Dimensions, SegmentGroups } = version;
  if (SegmentGroups === undefined) return (endpoint) => matches(Dimensions ?? {}, endpoint, now);
  const groups = await Promise.all(
    (SegmentGroups.Groups ?? []).map((group) => groupTest(state, appId, group, base, now)),
  );
  return (endpoint) =>
    combine(
      SegmentGroups.Include,
      groups.map((group) => () => group(endpoint)),
    );
}

async function groupTest(
  state: State,
  appId: string,
  group: SegmentGroup,
  base: string | undefined,
  now: number,
): Promise<Test> {
  const sources = await Promise.all(
    (group.SourceSegments ?? []).map((source) =>
      testOf(state, appId, sourceVersion(state, appId, source), base),
    ),
  );
  const dimensions = group.Dimensions ?? [];
  return (endpoint) =>
    (sources.length === 0 ||
      combine(
        group.SourceType,
        sources.map((source) => () => source(endpoint)),
      )) &&
    (dimensions.length === 0 ||
      combine(
        group.Type,
        dimensions.map((dimension) => () => matches(dimension, endpoint, now)),
      ));
}

function sourceVersion(
  state: State,
  appId: string,
  source: { readonly Id: string; readonly Version?: number },
): SegmentVersion {
  const segment = state.findSegment(appId, source.Id);
  const version = segment && versionOf(segment, source.Version);
  if (version === undefined) throw new Error(`The source segment ${source.Id} doesn't exist`);
  return version;
}
