import * as vscode from 'vscode';
import type { Segment } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { RunRecord } from '../../jobs/runs/runRecord.ts';
import type { ExportPlan } from '../../jobs/runs/runs.ts';
import { withCancellableProgress } from '../../host/progress.ts';
import { askSteps } from '../../host/prompts.ts';
import { confirm, whoAndWhere } from '../prompts/confirm.ts';
import {
  destinationOf,
  destinationSteps,
  rememberDestination,
  settled,
  type Destination,
  type Settled,
} from '../prompts/destination.ts';
import { readOptions, type Invocation, missing } from '../framework/invocation.ts';
import { segmentQuestion } from '../prompts/questions.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { requireConnection } from '../prompts/requireConnection.ts';

type Services = Pick<CommandServices, 'session' | 'runs' | 'memory'>;

interface Draft extends Destination {
  readonly segment: Segment | undefined;
}

/** Prompts for what is missing, confirms once, and creates the job. Resolves with the run's record once the service has created it. */
export async function startExport(
  call: Invocation,
  what: 'project' | 'segment',
  services: Services,
): Promise<RunRecord> {
  const { segmentId, version } = readOptions(call, { segmentId: 'string', version: 'number' });
  const connection = await requireConnection(services, call);
  const destination = await destinationOf(call, 'export', connection, services);
  const target = call.targets[0];
  const id = segmentId ?? (target?.kind === 'segment' ? target.segment.id : undefined);
  const given: Draft = {
    ...destination,
    segment:
      what === 'segment' && destination.project && id !== undefined
        ? await connection.audience.getSegment(destination.project.id, id)
        : undefined,
  };
  const draft = call.isInteractive ? await promptForMissing(given, what, connection, services) : given;
  const to = settled(draft, 'export');
  const { segment } = draft;
  if (what === 'segment' && !segment) throw missing('a segment', 'Pass the option segmentId.');
  await connection.staging.bucketRegion(to.bucket, { folder: to.prefix });
  if (call.isInteractive) await confirmExport(to, segment, version, connection);
  await rememberDestination(to, 'export', services);
  const plan: ExportPlan = {
    projectId: to.project.id,
    projectName: to.project.name,
    bucket: to.bucket,
    prefix: to.prefix,
    roleArn: to.roleArn,
    segmentId: segment?.id,
    segmentName: segment?.name,
    segmentVersion: version,
  };
  return withCancellableProgress(
    vscode.l10n.t('Starting the export'),
    (signal) => services.runs.startExport(connection, plan, { signal }),
    call.signal,
  );
}

async function promptForMissing(
  given: Draft,
  what: 'project' | 'segment',
  connection: Connection,
  services: Services,
): Promise<Draft> {
  const steps = destinationSteps(given, 'export', connection, services);
  const title = what === 'project' ? vscode.l10n.t('Export Project') : vscode.l10n.t('Export Segment');
  return askSteps(title, given, [
    steps.project,
    {
      skip: () => what === 'project' || given.segment !== undefined,
      ask: async (asker, draft) => ({
        ...draft,
        segment: await asker.pick(segmentQuestion(connection, draft.project!)),
      }),
    },
    steps.bucket,
    steps.role,
  ]);
}

async function confirmExport(
  { project, bucket, prefix, roleArn }: Settled,
  segment: Segment | undefined,
  version: number | undefined,
  connection: Connection,
): Promise<void> {
  await confirm(
    vscode.l10n.t('Export {0}?', segment ? (segment.name ?? segment.id) : project.name),
    [
      ...whoAndWhere(connection),
      [vscode.l10n.t('Project'), `${project.name} (${project.id})`],
      [vscode.l10n.t('Segment'), segment && (segment.name ?? segment.id)],
      [vscode.l10n.t('Version'), version?.toString()],
      [vscode.l10n.t('Bucket'), `s3://${bucket}/${prefix}`],
      [vscode.l10n.t('Role'), roleArn],
    ],
    [vscode.l10n.t('Export')],
  );
}
