import * as vscode from 'vscode';
import type { SeverityOverrides } from '../endpoints/rules/finding.ts';
import type { Permissions } from '../permissions.ts';
import type { ConnectionSettings } from '../aws/connection/connection.ts';

/** Every setting below `pinpointAudience.`, with its default. A test compares this table with package.json. */
export const settingDefaults = {
  'connection.profile': '',
  'connection.region': '',
  'connection.endpointUrl': '',
  'staging.bucket': '',
  'staging.prefix': 'pinpoint-audience/',
  'staging.kmsKeyId': '',
  'staging.sourceNames': false,
  'staging.deleteAfterImport': false,
  'roles.importArn': '',
  'roles.exportArn': '',
  'validation.severity': {} as SeverityOverrides,
  'validation.maxIssues': 1000,
  'validation.onSave': true,
  'validation.whileTyping': true,
  'validation.codeLens': true,
  'validation.fileDecoration': false,
  'validation.memory': 0,
  'validation.spill': true,
  'jobs.maxRunningImports': 2,
  'jobs.notifyOnCompletion': true,
  'jobs.openDownloads': true,
  'jobs.unzipLimit': 10,
  'files.permissions': 'private' as Permissions,
  'automation.allowFilesOutsideWorkspace': false,
};

/**
 * Where a setting may be set while a workspace isn't trusted. `restricted`: by the user only, since it decides where data goes
 * or relaxes checks. `machine`: never by a workspace. `harmless`: anywhere.
 */
export const settingTrust: Readonly<Record<SettingKey, 'restricted' | 'machine' | 'harmless'>> = {
  'connection.profile': 'restricted',
  'connection.region': 'restricted',
  'connection.endpointUrl': 'restricted',
  'staging.bucket': 'restricted',
  'staging.prefix': 'restricted',
  'staging.kmsKeyId': 'restricted',
  'staging.sourceNames': 'restricted',
  'staging.deleteAfterImport': 'restricted',
  'roles.importArn': 'restricted',
  'roles.exportArn': 'restricted',
  'validation.severity': 'restricted',
  'validation.maxIssues': 'restricted',
  'validation.onSave': 'restricted',
  'validation.whileTyping': 'restricted',
  'validation.codeLens': 'harmless',
  'validation.fileDecoration': 'harmless',
  'validation.memory': 'machine',
  'validation.spill': 'machine',
  'jobs.maxRunningImports': 'restricted',
  'jobs.notifyOnCompletion': 'restricted',
  'jobs.openDownloads': 'restricted',
  'jobs.unzipLimit': 'restricted',
  'files.permissions': 'machine',
  'automation.allowFilesOutsideWorkspace': 'machine',
};

export type SettingKey = keyof typeof settingDefaults;
type SettingValue<K extends SettingKey> = (typeof settingDefaults)[K];

const section = 'pinpointAudience';

/** The effective value. In Restricted Mode, VS Code itself ignores restricted settings of the workspace. */
export function getSetting<K extends SettingKey>(key: K): SettingValue<K> {
  const value = vscode.workspace.getConfiguration(section).get<SettingValue<K>>(key, settingDefaults[key]);
  // Objects are proxies, which can't be sent to a worker.
  return typeof value === 'object' ? { ...value } : value;
}

/** Maximum unpacked size of a compressed file, in bytes. */
export function unzipLimit(): number {
  return getSetting('jobs.unzipLimit') * 1e9;
}

/** Writes to the workspace settings if a folder is open, else to the user settings. */
export async function setSetting<K extends SettingKey>(key: K, value: SettingValue<K>): Promise<void> {
  const target = vscode.workspace.workspaceFolders?.length
    ? vscode.ConfigurationTarget.Workspace
    : vscode.ConfigurationTarget.Global;
  await vscode.workspace.getConfiguration(section).update(key, value, target);
}

export function onDidChangeSetting(
  key: SettingKey | 'connection' | 'validation',
  listener: () => void,
): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(`${section}.${key}`)) listener();
  });
}

/** The connection settings; for empty ones the AWS SDK's default chain applies. */
export function connectionSettings(): ConnectionSettings {
  return {
    profile: getSetting('connection.profile') || undefined,
    region: getSetting('connection.region') || undefined,
    endpointUrl: getSetting('connection.endpointUrl') || undefined,
  };
}
