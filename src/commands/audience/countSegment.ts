import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import { plural } from '../../host/format.ts';
import { withCancellableProgress } from '../../host/progress.ts';
import { startExport } from '../export/startExport.ts';
import type { Invocation } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';

type Services = Pick<CommandServices, 'session' | 'memory' | 'runs'>;

/** Counts the current members of a segment by an export, the only exact way (User Guide, segments-troubleshooting). */
export async function countSegment(call: Invocation, services: Services): Promise<number> {
  const started = await startExport(call, 'segment', services);
  const run = await withCancellableProgress(vscode.l10n.t('Counting segment members'), (signal) =>
    services.runs.waitFor(started.id, signal),
  );
  await services.runs.markNotified(run.id);
  const count = run.job?.totalProcessed;
  if (run.state !== 'completed' || count === undefined) {
    throw new AudienceError('service', "The export didn't report a count", {
      help: 'See the Jobs view for details.',
    });
  }
  if (!call.isProgrammatic) {
    void notify(
      'info',
      plural(count, '{1} has 1 member.', '{1} has {0} members.', run.export?.segmentName ?? ''),
    );
  }
  return count;
}
