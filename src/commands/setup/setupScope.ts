import * as vscode from 'vscode';
import type { Connection } from '../../aws/connection/connection.ts';
import { folderPrefix } from '../../aws/s3/s3Url.ts';
import { type SetupFacts, type SetupScope } from '../../jobs/setup/setupFacts.ts';
import { inspectSetup } from '../../jobs/setup/inspectSetup.ts';
import { withQuietProgress } from '../../host/progress.ts';
import { getSetting } from '../../host/settings.ts';

/** The setup in the settings, for a project. */
export function scopeOfSettings({ identity }: Connection, projectId: string | undefined): SetupScope {
  return {
    identity,
    projectId,
    bucket: getSetting('staging.bucket'),
    prefix: folderPrefix(getSetting('staging.prefix')),
    kmsKeyId: getSetting('staging.kmsKeyId'),
    roles: { import: getSetting('roles.importArn'), export: getSetting('roles.exportArn') },
  };
}

/** Reads the actual state, with progress and a way to cancel. */
export function readSetup(connection: Connection, scope: SetupScope): Promise<SetupFacts> {
  return withQuietProgress(vscode.l10n.t('Checking the setup'), (signal, report) =>
    inspectSetup(connection, scope, { signal, onProgress: report }),
  );
}
