import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import { limits } from '../../endpoints/model/attributes.ts';
import type { SplitOptions } from '../../endpoints/transform/split.ts';
import type { TransformOptions, TransformReport } from '../../endpoints/transform/transform.ts';
import { commandIds } from '../../host/commandIds.ts';
import { allOrNone, type LocalFile } from '../../host/files.ts';
import { baseName, formatBytes, formatCount, plural } from '../../host/format.ts';
import { withQuietProgress, type Report, type Work } from '../../host/progress.ts';
import { askSteps } from '../../host/prompts.ts';
import { chooseFiles, saveBefore } from '../prompts/chooseFiles.ts';
import { namesOne, readOptions, type Invocation } from '../framework/invocation.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notifyWithSteps, showInExplorerStep } from '../framework/nextSteps.ts';
import { pageOf } from '../../pages/page.ts';
import { openIfSmall } from '../framework/openIfSmall.ts';

/** The result of these commands for a file. */
export interface TransformResult {
  /** Paths of the files written. */
  readonly files: readonly string[];
  readonly report: TransformReport;
}

type Services = Pick<CommandServices, 'documents' | 'transforms'>;
type Ids = Pick<typeof commandIds, 'convertFile' | 'toNdjson' | 'makeImportable' | 'splitFile'>;

/** A way to write files from a file. */
interface Kind {
  readonly openLabel: string;
  /** Extensions of the files that it accepts. */
  readonly extensions: readonly string[];
  /** What to do about other files. */
  readonly help: string;
  readonly progress: (files: string) => string;
  /** Prompts for missing options, and resolves with the transform. */
  readonly prepare: (call: Invocation) => Promise<Transform>;
}

type Transform = (options: TransformOptions) => Promise<TransformReport>;

const endpointFiles = ['csv', 'ndjson', 'jsonl', 'json'];
const anyEndpointFile = 'Endpoint files end in .csv, .ndjson, .jsonl or .json.';

export function transformCommands(services: Services): Pick<CommandTable, Ids[keyof Ids]> {
  const { transforms } = services;
  const running = (task: 'convert' | 'jsonToLines' | 'makeImportable') => (): Promise<Transform> =>
    Promise.resolve((options) => transforms.run(task, options));
  const handler = (kind: Kind) => (call: Invocation) => transformFiles(call, kind, services);
  return {
    [commandIds.convertFile]: handler({
      openLabel: vscode.l10n.t('Convert'),
      extensions: endpointFiles,
      help: anyEndpointFile,
      progress: (files) => vscode.l10n.t('Converting {0}', files),
      prepare: running('convert'),
    }),
    [commandIds.toNdjson]: handler({
      openLabel: vscode.l10n.t('To NDJSON'),
      extensions: ['json', 'ndjson', 'jsonl'],
      help: 'Select a JSON file, or use Convert for CSV.',
      progress: (files) => vscode.l10n.t('Writing {0} as one object per line', files),
      prepare: running('jsonToLines'),
    }),
    [commandIds.makeImportable]: handler({
      openLabel: vscode.l10n.t('Make Importable'),
      extensions: ['gz', ...endpointFiles],
      help: 'Select an export: a .gz file, or an unpacked .ndjson, .jsonl, .json or .csv file.',
      progress: (files) => vscode.l10n.t('Making {0} importable', files),
      prepare: running('makeImportable'),
    }),
    [commandIds.splitFile]: handler({
      openLabel: vscode.l10n.t('Split'),
      extensions: endpointFiles,
      help: anyEndpointFile,
      progress: (files) => vscode.l10n.t('Splitting {0}', files),
      prepare: async (call) => {
        const parts = await choosePartSize(call);
        return (options) => transforms.run('split', { ...options, ...parts });
      },
    }),
  };
}

/** One result if one file is named, an array for a list. */
async function transformFiles(
  call: Invocation,
  kind: Kind,
  services: Services,
): Promise<TransformResult | readonly TransformResult[]> {
  const chosen = await chooseFiles(call, kind.openLabel, kind.extensions);
  for (const file of chosen) checkExtension(file, kind);
  const files = await saveBefore(call, chosen, vscode.l10n.t('The file on disk is read.'));
  const transform = await kind.prepare(call);
  const title = kind.progress(nameOf(files.map(({ path }) => path)));
  const work: Work<readonly TransformReport[]> = (signal, report) =>
    transformAll(files, transform, signal, report);
  const reports = await withQuietProgress(title, work, undefined, call.signal);
  if (!call.isProgrammatic) await notifyWritten(reports, services);
  const results = reports.map((report) => ({ files: pathsOf(report), report }));
  return namesOne(call) ? results[0]! : results;
}

/** Splits a file into parts that an import job accepts, beside it. Resolves with their paths. */
export async function splitForImport(
  file: LocalFile,
  { transforms }: Pick<CommandServices, 'transforms'>,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const split: Transform = (options) => transforms.run('split', { ...options, ...importable });
  const work: Work<readonly TransformReport[]> = (cancelled, report) =>
    transformAll([file], split, cancelled, report);
  const title = vscode.l10n.t('Splitting {0}', baseName(file.path));
  const reports = await withQuietProgress(title, work, undefined, signal);
  return reports.flatMap(pathsOf);
}

function checkExtension(file: LocalFile, { extensions, help }: Kind): void {
  const extension = /\.([^.]*)$/.exec(file.path.replace(/\.gz$/i, ''))?.[1]?.toLowerCase() ?? '';
  const isPacked = /\.gz$/i.test(file.path);
  if (extensions.includes(extension) || (isPacked && extensions.includes('gz'))) return;
  throw new AudienceError('bad-input', `Unsupported file type: ${baseName(file.path)}`, { help });
}

function transformAll(
  files: readonly LocalFile[],
  transform: Transform,
  signal: AbortSignal,
  report: Report,
): Promise<readonly TransformReport[]> {
  return allOrNone(async (written) => {
    const reports: TransformReport[] = [];
    for (const [index, { path }] of files.entries()) {
      const onProgress = (done: number, total: number): void =>
        report(index + (total > 0 ? done / total : 0), files.length);
      const done = await transform({ source: path, onConflict: 'number', signal, onProgress });
      reports.push(done);
      written.push(...pathsOf(done));
    }
    return reports;
  });
}

function nameOf(paths: readonly string[]): string {
  return paths.length === 1 ? baseName(paths[0]!) : plural(paths.length, '1 file', '{0} files');
}

function pathsOf({ outputs }: TransformReport): readonly string[] {
  return outputs.map(({ path }) => path);
}

type PartSize = Pick<SplitOptions, 'maxBytes' | 'maxRecords'>;

interface PartSizeAnswers {
  readonly by: 'import' | 'size' | 'records';
  readonly size: PartSize;
}

/** The limit of an import job by either reading of "1 GB" (Developer Guide, Quotas). */
const importable: PartSize = { maxBytes: limits.fileBytesWarning - 1 };

/** The size of parts: from options, else prompted for, else the limit of an import job. */
async function choosePartSize(call: Invocation): Promise<PartSize> {
  const given = readOptions(call, { maxBytes: 'number', maxRecords: 'number' });
  if (given.maxBytes !== undefined || given.maxRecords !== undefined) return given;
  if (!call.isInteractive) return importable;

  const standard: PartSizeAnswers = { by: 'import', size: importable };
  const { size } = await askSteps(vscode.l10n.t('Split'), standard, [
    {
      ask: async (asker) => ({
        size: importable,
        by: await asker.pick<PartSizeAnswers['by']>({
          placeholder: vscode.l10n.t('Maximum size of a part'),
          choices: [
            {
              label: vscode.l10n.t('Below {0}', formatBytes(limits.fileBytesWarning)),
              description: vscode.l10n.t('limit of an import job'),
              value: 'import',
            },
            { label: vscode.l10n.t('By size…'), value: 'size' },
            { label: vscode.l10n.t('By number of records…'), value: 'records' },
          ],
        }),
      }),
    },
    {
      skip: ({ by }) => by !== 'size',
      ask: async (asker, { by }) => {
        const text = await asker.input({
          prompt: vscode.l10n.t('Maximum size of a part'),
          placeholder: '100 MB',
          check: (text) =>
            parseBytes(text) === undefined ? vscode.l10n.t('Enter a size, such as 100 MB.') : undefined,
        });
        return { by, size: { maxBytes: parseBytes(text)! } };
      },
    },
    {
      skip: ({ by }) => by !== 'records',
      ask: async (asker, { by }) => {
        const text = await asker.input({
          prompt: vscode.l10n.t('Maximum records per part'),
          placeholder: '100000',
          check: (text) =>
            /^0*[1-9]\d*$/.test(text) ? undefined : vscode.l10n.t('Enter a number of 1 or more.'),
        });
        return { by, size: { maxRecords: Number(text) } };
      },
    },
  ]);
  return size;
}

/** Bytes of a text such as `100 MB`, in powers of 1000; `undefined` if it isn't a size of at least one byte. */
function parseBytes(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)b?$/i.exec(text.trim()) ?? [];
  if (count === undefined) return undefined;
  const bytes = Math.floor(Number(count) * 1000 ** ' kmgt'.indexOf(unit.toLowerCase() || ' '));
  return bytes >= 1 ? bytes : undefined;
}

/** Notifies of what was written and what was lost or changed, with buttons to open the results. */
async function notifyWritten(reports: readonly TransformReport[], { documents }: Services): Promise<void> {
  const paths = reports.flatMap(pathsOf);
  const first = vscode.Uri.file(paths[0]!);
  const isOpen = await openIfSmall(paths);
  const records = reports.reduce((sum, report) => sum + report.records, 0);
  const isDifferent = reports.some(({ notes }) => notes.length > 0);
  const offers = [
    paths.length === 1 &&
      !isOpen && {
        title: vscode.l10n.t('Open'),
        run: () => vscode.commands.executeCommand('vscode.open', first),
      },
    showInExplorerStep(first),
    isDifferent && { title: vscode.l10n.t('Show Changes'), run: () => showChanges(reports, documents) },
  ];
  const text = [
    plural(records, 'Wrote {1}, 1 record.', 'Wrote {1}, {0} records.', nameOf(paths)),
    ...differences(reports),
  ].join(' ');
  notifyWithSteps(
    'info',
    text,
    offers.filter((offer) => offer !== false),
  );
}

/** How much was lost or changed, as counts only. */
function differences(reports: readonly TransformReport[]): readonly string[] {
  const notes = reports.flatMap((report) => report.notes);
  if (notes.length === 0) return [vscode.l10n.t('Nothing was lost or changed.')];
  const count = (effect: string): number =>
    notes.filter((note) => note.effect === effect).reduce((sum, note) => sum + note.count, 0);
  const counts = [
    [count('dropped'), vscode.l10n.t('Left out: {0}.', formatCount(count('dropped')))],
    [count('changed'), vscode.l10n.t('Changed: {0}.', formatCount(count('changed')))],
    [count('kept'), vscode.l10n.t('Kept, but an import may reject it: {0}.', formatCount(count('kept')))],
  ] as const;
  return counts.filter(([number]) => number > 0).map(([, text]) => text);
}

async function showChanges(
  reports: readonly TransformReport[],
  documents: Services['documents'],
): Promise<void> {
  const { transformDocument } = await import('../../endpoints/transform/resultDocuments.ts');
  const name = vscode.l10n.t('Changes in {0}', baseName(reports[0]!.source));
  await documents.showPage(name, () => pageOf(reports.map(transformDocument)));
}
