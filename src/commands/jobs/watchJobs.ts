import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { RunRecord } from '../../jobs/runs/runRecord.ts';
import { readOptions, textOf, type Invocation, missing } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { requireConnection } from '../prompts/requireConnection.ts';

type Services = Pick<CommandServices, 'session' | 'memory' | 'runs' | 'views'>;

/** Adds jobs that were started elsewhere to the list. Resolves with their records; with one if one is named. */
export async function watchJobs(
  call: Invocation,
  services: Services,
): Promise<RunRecord | readonly RunRecord[]> {
  const { runs } = services;
  const connection = await requireConnection(services, call);
  const id = textOf(call);
  const { projectId, kind } = readOptions(call, { projectId: 'string', kind: 'string' });
  if (id !== undefined) {
    if (projectId === undefined) throw missing('a project', 'Pass the option projectId.');
    if (kind !== 'import' && kind !== 'export') {
      throw new AudienceError('bad-input', 'Option kind must be import or export', {
        help: 'Pass the kind of the job.',
      });
    }
    return runs.watch(connection, kind, projectId, id);
  }
  const jobs = (call.hasNoArguments ? services.views.selection() : call.targets).filter(
    ({ kind: of }) => of === 'job',
  );
  if (jobs.length === 0) throw missing('a job', 'Select it in the Audience view.');
  const watched: RunRecord[] = [];
  for (const target of jobs) {
    if (target.kind !== 'job') continue;
    watched.push(await runs.watch(connection, target.job.kind, target.project.id, target.job.id));
  }
  if (!call.isProgrammatic) await vscode.commands.executeCommand('pinpointAudience.jobs.focus');
  return watched.length === 1 ? watched[0]! : watched;
}
