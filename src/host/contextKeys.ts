import * as vscode from 'vscode';

/** The keys that `when` clauses of package.json read, all below `pinpointAudience.`. */
interface ContextKeys {
  connection: 'none' | 'connecting' | 'connected' | 'failed';
  /** The service rejects the credentials of the connection. */
  signInNeeded: boolean;
  sandboxRunning: boolean;
  /** The connected account has no project in this region. */
  noProjects: boolean;
  /** `staging.bucket` is set. */
  hasBucket: boolean;
  hasRuns: boolean;
  /** A file of the workspace declares mirrors. */
  hasMirrors: boolean;
  /** The Jobs view shows only some of the runs. */
  jobsFiltered: boolean;
  /** A completed export can be downloaded. */
  hasExports: boolean;
}

const known = new Map<string, unknown>();

/** Sets a context key, unless it already has this value. */
export function setContext<K extends keyof ContextKeys>(key: K, value: ContextKeys[K]): void {
  if (known.get(key) === value) return;
  known.set(key, value);
  void vscode.commands.executeCommand('setContext', `pinpointAudience.${key}`, value);
}
