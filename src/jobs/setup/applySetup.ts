import type { SetupServices } from '../../aws/iam/setupServices.ts';
import { AudienceError, isCancelled, throwIfCancelled } from '../../errors.ts';
import type { PlanStep, SetupPlan, StepId } from './setupPlan.ts';
import { stepsToTake } from './setupPlan.ts';
import type { SetupRecords } from './setupRecords.ts';

interface Applying {
  readonly services: Pick<SetupServices, 'send'>;
  readonly records: SetupRecords;
  /** Whether existing resources may be changed as planned. */
  readonly changeExisting: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number, title: string) => void) | undefined;
  /** Waits for some milliseconds. */
  readonly wait: (ms: number) => Promise<unknown>;
}

/** Pauses in milliseconds: new roles take seconds to propagate (IAM user guide, troubleshoot_general, eventual consistency). */
const patience = [500, 1000, 2000, 4000, 8000];

/**
 * Applies a plan step by step; each step is recorded before it is sent. After a failure or crash, planning and applying again
 * continues there.
 *
 * @returns the applied steps
 * @throws AudienceError that names the applied steps
 */
export async function applySetup(plan: SetupPlan, how: Applying): Promise<readonly PlanStep[]> {
  const { records, signal, onProgress } = how;
  const { wanted } = plan;
  const steps = stepsToTake(plan, how.changeExisting);
  const begun = new Set(await records.begun(wanted));
  const done: PlanStep[] = [];
  for (const step of steps) {
    onProgress?.(done.length, steps.length, step.title);
    const isNew = !begun.has(step.id);
    try {
      throwIfCancelled(signal);
      await records.write(wanted, begun.add(step.id));
      await send(step, done, how);
    } catch (error) {
      // A refused step had no effect. An interrupted one may have.
      if (isNew && isRefusal(error)) await forget(records, wanted, begun, step.id);
      throw explained(error, done, steps.slice(done.length));
    }
    done.push(step);
  }
  await records.remove(wanted);
  return done;
}

async function send(
  { call }: ReturnType<typeof stepsToTake>[number],
  done: readonly PlanStep[],
  { services, signal, wait }: Applying,
): Promise<void> {
  const isOfNewRole =
    call.service === 'iam' && done.some(({ call: earlier }) => earlier?.operation === 'CreateRole');
  for (const pause of isOfNewRole ? patience : []) {
    try {
      await services.send(call, signal);
      return;
    } catch (error) {
      if (!(error instanceof AudienceError) || error.code !== 'not-found') throw error;
      await wait(pause);
    }
  }
  await services.send(call, signal);
}

function isRefusal(error: unknown): boolean {
  const refusals = ['conflict', 'access-denied', 'bad-input', 'throttled', 'credentials'];
  return isCancelled(error) || (error instanceof AudienceError && refusals.includes(error.code));
}

async function forget(
  records: SetupRecords,
  wanted: SetupPlan['wanted'],
  begun: Set<StepId>,
  id: StepId,
): Promise<void> {
  begun.delete(id);
  await (begun.size === 0 ? records.remove(wanted) : records.write(wanted, begun));
}

function explained(error: unknown, done: readonly PlanStep[], left: readonly PlanStep[]): unknown {
  if (!(error instanceof AudienceError) || isCancelled(error)) return error;
  const names = (steps: readonly PlanStep[]): string => steps.map(({ title }) => title).join(', ');
  const soFar = done.length === 0 ? 'Nothing was changed.' : `Done: ${names(done)}.`;
  const again = 'Run "Create Setup…" again to continue.';
  return new AudienceError(
    error.code,
    `${error.message.replace(/[.]$/, '')}. ${soFar} Not done: ${names(left)}.`,
    {
      help: error.help === undefined ? again : `${error.help} Then: ${again}`,
      cause: error,
      service: error.service,
    },
  );
}
