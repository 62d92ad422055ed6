import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { AudienceError, cancelled } from '../../errors.ts';
import type { Comparison, Identity } from '../../endpoints/transform/comparisonResult.ts';
import { commandIds } from '../../host/commandIds.ts';
import { localFile, type LocalFile } from '../../host/files.ts';
import { baseName } from '../../host/format.ts';
import { withQuietProgress, type Work } from '../../host/progress.ts';
import { askOne, openDialog } from '../../host/prompts.ts';
import { chooseFiles, saveBefore } from '../prompts/chooseFiles.ts';
import { readOptions, type Invocation, missing } from '../framework/invocation.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { pageOf } from '../../pages/page.ts';

type Services = Pick<CommandServices, 'documents' | 'transforms'>;

export function compareCommands(services: Services): Pick<CommandTable, typeof commandIds.compareFiles> {
  return { [commandIds.compareFiles]: (call) => compare(call, services) };
}

/** Compares two files endpoint by endpoint. Of a program's files the first is the earlier one; of a person's, the older one. */
async function compare(call: Invocation, { documents, transforms }: Services): Promise<Comparison> {
  const options = readOptions(call, { by: 'string', show: 'boolean' });
  const pair = await saveBefore(
    call,
    await choosePair(call),
    vscode.l10n.t('The files on disk are compared.'),
  );
  const by = await chooseIdentity(call, options.by);
  const [before, after] = call.isProgrammatic ? pair : [...pair].sort((a, b) => a.modified - b.modified);
  const names = [baseName(before!.path), baseName(after!.path)] as const;

  const work: Work<Comparison> = (signal, report) =>
    transforms.run('compare', {
      before: before!.path,
      after: after!.path,
      by,
      signal,
      onProgress: report,
    });
  const title = vscode.l10n.t('Comparing {0} and {1}', ...names);
  const comparison = await withQuietProgress(title, work, undefined, call.signal);
  if (options.show ?? !call.isProgrammatic) {
    const { comparisonDocument } = await import('../../endpoints/transform/resultDocuments.ts');
    const name = vscode.l10n.t('Comparison of {0} and {1}', ...names);
    await documents.showPage(name, () => pageOf([comparisonDocument(comparison)]));
  }
  return comparison;
}

async function choosePair(call: Invocation): Promise<readonly LocalFile[]> {
  const files = await chooseFiles(call, vscode.l10n.t('Compare'));
  if (files.length > 2) {
    throw new AudienceError('bad-input', `Can't compare ${files.length} files`, {
      help: 'Select two files.',
    });
  }
  if (files.length === 2) return files;
  const [first] = files;
  if (!first || !call.isInteractive) {
    throw missing('a second file', 'Pass two files in an array, the earlier one first.');
  }
  const [second] = await openDialog({
    title: vscode.l10n.t('Compare {0} With', baseName(first.path)),
    openLabel: vscode.l10n.t('Compare'),
    defaultUri: vscode.Uri.file(dirname(first.path)),
    filters: { [vscode.l10n.t('Endpoint files')]: ['csv', 'ndjson', 'jsonl', 'json', 'gz'] },
  });
  if (!second) throw cancelled();
  return [first, await localFile(second)];
}

/** How to match records; `undefined` decides by the files. */
async function chooseIdentity(call: Invocation, given: string | undefined): Promise<Identity | undefined> {
  if (given !== undefined) {
    if (given === 'id' || given === 'address') return given;
    throw new AudienceError('bad-input', `Can't compare by "${given}"`, {
      help: 'Pass by: "id" or "address", or omit it to use Ids if all records have one.',
    });
  }
  if (!call.isInteractive) return undefined;
  return askOne(vscode.l10n.t('Compare'), (asker) =>
    asker.pick<Identity | undefined>({
      placeholder: vscode.l10n.t('How to match records'),
      choices: [
        {
          label: vscode.l10n.t('Automatic'),
          description: vscode.l10n.t('by Id if all records have one, else by channel and address'),
          value: undefined,
        },
        { label: vscode.l10n.t('Id'), value: 'id' },
        { label: vscode.l10n.t('Channel and address'), value: 'address' },
      ],
    }),
  );
}
