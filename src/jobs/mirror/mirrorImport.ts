import type { Connection } from '../../aws/connection/connection.ts';
import type { Segment } from '../../aws/pinpoint/audienceService.ts';
import { AudienceError } from '../../errors.ts';
import { connectionKeyOf, connectionKeyOfRecord } from '../runs/connectionKey.ts';
import type { RunControl } from '../runs/runControl.ts';
import { hasEnded, type RunRecord, type SourceFile } from '../runs/runRecord.ts';
import type { ImportPlan, Runs } from '../runs/runs.ts';
import type { MirrorRecord } from './mirrorRecord.ts';
import type { MirrorPlan, MirrorResources } from './mirrorPlan.ts';
import { endOf } from './segmentExports.ts';

/** Imports the files of a mirror as the run `id`; if another process has begun that run, waits for it. */
export async function importFiles(
  runs: Runs,
  connection: Connection,
  plan: MirrorPlan,
  segment: Segment | undefined,
  places: MirrorResources,
  control: RunControl,
  id: string,
): Promise<RunRecord> {
  const { declaration, files } = plan.request;
  const importPlan: ImportPlan = {
    id,
    projectId: plan.project.id,
    projectName: plan.project.name,
    files,
    format: plan.format,
    bucket: places.bucket,
    prefix: places.prefix,
    kmsKeyId: places.kmsKeyId,
    roleArn: places.importRoleArn,
    defineSegment: true,
    registerEndpoints: true,
    segmentId: segment?.id,
    segmentName: declaration.segment,
  };
  const started = await runs.startImport(connection, importPlan, control);
  return endOf(runs, started.id, control);
}

/**
 * The import of the same files that an interrupted run of this mirror started.
 *
 * @param record the last run of the mirror
 * @throws AudienceError `conflict` if an import of other files into the segment is running
 */
export function interruptedImport(
  runs: Runs,
  connection: Connection,
  plan: MirrorPlan,
  segment: Segment | undefined,
  record: MirrorRecord | undefined,
): RunRecord | undefined {
  const name = plan.request.declaration.segment;
  const left = runs.list().find((run) => {
    if (run.import === undefined || run.projectId !== plan.project.id) return false;
    const isHere = connectionKeyOfRecord(run) === connectionKeyOf(connection);
    const { segmentId, segmentName } = run.import;
    const into = segmentId ?? run.job?.segmentId;
    const isOfSegment = into !== undefined && into === segment?.id;
    if (!isHere || !(isOfSegment || (segmentId === undefined && segmentName === name))) return false;
    const isOfInterrupted = wasInterrupted(record) && run.created >= record.started;
    return !hasEnded(run) || (isOfInterrupted && run.state === 'completed');
  });
  if (left === undefined || hasSameFiles(left, plan)) return left;
  if (hasEnded(left)) return undefined;
  throw new AudienceError('conflict', 'An earlier import into this segment is still running', {
    help: 'Wait until it ends in the Jobs view, then run the mirror again.',
  });
}

/** The id of the import that an interrupted run of a mirror was about to start. */
export function intendedImport(runs: Runs, earlier: MirrorRecord | undefined): string | undefined {
  const id = wasInterrupted(earlier) ? earlier.importRunId : undefined;
  return id === undefined || runs.get(id) !== undefined ? undefined : id;
}

/** True if the process ended or stopped waiting, so that the import may have continued without it. */
function wasInterrupted(record: MirrorRecord | undefined): record is MirrorRecord {
  return record !== undefined && (record.state === 'running' || record.trouble?.code === 'cancelled');
}

function hasSameFiles(run: RunRecord, { request }: MirrorPlan): boolean {
  const stamps = (files: readonly SourceFile[]): string =>
    JSON.stringify(files.map(({ path, bytes, modified }) => [path, bytes, modified]));
  return stamps(run.import?.files ?? []) === stamps(request.files);
}
