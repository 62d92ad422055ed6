import { lstatSync } from 'node:fs';
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path';
import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import type { Finding, ValidationResult } from '../../endpoints/rules/finding.ts';
import { fixableCodes, likelyFixes } from '../../endpoints/editing/fixes.ts';
import { isRuleCode, rules, type RuleCode } from '../../endpoints/rules/ruleTable.ts';
import type { FixedCopyReport } from '../../endpoints/transform/fixedCopy.ts';
import { commandIds } from '../../host/commandIds.ts';
import { allOrNone, localFile, type LocalFile } from '../../host/files.ts';
import { baseName, formatCount, plural } from '../../host/format.ts';
import { withQuietProgress, type Report, type Work } from '../../host/progress.ts';
import { askSteps, type Choice, type Step } from '../../host/prompts.ts';
import { chooseFiles, saveBefore } from '../prompts/chooseFiles.ts';
import { namesOne, readOptions, type Invocation } from '../framework/invocation.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { commandStep, notifyWithSteps, showInExplorerStep } from '../framework/nextSteps.ts';
import { pageOf } from '../../pages/page.ts';
import { getOwn } from '../../ownMember.ts';

/** What `writeFixedCopy` returns for a file. */
export interface FixedCopyResult {
  /** Paths of the copy, or of its parts if it is too large for an import. */
  readonly files: readonly string[];
  readonly report: FixedCopyReport;
  /** Findings in the copy: what couldn't be fixed. */
  readonly remaining: {
    readonly errors: number;
    readonly warnings: number;
    readonly infos: number;
    readonly counts: ValidationResult['counts'];
    /** The first places, in the copy. */
    readonly issues: readonly (Finding & { readonly file: string })[];
  };
}

type Services = Pick<CommandServices, 'checks' | 'documents' | 'transforms'>;

/** Which fixes to apply, and the path of the copy. */
interface FixOptions {
  readonly codes?: readonly RuleCode[] | undefined;
  readonly likely?: readonly RuleCode[] | undefined;
  readonly target?: string | undefined;
}

const extensions = ['csv', 'ndjson', 'jsonl', 'json', 'gz'];
/** Maximum number of remaining findings to list. */
const maxPlaces = 200;

export function fixedCopyCommands(services: Services): Pick<CommandTable, typeof commandIds.writeFixedCopy> {
  return { [commandIds.writeFixedCopy]: (call) => writeFixedCopies(call, services) };
}

/** One result if one file is named, an array for a list. */
async function writeFixedCopies(
  call: Invocation,
  services: Services,
): Promise<FixedCopyResult | readonly FixedCopyResult[] | undefined> {
  const given = readFixOptions(call);
  const chosen = await chooseFiles(call, vscode.l10n.t('Write Fixed Copy'), extensions);
  for (const file of chosen) checkExtension(file);
  if (given.target !== undefined && chosen.length > 1) {
    throw new AudienceError('bad-input', "Option target can't be used with several files", {
      help: 'Omit target, or pass one file.',
    });
  }
  const files = await saveBefore(call, chosen, vscode.l10n.t('The file on disk is copied.'));
  const options = call.isInteractive && !call.isProgrammatic ? await ask(files, given, services) : given;
  if (options === undefined) return undefined;
  const title = vscode.l10n.t('Writing a fixed copy of {0}', nameOf(files));
  const work: Work<readonly FixedCopyResult[]> = (signal, report) =>
    allOrNone(async (written) => {
      const results: FixedCopyResult[] = [];
      for (const [index, file] of files.entries()) {
        const step: Report = (done, total) => report(index + (total ? done / total : 0), files.length);
        results.push(await writeOne(file, options, services, signal, step, written));
      }
      return results;
    });
  const results = await withQuietProgress(title, work, undefined, call.signal);
  if (!call.isProgrammatic) notifyWritten(results, services);
  return namesOne(call) ? results[0]! : results;
}

async function writeOne(
  file: LocalFile,
  options: FixOptions,
  { transforms, checks }: Services,
  signal: AbortSignal,
  report: Report,
  written: string[],
): Promise<FixedCopyResult> {
  const { target, codes, likely } = options;
  const done = await transforms.run('fixedCopy', {
    source: file.path,
    codes,
    likely,
    target,
    onConflict: target === undefined ? 'number' : 'fail',
    signal,
    onProgress: (done, total) => report(done, 2 * total),
  });
  const files = done.outputs.map(({ path }) => path);
  written.push(...files);
  const copies = await Promise.all(files.map((path) => localFile(vscode.Uri.file(path))));
  const checked = await checks.check(copies, signal, (done, total = 1) => report(total + done, 2 * total));
  const counts: Partial<Record<RuleCode, number>> = {};
  const totals = { errors: 0, warnings: 0, infos: 0 };
  const issues: (Finding & { readonly file: string })[] = [];
  for (const { result, file: copy } of checked) {
    for (const [code, count] of Object.entries(result.counts) as [RuleCode, number][]) {
      counts[code] = (counts[code] ?? 0) + count;
    }
    totals.errors += result.errors;
    totals.warnings += result.warnings;
    totals.infos += result.infos;
    issues.push(...result.issues.slice(0, maxPlaces).map((issue) => ({ ...issue, file: copy.path })));
  }
  return {
    files,
    report: done,
    remaining: { ...totals, counts, issues: issues.slice(0, maxPlaces) },
  };
}

function checkExtension({ path }: LocalFile): void {
  if (extensions.includes(extname(path).slice(1).toLowerCase())) return;
  throw new AudienceError('bad-input', `Unsupported file type: ${baseName(path)}`, {
    help: 'Endpoint files end in .csv, .ndjson, .jsonl or .json, optionally followed by .gz.',
  });
}

function readFixOptions(call: Invocation): FixOptions {
  const { target } = readOptions(call, { target: 'string' });
  return { target, codes: readCodes(call, 'codes'), likely: readCodes(call, 'likely') };
}

function readCodes({ options }: Invocation, name: string): readonly RuleCode[] | undefined {
  const value = getOwn(options, name);
  if (value === undefined || value === null) return undefined;
  const isFixable = (code: unknown): code is RuleCode =>
    typeof code === 'string' && isRuleCode(code) && fixableCodes.includes(code);
  if (Array.isArray(value) && value.every(isFixable)) return value;
  throw new AudienceError('bad-input', `Option ${name} must be an array of codes of fixable rules`, {
    help: `Fixable rules: ${fixableCodes.join(', ')}.`,
  });
}

/** A fix that can be applied. */
interface Offer {
  readonly code: RuleCode;
  readonly isLikely: boolean;
}

interface FixAnswers {
  readonly chosen: readonly Offer[];
  readonly target: string | undefined;
}

/** Asks which fixes to apply, and for a single file the name of its copy; `undefined` if there is nothing to fix. */
async function ask(
  files: readonly LocalFile[],
  given: FixOptions,
  services: Services,
): Promise<FixOptions | undefined> {
  const counts = given.codes ? undefined : await countsOf(files, services);
  const offers = offersOf(counts);
  if (offers.length === 0 && !given.codes) {
    const text = vscode.l10n.t('{0}: nothing can be fixed automatically.', nameOf(files));
    void notify('info', text);
    return undefined;
  }
  const [only] = files;
  const steps: Step<FixAnswers>[] = [
    {
      skip: () => given.codes !== undefined,
      ask: async (asker, answers) => ({
        ...answers,
        chosen: await asker.pickMany<Offer>({
          placeholder: vscode.l10n.t('Select fixes to apply'),
          choices: offers.map((offer) => choiceOf(offer, counts?.[offer.code])),
        }),
      }),
    },
    {
      skip: () => given.target !== undefined || files.length > 1,
      ask: async (asker, answers) => {
        const folder = dirname(only!.path);
        const name = await asker.input({
          prompt: vscode.l10n.t('Name of the copy'),
          value: freeName(only!.path),
          check: (name) => nameProblem(folder, name),
        });
        return { ...answers, target: isAbsolute(name) ? name : resolve(folder, name) };
      },
    },
  ];
  const start: FixAnswers = { chosen: [], target: given.target };
  const { chosen, target } = await askSteps(vscode.l10n.t('Write Fixed Copy'), start, steps);
  if (given.codes) return { ...given, target };
  const codesOf = (isLikely: boolean): readonly RuleCode[] =>
    chosen.filter((offer) => offer.isLikely === isLikely).map(({ code }) => code);
  const likely = codesOf(true);
  return { codes: [...new Set([...codesOf(false), ...likely])], likely, target };
}

/** Counts of findings by rule, after validating changed files again; `undefined` if they aren't known before the copy. */
async function countsOf(
  files: readonly LocalFile[],
  { checks }: Services,
): Promise<ValidationResult['counts'] | undefined> {
  // Validation doesn't read compressed files.
  if (files.some(({ path }) => /\.gz$/i.test(path))) return undefined;
  const resultOf = ({ path, bytes, modified }: LocalFile): ValidationResult | undefined =>
    checks.results.find(
      ({ file }) => file.path === path && file.bytes === bytes && file.modified === modified,
    )?.result;
  const unchecked = files.filter((file) => !resultOf(file));
  if (unchecked.length > 0) {
    await withQuietProgress(vscode.l10n.t('Validating {0}', nameOf(unchecked)), (signal, report) =>
      checks.check(unchecked, signal, report),
    );
  }
  const results = files.map(resultOf);
  // The records of these files aren't validated.
  if (
    results.some((result) => !result || result.counts['file-json-array'] || result.counts['file-compressed'])
  ) {
    return undefined;
  }
  const counts: Partial<Record<RuleCode, number>> = {};
  for (const result of results) {
    for (const [code, count] of Object.entries(result!.counts) as [RuleCode, number][]) {
      counts[code] = (counts[code] ?? 0) + count;
    }
  }
  return counts;
}

function offersOf(counts: ValidationResult['counts'] | undefined): readonly Offer[] {
  const codes = fixableCodes.filter((code) => counts === undefined || (counts[code] ?? 0) > 0);
  return [
    ...codes.map((code) => ({ code, isLikely: false })),
    ...codes.filter((code) => likelyFixes.includes(code)).map((code) => ({ code, isLikely: true })),
  ];
}

function choiceOf(offer: Offer, count: number | undefined): Choice<Offer> {
  const { code, isLikely } = offer;
  const { title } = rules[code];
  return {
    label: isLikely ? vscode.l10n.t('{0}, including likely fixes', title) : title,
    description: count === undefined ? code : vscode.l10n.t('{0} · {1} found', code, formatCount(count)),
    picked: !isLikely,
    value: offer,
  };
}

/** `customers.fixed.csv`, or with the first free number. */
function freeName(path: string): string {
  const [, base = '', extension = '.ndjson'] =
    /^(.*?)(\.(?:csv|ndjson|jsonl|json))?(?:\.gz)?$/is.exec(basename(path)) ?? [];
  for (let number = 1; ; number++) {
    const name = `${base}.fixed${number === 1 ? '' : `-${number}`}${extension}`;
    if (!isTaken(join(dirname(path), name))) return name;
  }
}

/** A symbolic link counts, too, even a broken one. */
function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function nameProblem(folder: string, name: string): string | undefined {
  if (name === '') return vscode.l10n.t('Enter a name.');
  return isTaken(resolve(folder, name))
    ? vscode.l10n.t('{0} already exists. Enter another name.', baseName(name))
    : undefined;
}

function nameOf(files: readonly LocalFile[]): string {
  return files.length === 1 ? baseName(files[0]!.path) : plural(files.length, '1 file', '{0} files');
}

/** Notifies of what was fixed and what remains, with buttons for the next steps. */
function notifyWritten(results: readonly FixedCopyResult[], { documents }: Services): void {
  const files = results.flatMap((result) => result.files);
  const sum = (count: (result: FixedCopyResult) => number): number =>
    results.reduce((total, result) => total + count(result), 0);
  const fixed = sum(({ report }) => report.fixed.reduce((total, { count }) => total + count, 0));
  const errors = sum(({ remaining }) => remaining.errors);
  const others = sum(({ remaining }) => remaining.warnings + remaining.infos);
  const what = files.length === 1 ? baseName(files[0]!) : plural(files.length, '1 file', '{0} files');
  const rest =
    errors + others === 0
      ? vscode.l10n.t('No problems remain.')
      : vscode.l10n.t(
          'Remaining: {0}.',
          [
            errors > 0 && plural(errors, '1 error', '{0} errors'),
            others > 0 && plural(others, '1 other problem', '{0} other problems'),
          ]
            .filter((part) => part !== false)
            .join(', '),
        );
  const first = vscode.Uri.file(files[0]!);
  const uris = files.map((path) => vscode.Uri.file(path));
  const offers = [
    { title: vscode.l10n.t('Show Changes'), run: () => showChanges(results, documents) },
    showInExplorerStep(first),
    errors === 0 && commandStep(vscode.l10n.t('Import…'), commandIds.importFile, first, uris),
  ];
  const text = plural(
    fixed,
    'Wrote {1}. Fixed 1 problem. {2}',
    'Wrote {1}. Fixed {0} problems. {2}',
    what,
    rest,
  );
  const severity = errors > 0 ? 'warning' : 'info';
  notifyWithSteps(
    severity,
    text,
    offers.filter((offer) => offer !== false),
  );
}

async function showChanges(
  results: readonly FixedCopyResult[],
  documents: Services['documents'],
): Promise<void> {
  const { fixedCopyDocument } = await import('../../endpoints/transform/resultDocuments.ts');
  const name = vscode.l10n.t('Fixes in {0}', baseName(results[0]!.report.source));
  const pages = results.map(({ report, remaining }) => fixedCopyDocument(report, remaining));
  await documents.showPage(name, () => pageOf(pages));
}
