import * as vscode from 'vscode';
import { inert } from './inertText.ts';

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

/** What a document of the scheme is. Includes the connection, so that no document is saved to another account. */
export interface AudiencePlace {
  readonly connectionId: string;
  readonly projectId: string;
  readonly kind: AudienceKind;
  /** Of a version: the segment's id and the version, as in `0f…9a:3`. */
  readonly id: string;
  /** Shown by the tab; doesn't identify the document. */
  readonly title: string;
}

/** The URI of a document. The part before its name identifies it; the name is only for display. */
export function uriOf({ connectionId, projectId, kind, id, title }: AudiencePlace): vscode.Uri {
  const name = inert(title, 80).replaceAll(/[\\/?#%:*"<>|]/g, '-') || kind;
  return vscode.Uri.from({
    scheme: audienceScheme,
    authority: connectionId,
    path: `/${projectId}/${kind}/${encodeURIComponent(id)}/${name}${extensions[kind]}`,
  });
}

/** The document that a URI identifies; `undefined` for other URIs. */
export function parseAudienceUri(uri: vscode.Uri): AudiencePlace | undefined {
  const [, projectId, kind, id, name, ...rest] = uri.path.split('/');
  if (uri.scheme !== audienceScheme || rest.length > 0) return undefined;
  if (!projectId || !id || !name || kind === undefined || !Object.hasOwn(extensions, kind)) return undefined;
  const known = kind as AudienceKind;
  const decoded = decodedId(id);
  if (decoded === undefined) return undefined;
  return {
    connectionId: uri.authority,
    projectId,
    kind: known,
    id: decoded,
    title: name.slice(0, -extensions[known].length),
  };
}

/** `undefined` for text that isn't percent-encoded UTF-8. */
function decodedId(id: string): string | undefined {
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}

/** What saving a document would do. */
export interface RemoteChange {
  /** The question to confirm it, such as `Update endpoint 7?` */
  readonly question: string;
  /** What is set and removed, and what to be aware of. */
  readonly facts: readonly (readonly [name: string, value: string | undefined])[];
  /** The button. */
  readonly action: string;
  apply(): Promise<void>;
}

/** How to save if the service has a newer version. */
export type ConflictChoice = 'overwrite' | 'compare';
