import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { CreateAppCommand, DeleteAppCommand, PinpointClient } from '@aws-sdk/client-pinpoint';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import * as vscode from 'vscode';
import type { PinpointAudienceApi } from '../../src/extension.ts';
import type { Identity } from '../../src/aws/connection/connection.ts';
import type { ErrorCode } from '../../src/errors.ts';
import { commandIds } from '../../src/host/commandIds.ts';

interface SandboxLine {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The sandbox that runs beside VS Code. */
export const sandbox = JSON.parse(process.env['PINPOINT_AUDIENCE_TEST_SANDBOX'] ?? '{}') as SandboxLine;

const config = {
  endpoint: sandbox.endpoint,
  region: sandbox.region,
  credentials: { accessKeyId: sandbox.accessKeyId, secretAccessKey: sandbox.secretAccessKey },
};

/** The region that isn't the sandbox's, for what crosses regions. */
export const otherRegion = 'eu-west-1';

/** The service as AWS's own client sees it, to look behind the extension's back. */
export const service = {
  pinpoint: new PinpointClient(config),
  pinpointElsewhere: new PinpointClient({ ...config, region: otherRegion }),
  s3: new S3Client(config),
};

export const roles = {
  import: 'arn:aws:iam::123456789012:role/PinpointImport',
  export: 'arn:aws:iam::123456789012:role/PinpointExport',
};

export function extension(): vscode.Extension<PinpointAudienceApi> {
  const found = vscode.extensions.getExtension<PinpointAudienceApi>('pinpoint-audience.pinpoint-audience');
  assert.ok(found, 'the extension is installed');
  return found;
}

export async function api(): Promise<PinpointAudienceApi> {
  return extension().activate();
}

/** Runs a command as another extension would. */
export async function run<T>(id: keyof typeof commandIds, ...args: readonly unknown[]): Promise<T> {
  return vscode.commands.executeCommand<T>(commandIds[id], ...args);
}

/** Connects to the sandbox by the SDK's own chain: its keys are in the environment of the extension host. */
export async function connect(): Promise<Identity> {
  process.env['AWS_ACCESS_KEY_ID'] = sandbox.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = sandbox.secretAccessKey;
  return run<Identity>('connect', { endpointUrl: sandbox.endpoint, region: sandbox.region });
}

/** A new project and a new bucket, for one test alone. */
export async function place(
  name: string,
): Promise<{ projectId: string; bucket: string; remove(): Promise<void> }> {
  const bucket = `host-${name}-${Date.now()}`;
  await service.s3.send(new CreateBucketCommand({ Bucket: bucket }));
  const created = await service.pinpoint.send(
    new CreateAppCommand({ CreateApplicationRequest: { Name: name } }),
  );
  const projectId = created.ApplicationResponse?.Id;
  assert.ok(projectId);
  return {
    projectId,
    bucket,
    remove: async () => {
      await service.pinpoint.send(new DeleteAppCommand({ ApplicationId: projectId }));
    },
  };
}

export async function keysIn(bucket: string): Promise<readonly string[]> {
  const listed = await service.s3.send(new ListObjectsV2Command({ Bucket: bucket }));
  return (listed.Contents ?? []).map(({ Key }) => Key ?? '');
}

/** A folder of files in the workspace that is gone when `remove` is called. */
export async function files(
  name: string,
  contents: Readonly<Record<string, string>>,
): Promise<{ folder: vscode.Uri; uri(file: string): vscode.Uri; remove(): Promise<void> }> {
  const root = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  assert.ok(root, 'a folder is open');
  const folder = join(root, `${name}-${process.pid}`);
  await mkdir(folder, { recursive: true });
  for (const [file, text] of Object.entries(contents)) await writeFile(join(folder, file), text);
  return {
    folder: vscode.Uri.file(folder),
    uri: (file) => vscode.Uri.file(join(folder, file)),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** That a call is rejected with one error of ours: of this kind, in words, with help where a person could do something. */
export async function rejects(call: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  const error = await call.then(
    () => assert.fail('it was not rejected'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof Error, 'an error is thrown');
  assert.equal(error.name, 'AudienceError', String(error));
  assert.equal((error as { code?: unknown }).code, code, error.message);
  assert.match(error.message, message);
  assert.doesNotMatch(error.message, /undefined|\[object/);
}

/** Waits until `check` gives something. */
export async function until<T>(
  what: string,
  check: () => T | undefined | Promise<T | undefined>,
  limit = 60_000,
): Promise<T> {
  const deadline = Date.now() + limit;
  for (;;) {
    const value = await check();
    if (value !== undefined) return value;
    assert.ok(Date.now() < deadline, `waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Replaces all of a document. The editor refuses an edit where the document changed meanwhile, as after a save; then it is made anew. */
export async function rewrite(
  document: vscode.TextDocument,
  textFrom: (before: string) => string,
): Promise<void> {
  await until('the edit to be taken', async () => {
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), textFrom(document.getText()));
    return (await vscode.workspace.applyEdit(edit)) || undefined;
  });
}

export function findingsOf(uri: vscode.Uri): readonly vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'pinpoint-audience');
}

export const good =
  'ChannelType,Address,Id,OptOut\nEMAIL,ana@example.com,h-1,NONE\nEMAIL,bo@example.com,h-2,NONE\n';
export const bad =
  'ChannelType,Address,Id,OptOut\nEMAIL,ana@example.com,h-1,MAYBE\nEMAIL,bo@example.com,h-2,NONE\n';
