import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import { mirrorsFile, type MirrorDeclaration } from '../../jobs/mirror/mirrorDeclaration.ts';
import { declaringFiles } from '../../host/mirrorFiles.ts';
import { askOne } from '../../host/prompts.ts';
import { textOf, type Invocation, missing } from '../framework/invocation.ts';

export interface DeclaredMirror {
  readonly declaration: MirrorDeclaration;
  readonly declaredIn: string;
}

/** Every mirror of the workspace. Rejects if a declaring file can't be read, or there is none. */
export async function allDeclared(): Promise<readonly DeclaredMirror[]> {
  const { all, unreadable } = await readDeclarations();
  if (unreadable.length > 0) throw unreadable[0];
  if (all.length > 0) return all;
  throw new AudienceError('not-found', `No mirror declared in ${mirrorsFile}`, {
    help: 'Run "Pinpoint Audience: Edit Mirrors" to create one.',
  });
}

/** What the workspace declares, and why some of it can't be read. */
async function readDeclarations(): Promise<{
  readonly all: readonly DeclaredMirror[];
  readonly unreadable: readonly unknown[];
}> {
  if (!vscode.workspace.isTrusted) {
    throw new AudienceError('bad-input', "Mirrors don't run in Restricted Mode", {
      help: 'Trust the workspace, or import the file.',
    });
  }
  const all: DeclaredMirror[] = [];
  const unreadable: unknown[] = [];
  for (const { uri, mirrors, error } of await declaringFiles()) {
    if (!mirrors) unreadable.push(error);
    else all.push(...mirrors.map((declaration) => ({ declaration, declaredIn: uri.fsPath })));
  }
  return { all, unreadable };
}

/** The mirrors to act on: selected in the tree, named, the only one, or prompted for. */
export async function chooseMirrors(call: Invocation): Promise<readonly DeclaredMirror[]> {
  const { all: readable } = await readDeclarations();
  const selected = call.targets.flatMap((target) =>
    target.kind === 'mirror'
      ? readable.filter((one) => one.declaredIn === target.declaredIn && one.declaration.name === target.name)
      : [],
  );
  if (selected.length > 0) return selected;
  const name = textOf(call);
  const named = readable.filter(({ declaration }) => declaration.name === name);
  if (named.length > 0) return named;
  const all = await allDeclared();
  if (name !== undefined) {
    throw new AudienceError('not-found', `Unknown mirror: ${name}`, {
      help: `Declared: ${all.map(({ declaration }) => declaration.name).join(', ')}.`,
    });
  }
  if (all.length === 1) return all;
  if (!call.isInteractive) throw missing('a mirror', 'Pass its name.');
  return askOne(vscode.l10n.t('Mirror'), async (asker) => [
    await asker.pick({
      placeholder: vscode.l10n.t('Select a mirror'),
      choices: all.map((value) => ({
        label: value.declaration.name,
        description: value.declaration.source,
        detail: `${value.declaration.project} · ${value.declaration.segment}`,
        value,
      })),
    }),
  ]);
}
