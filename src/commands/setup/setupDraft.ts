import { AudienceError } from '../../errors.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { folderPrefix } from '../../aws/s3/s3Url.ts';
import { wantedOfScope } from '../../jobs/setup/setupReport.ts';
import type { WantedSetup } from '../../jobs/setup/wantedSetup.ts';
import { projectOf } from '../../host/targets.ts';
import { readOptions, type Invocation } from '../framework/invocation.ts';
import { setupMethods, type Method } from './setupMethod.ts';
import { scopeOfSettings } from './setupScope.ts';

/** A setup as far as options, the clicked node and the settings define it. */
export interface SetupDraft {
  readonly wanted: WantedSetup;
  /** The settings name a bucket. */
  readonly isInSettings: boolean;
  /** False for a fix or a program, which only names the project. */
  readonly asks: boolean;
  /** How to carry it out, if that isn't asked. */
  readonly method: Method | undefined;
  readonly savesSettings: boolean | undefined;
}

/** Reads the options. Rejects with `bad-input` if they contradict each other, or name no project. */
export function setupDraft(call: Invocation, connection: Connection): SetupDraft {
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
  const isFix = call.args[0] === 'fix';
  const fixedProjectId = isFix && typeof call.args[1] === 'string' ? call.args[1] : undefined;
  const projectId = options.projectId ?? fixedProjectId ?? projectOf(call.targets[0])?.id;
  // A fix needs no questions, except for the project if none is known.
  const asks = call.isInteractive && !call.isProgrammatic && !(isFix && projectId !== undefined);
  checkProjects(projectId, options.allProjects === true, asks);
  const as = readMethod(options.as);
  const asksForMethod = as === undefined && call.isInteractive && !call.isProgrammatic;
  const scope = scopeOfSettings(connection, projectId);
  const { roles, ...ofSettings } = wantedOfScope(scope, projectId);
  return {
    wanted: {
      ...ofSettings,
      bucket: options.bucket ?? ofSettings.bucket,
      prefix: folderPrefix(options.prefix ?? ofSettings.prefix),
      kmsKeyId: options.kmsKeyId ?? ofSettings.kmsKeyId,
      roles: { import: options.importRole ?? roles.import, export: options.exportRole ?? roles.export },
    },
    isInSettings: scope.bucket !== '',
    asks,
    method: asksForMethod ? undefined : { as: as ?? 'aws', changeExisting: options.changeExisting === true },
    savesSettings: options.saveSettings,
  };
}

function readMethod(name: string | undefined): Method['as'] | undefined {
  const method = setupMethods.find((each) => each === name);
  if (name === undefined || method !== undefined) return method;
  throw new AudienceError('bad-input', `Option as can't be ${name}`, {
    help: `Pass one of ${setupMethods.join(', ')}.`,
  });
}

function checkProjects(projectId: string | undefined, allProjects: boolean, asks: boolean): void {
  if (allProjects && projectId !== undefined) {
    throw new AudienceError('bad-input', "Options projectId and allProjects can't be combined", {
      help: 'Pass one of them.',
    });
  }
  if (!asks && projectId === undefined && !allProjects) {
    throw new AudienceError('bad-input', 'No project specified', {
      help: 'Pass projectId, or allProjects: true for roles for all projects of the account in the region.',
    });
  }
}
