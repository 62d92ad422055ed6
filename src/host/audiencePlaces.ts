import * as vscode from 'vscode';

/** The scheme of documents that the service holds: endpoints, users, segments. */
export const audienceScheme = 'pinpoint-audience';

const extensions = {
  endpoints: '.pinpoint-endpoint.json',
  users: '.pinpoint-user.json',
  segments: '.segment.json',
  versions: '.segment.json',
  drafts: '.segment.json',
} as const;

export type AudienceKind = keyof typeof extensions;

/** What a document of the scheme stands for. The connection is a part of it, so that none is saved to another account. */
export interface AudiencePlace {
  readonly connectionId: string;
  readonly projectId: string;
  readonly kind: AudienceKind;
  /** Of a version: the segment's id and the version, as in `0f…9a:3`. */
  readonly id: string;
  /** What the tab shows; finds nothing. */
  readonly title: string;
}

/** The address of a document; the part before its name finds what it stands for, whatever it is named. */
export function uriOf({ connectionId, projectId, kind, id, title }: AudiencePlace): vscode.Uri {
  const name = title.replaceAll(/[\p{Control}\\/?#%:*"<>|]/gu, '-').slice(0, 80) || kind;
  return vscode.Uri.from({
    scheme: audienceScheme,
    authority: connectionId,
    path: `/${projectId}/${kind}/${encodeURIComponent(id)}/${name}${extensions[kind]}`,
  });
}

/** What an address stands for; `undefined` where it is none of ours. */
export function placeOf(uri: vscode.Uri): AudiencePlace | undefined {
  const [, projectId, kind, id, name, ...rest] = uri.path.split('/');
  if (uri.scheme !== audienceScheme || rest.length > 0) return undefined;
  if (!projectId || !id || !name || kind === undefined || !Object.hasOwn(extensions, kind)) return undefined;
  const known = kind as AudienceKind;
  return {
    connectionId: uri.authority,
    projectId,
    kind: known,
    id: decodeURIComponent(id),
    title: name.slice(0, -extensions[known].length),
  };
}

/** What saving a document would do. */
export interface RemoteChange {
  /** The question before it is done, such as `Update the endpoint 7?` */
  readonly question: string;
  /** What is set, what is taken away, what to know. */
  readonly facts: readonly (readonly [name: string, value: string | undefined])[];
  /** The button. */
  readonly action: string;
  /** Does it. */
  apply(): Promise<void>;
}

/** How to save if the service has a newer version. */
export type ConflictChoice = 'overwrite' | 'compare';
