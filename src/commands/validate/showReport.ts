import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { AudienceReport } from '../../endpoints/report/report.ts';
import { filesOf, type RunRecord } from '../../jobs/runs/runRecord.ts';
import { commandIds } from '../../host/commandIds.ts';
import { activeEndpointFile, localFiles } from '../../host/files.ts';
import { chooseUris, offerToSave } from '../prompts/chooseFiles.ts';
import { readOptions, urisOf, type Invocation } from '../framework/invocation.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';

type Services = Pick<CommandServices, 'checks' | 'reports'>;

export function reportCommands(services: Services): Pick<CommandTable, typeof commandIds.showReport> {
  return { [commandIds.showReport]: (call) => showReport(call, services) };
}

const extensions = ['csv', 'ndjson', 'jsonl', 'json', 'gz'];

/**
 * Shows the report of the files that the call names or its runs sent or downloaded, else of the active editor, else of the files checked last.
 * Options `markdown` and `json` are paths to write it to as well.
 */
async function showReport(call: Invocation, { checks, reports }: Services): Promise<AudienceReport> {
  const { markdown, json } = readOptions(call, { markdown: 'string', json: 'string' });
  const uris = await urisFor(call, checks);
  const files = await localFiles(uris);
  if (files.length > maxFiles) {
    throw new AudienceError(
      'bad-input',
      `Too many files for a report: ${files.length} of at most ${maxFiles}`,
      {
        help: 'Select fewer files, or a smaller folder.',
      },
    );
  }
  await offerToSave(call, files);
  const report = await reports.show(await localFiles(uris));
  if (markdown !== undefined) await reports.write(report, 'markdown', markdown);
  if (json !== undefined) await reports.write(report, 'json', json);
  return report;
}

async function urisFor(call: Invocation, checks: Services['checks']): Promise<readonly vscode.Uri[]> {
  const runs = call.targets.flatMap((target) => (target.kind === 'run' ? [target.run] : []));
  if (runs.length > 0) return urisOfRuns(runs);
  const isNamed = urisOf(call).length > 0 || activeEndpointFile() !== undefined;
  const checked = checks.results.map(({ file }) => file.uri);
  if (!isNamed && checked.length > 0) return checked;
  return chooseUris(call, vscode.l10n.t('Show Report'), extensions);
}

/** What the runs sent or downloaded, if it still exists. */
async function urisOfRuns(runs: readonly RunRecord[]): Promise<readonly vscode.Uri[]> {
  const paths = [...new Set(runs.flatMap(filesOf))];
  const isThere = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        (found) => found.isFile(),
        () => false,
      ),
    ),
  );
  const left = paths.filter((_, index) => isThere[index]);
  if (left.length === 0) {
    throw new AudienceError('not-found', 'The files of this run no longer exist', {
      help: 'They were moved or deleted. Select the files in their new location.',
    });
  }
  return left.map((path) => vscode.Uri.file(path));
}

/** The counts of all files are in memory at the same time. */
const maxFiles = 100;
