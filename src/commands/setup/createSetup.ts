import * as vscode from 'vscode';
import { setTimeout as wait } from 'node:timers/promises';
import { folderPrefix } from '../../aws/s3/s3Url.ts';
import { AudienceError } from '../../errors.ts';
import { applySetup } from '../../jobs/setup/apply.ts';
import type { WantedSetup } from '../../jobs/setup/wantedSetup.ts';
import { planSetup, scopeOfWanted, stepsToTake } from '../../jobs/setup/setupPlan.ts';
import { wantedOfScope } from '../../jobs/setup/setupReport.ts';
import { withCancellableProgress } from '../../host/progress.ts';
import { projectOf } from '../../host/targets.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { askForSetup, checkNames } from './setupQuestions.ts';
import { readSetup, scopeOfSettings } from './setupScope.ts';
import { requireConnection } from '../prompts/requireConnection.ts';
import { type CreatedSetup, finish, writeScript } from './saveSetup.ts';
import { methods, askForMethod, confirmPlan } from './setupMethod.ts';

type Services = Pick<CommandServices, 'session' | 'memory' | 'documents' | 'setups' | 'log'>;

/** Asks for a setup, shows every call that it takes, and creates it, or writes it as a script or template. */
export async function createSetup(call: Invocation, services: Services): Promise<CreatedSetup> {
  const options = readOptions(call, {
    projectId: 'string',
    bucket: 'string',
    prefix: 'string',
    kmsKeyId: 'string',
    importRole: 'string',
    exportRole: 'string',
    as: 'string',
    allProjects: 'boolean',
    changeExisting: 'boolean',
    saveSettings: 'boolean',
  });
  const as = methods.find((method) => method === options.as);
  if (options.as !== undefined && as === undefined) {
    throw new AudienceError('bad-input', `Option as can't be ${options.as}`, {
      help: `Pass one of ${methods.join(', ')}.`,
    });
  }
  const connection = await requireConnection(services, call);
  const isFix = call.args[0] === 'fix';
  const fixedProjectId = isFix && typeof call.args[1] === 'string' ? call.args[1] : undefined;
  const projectId = options.projectId ?? fixedProjectId ?? projectOf(call.targets[0])?.id;
  if (options.allProjects === true && projectId !== undefined) {
    throw new AudienceError('bad-input', "Options projectId and allProjects can't be combined", {
      help: 'Pass one of them.',
    });
  }
  const scope = scopeOfSettings(connection, projectId);
  const ofSettings = wantedOfScope(scope, scope.projectId);
  const given: WantedSetup = {
    ...ofSettings,
    bucket: options.bucket ?? ofSettings.bucket,
    prefix: folderPrefix(options.prefix ?? ofSettings.prefix),
    kmsKeyId: options.kmsKeyId ?? ofSettings.kmsKeyId,
    roles: {
      import: options.importRole ?? ofSettings.roles.import,
      export: options.exportRole ?? ofSettings.roles.export,
    },
  };
  // A fix needs no questions, except for the project if none is known.
  const asks = call.isInteractive && !call.isProgrammatic && !(isFix && projectId !== undefined);
  if (!asks && projectId === undefined && options.allProjects !== true) {
    throw new AudienceError('bad-input', 'No project specified', {
      help: 'Pass projectId, or allProjects: true for roles for all projects of the account in the region.',
    });
  }
  const wanted = asks ? await askForSetup(given, connection, services.memory, scope.bucket !== '') : given;
  checkNames(wanted);

  const facts = await readSetup(connection, scopeOfWanted(wanted));
  const plan = planSetup(wanted, facts, await services.setups.begun(wanted));
  if (stepsToTake(plan, true).length === 0)
    return finish(plan, { as: 'aws', changeExisting: false }, [], call, options.saveSettings, services.log);

  const fixed = { as: as ?? 'aws', changeExisting: options.changeExisting === true };
  if (!call.isProgrammatic) await services.documents.showPlan(plan);
  const method =
    as === undefined && !call.isProgrammatic && call.isInteractive ? await askForMethod(plan) : fixed;
  if (method.as !== 'aws') return writeScript(plan, method.as, method.changeExisting, call);
  if (call.isInteractive) await confirmPlan(plan, method.changeExisting, connection);
  const done = await withCancellableProgress(vscode.l10n.t('Creating the setup'), async (signal, report) =>
    applySetup(plan, {
      services: await connection.setup(),
      records: services.setups,
      changeExisting: method.changeExisting,
      signal,
      onProgress: report,
      wait: (ms) => wait(ms, undefined, { signal }),
    }),
  );
  services.log.info(`Setup: ${done.map(({ id }) => id).join(', ') || 'nothing to do'}`);
  return finish(
    plan,
    method,
    done.map(({ id }) => id),
    call,
    options.saveSettings,
    services.log,
  );
}
