import * as vscode from 'vscode';
import { cancelled } from '../../errors.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { askInDialog } from '../../host/notifications.ts';

/** Name and value of a line in a confirmation; a line without a value is left out. */
export type Fact = readonly [name: string, value: string | undefined];

/**
 * One modal question before something is written outside; a warning only if something is overwritten or deleted.
 * Resolves with the chosen action; throws `cancelled()`.
 */
export async function confirm<A extends string>(
  question: string,
  facts: readonly Fact[],
  actions: readonly A[],
  severity: 'info' | 'warning' = 'info',
): Promise<A> {
  const lines = facts
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}: ${value ?? ''}`);
  const chosen = await askInDialog(severity, question, lines, ...actions);
  if (chosen === undefined) throw cancelled();
  return chosen;
}

/** Identity and region: the first lines of every confirmation. */
export function whoAndWhere({ identity, settings }: Connection): readonly Fact[] {
  return [
    [vscode.l10n.t('Account'), identity.account],
    [vscode.l10n.t('Identity'), identity.arn],
    [vscode.l10n.t('Region'), identity.region],
    [vscode.l10n.t('Service URL'), settings.endpointUrl],
  ];
}
