import * as vscode from 'vscode';
import type { EndpointService } from '../../aws/pinpoint/endpointService.ts';
import {
  changeOf,
  isObject,
  parseDocument,
  seen,
  type EndpointChange,
} from '../../endpoints/editing/endpointChange.ts';
import type { Endpoint } from '../../endpoints/model/endpointDefinition.ts';
import { badInput } from '../../errors.ts';
import type { AudiencePlace, RemoteChange } from '../../host/audiencePlaces.ts';
import { momentOf, textOf, type RemoteFile } from './remoteFile.ts';

/** One endpoint as an editable document. */
export function endpointFile(service: EndpointService, { projectId, id }: AudiencePlace): RemoteFile {
  return {
    read: async () => {
      const endpoint = await service.getEndpoint(projectId, id);
      return { text: textOf(endpoint), stamp: stampOf([endpoint]), modified: modifiedOf([endpoint]) };
    },
    plan: (before, text) => {
      const change = changeOf(JSON.parse(before.text) as Endpoint, parseDocument(text));
      if (!change) return undefined;
      return {
        question: vscode.l10n.t('Update endpoint {0}?', id),
        action: vscode.l10n.t('Update'),
        facts: factsOf([change]),
        apply: () => service.updateEndpoint(projectId, id, change.request),
      };
    },
    seen: (began, now) => ({
      ...now,
      text: textOf(seen(JSON.parse(began.text) as Endpoint, JSON.parse(now.text) as Endpoint)),
    }),
  };
}

/** All endpoints of a user as one document, an array. Each edited endpoint is updated separately. */
export function userFile(service: EndpointService, { projectId, id }: AudiencePlace): RemoteFile {
  return {
    read: async () => {
      const endpoints = await service.getUser(projectId, id);
      return { text: textOf(endpoints), stamp: stampOf(endpoints), modified: modifiedOf(endpoints) };
    },
    plan: (before, text) => {
      const changes = userChanges(JSON.parse(before.text) as Endpoint[], parseDocument(text));
      if (changes.length === 0) return undefined;
      return {
        question:
          changes.length === 1
            ? vscode.l10n.t('Update 1 endpoint of user {0}?', id)
            : vscode.l10n.t('Update {0} endpoints of user {1}?', changes.length, id),
        action: vscode.l10n.t('Update'),
        facts: factsOf(changes.map(({ change }) => change)),
        // Separate and idempotent: after a failure, saving again sends the remaining changes.
        apply: async () => {
          for (const { endpointId, change } of changes) {
            await service.updateEndpoint(projectId, endpointId, change.request);
          }
        },
      };
    },
    seen: (began, now) => {
      const before = new Map(
        (JSON.parse(began.text) as Endpoint[]).map((endpoint) => [endpoint.Id, endpoint]),
      );
      const endpoints = (JSON.parse(now.text) as Endpoint[]).map((endpoint) =>
        seen(before.get(endpoint.Id) ?? endpoint, endpoint),
      );
      return { ...now, text: textOf(endpoints) };
    },
  };
}

function userChanges(
  before: readonly Endpoint[],
  after: unknown,
): readonly { readonly endpointId: string; readonly change: EndpointChange }[] {
  if (!Array.isArray(after))
    throw badInput('The endpoints of a user must be an array', 'Put them in [ and ].');
  const edited = new Map(
    after.map((endpoint: unknown) => [isObject(endpoint) ? endpoint['Id'] : undefined, endpoint]),
  );
  if (
    after.length !== before.length ||
    edited.size !== before.length ||
    !before.every(({ Id }) => edited.has(Id))
  ) {
    throw badInput(
      'The array must keep the same endpoints, each with its Id',
      'To delete an endpoint, run "Delete Endpoint…"; to add one, import it.',
    );
  }
  return before.flatMap((endpoint) => {
    const change = changeOf(endpoint, edited.get(endpoint.Id));
    return change ? [{ endpointId: endpoint.Id, change }] : [];
  });
}

/** User attributes belong to the user: the service sets them for all endpoints of the user (Developer Guide, audience-define-user). */
function factsOf(changes: readonly EndpointChange[]): RemoteChange['facts'] {
  const set = [...new Set(changes.flatMap((change) => change.set))];
  const removed = [...new Set(changes.flatMap((change) => change.removed))];
  const isShared = [...set, ...removed].some((path) => path.startsWith('User.UserAttributes.'));
  return [
    [vscode.l10n.t('Sets'), set.join(', ')],
    [vscode.l10n.t('Removes'), removed.join(', ')],
    [
      vscode.l10n.t('Caution'),
      isShared ? vscode.l10n.t('user attributes change for every endpoint of the user') : undefined,
    ],
  ];
}

/** The whole content, since the time alone would miss changes within the same millisecond. */
function stampOf(endpoints: readonly Endpoint[]): string {
  return JSON.stringify(endpoints);
}

function modifiedOf(endpoints: readonly Endpoint[]): number {
  return Math.max(0, ...endpoints.map(({ EffectiveDate }) => momentOf(EffectiveDate)));
}
