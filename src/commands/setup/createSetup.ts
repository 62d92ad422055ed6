import * as vscode from 'vscode';
import { setTimeout as wait } from 'node:timers/promises';
import type { Connection } from '../../aws/connection/connection.ts';
import { applySetup } from '../../jobs/setup/applySetup.ts';
import {
  planSetup,
  scopeOfWanted,
  stepsToTake,
  type SetupPlan,
  type StepId,
} from '../../jobs/setup/setupPlan.ts';
import type { WantedSetup } from '../../jobs/setup/wantedSetup.ts';
import { withCancellableProgress } from '../../host/progress.ts';
import type { Invocation } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { finish, writeScript, type CreatedSetup } from './saveSetup.ts';
import { setupDraft } from './setupDraft.ts';
import { askForMethod, confirmPlan } from './setupMethod.ts';
import { askForSetup, checkNames } from './setupQuestions.ts';
import { readSetup } from './setupScope.ts';

type Services = Pick<CommandServices, 'session' | 'memory' | 'documents' | 'setups' | 'log'>;

/** Asks for a setup, shows every call that it takes, and creates it, or writes it as a script or template. */
export async function createSetup(call: Invocation, services: Services): Promise<CreatedSetup> {
  const connection = await requireConnection(services, call);
  const draft = setupDraft(call, connection);
  const wanted = draft.asks
    ? await askForSetup(draft.wanted, connection, services.memory, draft.isInSettings)
    : draft.wanted;
  checkNames(wanted);
  const plan = await planFor(wanted, connection, services);
  if (stepsToTake(plan, true).length === 0) return finish(call, plan, false, [], draft, services);

  if (!call.isProgrammatic) await services.documents.showPlan(plan);
  const { as, changeExisting } = draft.method ?? (await askForMethod(plan));
  if (as !== 'aws') return writeScript(plan, as, changeExisting, call);
  if (call.isInteractive) await confirmPlan(plan, changeExisting, connection);
  const done = await apply(plan, changeExisting, connection, services);
  return finish(call, plan, changeExisting, done, draft, services);
}

async function planFor(
  wanted: WantedSetup,
  connection: Connection,
  { setups }: Services,
): Promise<SetupPlan> {
  const facts = await readSetup(connection, scopeOfWanted(wanted));
  return planSetup(wanted, facts, await setups.begun(wanted));
}

/** Carries out the plan. Resolves with the steps that were taken. */
async function apply(
  plan: SetupPlan,
  changeExisting: boolean,
  connection: Connection,
  { setups, log }: Services,
): Promise<readonly StepId[]> {
  const done = await withCancellableProgress(vscode.l10n.t('Creating the setup'), async (signal, report) =>
    applySetup(plan, {
      services: await connection.setup(),
      records: setups,
      changeExisting,
      signal,
      onProgress: report,
      wait: (ms) => wait(ms, undefined, { signal }),
    }),
  );
  const ids = done.map(({ id }) => id);
  log.info(`Setup: ${ids.join(', ') || 'nothing to do'}`);
  return ids;
}
