import * as vscode from 'vscode';
import type { Project } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { Endpoint } from '../../endpoints/model/endpointDefinition.ts';
import type { ErasureReceipt } from '../../jobs/erasure.ts';
import { uriOf, type AudienceKind } from '../../host/audiencePlaces.ts';
import { commandIds } from '../../host/commandIds.ts';
import { formatCount, plural } from '../../host/format.ts';
import { askOne } from '../../host/prompts.ts';
import { whoAndWhere } from '../prompts/confirm.ts';
import { textOf, type Invocation, missing } from '../framework/invocation.ts';
import { chooseProject, confirmIn } from '../prompts/chooseProject.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { PageWriter, webLink, type Part } from '../../pages/page.ts';
import { requireConnection } from '../prompts/requireConnection.ts';

type Services = Pick<CommandServices, 'session' | 'memory' | 'audienceFiles' | 'erasure'>;
type Ids = Pick<typeof commandIds, 'openEndpoint' | 'openUser' | 'deleteEndpoint' | 'deleteUser'>;

export function endpointCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  return {
    [commandIds.openEndpoint]: (call) => openEndpoint(call, services),
    [commandIds.openUser]: (call) => openUser(call, services),
    [commandIds.deleteEndpoint]: (call) => deleteEndpoint(call, services),
    [commandIds.deleteUser]: (call) => deleteUser(call, services),
  };
}

interface Place {
  readonly connection: Connection;
  readonly project: Project;
  readonly id: string;
}

/** Opens an endpoint as an editable document. Resolves with the endpoint. */
async function openEndpoint(call: Invocation, services: Services): Promise<Endpoint> {
  const place = await choose(call, 'endpoint', vscode.l10n.t('Open Endpoint'), services);
  return (await open(call, place, 'endpoints', services)) as Endpoint;
}

/** Opens all endpoints of a user as one editable document. Resolves with them. */
async function openUser(call: Invocation, services: Services): Promise<readonly Endpoint[]> {
  const place = await choose(call, 'user', vscode.l10n.t('Open User'), services);
  return (await open(call, place, 'users', services)) as readonly Endpoint[];
}

async function open(
  call: Invocation,
  { connection, project, id }: Place,
  kind: AudienceKind,
  { audienceFiles }: Services,
): Promise<unknown> {
  const uri = uriOf({ connectionId: connection.id, projectId: project.id, kind, id, title: id });
  const document = await audienceFiles.open(uri, { ask: call.isInteractive });
  return JSON.parse(document.getText());
}

/** Deletes an endpoint. Resolves with its last state. */
async function deleteEndpoint(call: Invocation, services: Services): Promise<Endpoint> {
  const place = await choose(call, 'endpoint', vscode.l10n.t('Delete Endpoint'), services);
  const { connection, project, id } = place;
  const endpoint = await connection.endpoints.getEndpoint(project.id, id);
  await confirmIn(
    call,
    vscode.l10n.t('Delete endpoint {0}?', id),
    place,
    [
      [vscode.l10n.t('Channel'), endpoint.ChannelType],
      [vscode.l10n.t('User'), endpoint.User?.UserId],
    ],
    vscode.l10n.t('Delete'),
    'warning',
  );
  const deleted = await connection.endpoints.deleteEndpoint(project.id, id);
  if (!call.isProgrammatic) {
    void notify('info', vscode.l10n.t('Deleted endpoint {0}.', id));
  }
  return deleted;
}

/** Deletes a user and all their endpoints, after the user's Id was typed. Resolves with the receipt, which opens as a document. */
async function deleteUser(call: Invocation, services: Services): Promise<ErasureReceipt> {
  const title = vscode.l10n.t('Delete User');
  const { connection, project, id: userId } = await choose(call, 'user', title, services);
  const request = { projectId: project.id, projectName: project.name, userId };
  const endpoints = await services.erasure.preview(connection, request);
  if (call.isInteractive) {
    const where = whoAndWhere(connection)
      .filter(([, value]) => value !== undefined)
      .map(([, value]) => value)
      .join(' · ');
    await askOne(title, (asker) =>
      asker.input({
        prompt: plural(
          endpoints.length,
          'Permanently delete this user and 1 endpoint from {1} ({2})? Type {3} to confirm.',
          'Permanently delete this user and {0} endpoints from {1} ({2})? Type {3} to confirm.',
          project.name,
          where,
          userId,
        ),
        check: (text) => (text === userId ? undefined : vscode.l10n.t("This isn't the Id of the user.")),
      }),
    );
  }
  const receipt = await services.erasure.erase(connection, request);
  if (!call.isProgrammatic) await showReceipt(receipt);
  return receipt;
}

/** An untitled document to save or send: no copy is kept. */
async function showReceipt(receipt: ErasureReceipt): Promise<void> {
  const { endpoints } = receipt;
  const page = new PageWriter();
  const row = (name: string, value: Part | undefined): void => {
    if (value !== undefined) page.line(`- ${name}: `, value);
  };
  page.heading(1, vscode.l10n.t('Deletion receipt'));
  row(vscode.l10n.t('User'), receipt.userId);
  row(vscode.l10n.t('Project'), `${receipt.projectName ?? ''} (${receipt.projectId})`);
  row(vscode.l10n.t('Account'), `${receipt.account}, ${receipt.region}`);
  row(
    vscode.l10n.t('Service URL'),
    receipt.endpointUrl === undefined ? undefined : webLink(receipt.endpointUrl),
  );
  row(vscode.l10n.t('Requested'), receipt.asked);
  row(vscode.l10n.t('Deleted'), receipt.done);
  row(vscode.l10n.t('By'), receipt.by);
  row(
    vscode.l10n.t('Verified'),
    receipt.verified
      ? vscode.l10n.t('yes: the service no longer has endpoints of this user')
      : vscode.l10n.t('no: the service still returns endpoints of this user. Check again later.'),
  );
  page.heading(2, vscode.l10n.t('Endpoints: {0}', formatCount(endpoints.length)));
  page.line(`| ${vscode.l10n.t('Endpoint Id')} | ${vscode.l10n.t('Channel')} |`);
  page.line('| --- | --- |');
  for (const { id, channel } of endpoints) page.line(`| ${id.replaceAll('|', '\\|')} | ${channel} |`);
  page.line();
  page.line(
    vscode.l10n.t(
      "Exports in buckets and files on disk aren't deleted, and segments imported without registering endpoints keep their copies.",
    ),
  );
  const document = await vscode.workspace.openTextDocument({
    language: 'plaintext',
    content: page.page.text,
  });
  await vscode.window.showTextDocument(document);
}

async function choose(
  call: Invocation,
  what: 'endpoint' | 'user',
  title: string,
  services: Services,
): Promise<Place> {
  const given = textOf(call);
  const connection = await requireConnection(services, call);
  const project = await chooseProject(call, title, connection, services);
  if (given !== undefined) return { connection, project, id: given };
  if (!call.isInteractive) throw missing(`an ${what}`, `Pass the Id of the ${what} first.`);
  const id = await askOne(title, (asker) =>
    asker.input({
      prompt:
        what === 'endpoint'
          ? vscode.l10n.t('Endpoint Id in {0}', project.name)
          : vscode.l10n.t('User Id in {0}', project.name),
      check: (text) => (text === '' ? vscode.l10n.t('Enter an Id.') : undefined),
    }),
  );
  return { connection, project, id };
}
