import * as vscode from 'vscode';
import { AudienceError } from '../errors.ts';
import type { AudienceReport } from '../endpoints/report.ts';
import { commandIds } from '../host/commandIds.ts';
import { activeEndpointFile, localFiles } from '../host/files.ts';
import { chooseUris, offerToSave } from './choose.ts';
import { readOptions, urisOf, type Invocation } from './invocation.ts';
import type { CommandTable } from './register.ts';
import type { CommandServices } from './services.ts';

type Services = Pick<CommandServices, 'checks' | 'reports'>;

export function reportCommands(services: Services): Pick<CommandTable, typeof commandIds.showReport> {
  return { [commandIds.showReport]: (call) => showReport(call, services) };
}

const extensions = ['csv', 'ndjson', 'jsonl', 'json', 'gz'];

/**
 * Shows the report of the files that the call names, else of the active editor's, else of those that were checked last.
 * The options `markdown` and `json` are paths that it is written to as well.
 */
async function showReport(call: Invocation, { checks, reports }: Services): Promise<AudienceReport> {
  const { markdown, json } = readOptions(call, { markdown: 'string', json: 'string' });
  const isNamed = urisOf(call).length > 0 || activeEndpointFile() !== undefined;
  const checked = checks.results.map(({ file }) => file.uri);
  const uris =
    !isNamed && checked.length > 0
      ? checked
      : await chooseUris(call, vscode.l10n.t('Show Report'), extensions);
  const files = await localFiles(uris);
  if (files.length > mostFiles) {
    throw new AudienceError('bad-input', `A report takes ${mostFiles} files at most, not ${files.length}`, {
      help: 'Choose some of them, or a smaller folder.',
    });
  }
  await offerToSave(call, files);
  const report = await reports.show(await localFiles(uris));
  if (markdown !== undefined) await reports.write(report, 'markdown', markdown);
  if (json !== undefined) await reports.write(report, 'json', json);
  return report;
}

/** What is counted of each file is kept until all are counted. */
const mostFiles = 100;
