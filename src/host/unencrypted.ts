import * as vscode from 'vscode';
import { askInDialog } from './notifications.ts';
import type { Memory } from './sessionMemory.ts';

/**
 * Asks once per host and workspace before requests go to a host unencrypted. Resolves with true if the person declines.
 */
export async function refusesUnencrypted(hosts: readonly string[], memory: Memory): Promise<boolean> {
  const known = memory.get('hosts.unencrypted') ?? [];
  const unknown = hosts.filter((host) => !known.includes(host));
  if (unknown.length === 0) return false;
  const connect = vscode.l10n.t('Connect Anyway');
  const answer = await askInDialog(
    'warning',
    vscode.l10n.t('Connect to {0} without encryption?', unknown.join(', ')),
    [
      vscode.l10n.t(
        'The service URL begins with http://. Others on the network can read and change what is sent: files, addresses and answers. Use https:// if the service has it.',
      ),
    ],
    connect,
  );
  if (answer !== connect) return true;
  await memory.set('hosts.unencrypted', [...known, ...unknown]);
  return false;
}
