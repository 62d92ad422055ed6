import type { CheckStatus } from '../../jobs/setup/checkFindings.ts';
import { reportSetup } from '../../jobs/setup/setupReport.ts';
import { commandIds } from '../../host/commandIds.ts';
import { projectOf } from '../../host/targets.ts';
import { createSetup } from './createSetup.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { readSetup, scopeOfSettings } from './setupScope.ts';
import { requireConnection } from '../prompts/requireConnection.ts';

/** Something that imports or exports need, and its status. */
export interface SetupCheck {
  readonly id: string;
  readonly status: CheckStatus;
  readonly message: string;
  /** What to do about it. */
  readonly fix?: string;
}

type Services = Pick<CommandServices, 'session' | 'memory' | 'documents' | 'setups' | 'log'>;

export function setupCommands(
  services: Services,
): Pick<CommandTable, typeof commandIds.checkSetup | typeof commandIds.createSetup> {
  return {
    [commandIds.checkSetup]: (call) => checkSetup(call, services),
    [commandIds.createSetup]: (call) => createSetup(call, services),
  };
}

/** Checks everything that imports and exports need without changing it, and shows the result to a person. */
async function checkSetup(call: Invocation, services: Services): Promise<readonly SetupCheck[]> {
  const options = readOptions(call, { projectId: 'string' });
  const connection = await requireConnection(services, call);
  const projectId = options.projectId ?? projectOf(call.targets[0])?.id;
  const report = reportSetup(await readSetup(connection, scopeOfSettings(connection, projectId)));
  if (!call.isProgrammatic) await services.documents.showSetup(report);
  return report.results.map(({ id, status, message, fix }) => ({
    id,
    status,
    message,
    ...(fix !== undefined && { fix }),
  }));
}
