import { isCancelled } from '../errors.ts';
import type { ValidationResult } from '../endpoints/rules/finding.ts';
import type { FileType } from '../endpoints/model/fileType.ts';
import { fixableCodes } from '../endpoints/editing/fixes.ts';
import { isRuleCode, type RuleCode } from '../endpoints/rules/ruleTable.ts';
import { writeFixedCopy, type FixedCopyReport } from '../endpoints/transform/fixedCopy.ts';
import { createValidator } from '../endpoints/validation/validator.ts';
import type { ColumnTrouble } from '../endpoints/transform/columns.ts';
import { printHelp, printJson, printLines } from '../terminal.ts';
import { counted } from './counted.ts';
import {
  badUsage,
  outputOptions,
  outputUsage,
  readArguments,
  readFormat,
  readOutput,
  readType,
} from './options.ts';
import { stoppedCode } from './exitCodes.ts';
import { exitCodeOf, workerFile } from './validateCommand.ts';
import { stopSignals } from './stopSignals.ts';

const usage = `Usage: pinpoint-audience fix FILE [options]

Writes a copy of an endpoint file of any size with every certain fix applied, and prints what was fixed and what remains.
The file itself isn't changed, and no file is overwritten. Compressed files are unpacked; a copy that is too large for an
import is split.

Options:
  -o, --output FILE      Where to write the copy (default: beside the file, as NAME.fixed.csv)
  --type csv|ndjson      Format (default: by the name, .csv is CSV, everything else NDJSON)
  --codes CODE,CODE      Fix only findings of these rules
  --likely CODE,CODE     Also apply the likely fixes of these rules
  --format text|json     Format of the summary (default: text)
${outputUsage}  --help                 Show this help

Exit codes: 0 no errors remain, 1 errors remain, 2 no copy was written or bad usage,
130 stopped by Ctrl-C
`;

interface Options {
  readonly file: string;
  readonly output: string | undefined;
  readonly type: FileType | undefined;
  readonly codes: readonly RuleCode[] | undefined;
  readonly likely: readonly RuleCode[] | undefined;
  readonly format: 'text' | 'json';
  readonly unzipLimit: number;
}

/**
 * Runs `fix`. Ctrl-C leaves no file behind.
 *
 * @returns the exit code
 * @throws AudienceError `bad-input` for bad usage, or what `writeFixedCopy` throws
 */
export async function fixCommand(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options === 'help') {
    printHelp(usage);
    return 0;
  }
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const signal of stopSignals) process.once(signal, stop);
  const { file, output, type, codes, likely, unzipLimit } = options;
  const { signal } = controller;
  const copy = { source: file, target: output, type, codes, likely, unzipLimit, signal };
  const report = await writeFixedCopy(copy).catch((error: unknown) => {
    if (isCancelled(error)) return undefined;
    throw error;
  });
  if (report === undefined) return stoppedCode;
  const remaining = await validateAll(report, type);
  if (options.format === 'json') printJson(jsonOf(report, remaining));
  else await printLines(linesOf(report, remaining));
  return Math.max(0, ...remaining.map(exitCodeOf));
}

async function validateAll(
  { outputs }: FixedCopyReport,
  type: FileType | undefined,
): Promise<readonly ValidationResult[]> {
  const validator = createValidator({ workerFile: workerFile() });
  try {
    const results: ValidationResult[] = [];
    for (const { path } of outputs) results.push(await validator.file(path, { type }));
    return results;
  } finally {
    await validator.dispose();
  }
}

function readOptions(args: string[]): Options | 'help' {
  const { values, positionals } = readArguments('fix', args, {
    output: { type: 'string', short: 'o' },
    type: { type: 'string' },
    codes: { type: 'string' },
    likely: { type: 'string' },
    format: { type: 'string' },
    ...outputOptions,
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help === true) return 'help';
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw badUsage('fix', 'Specify one file');
  const type = readType('fix', values.type);
  const format = readFormat('fix', values.format);
  const codes = readCodes('--codes', values.codes);
  const likely = readCodes('--likely', values.likely);
  const unzipLimit = readOutput('fix', values);
  return { file, output: values.output, type, codes, likely, format, unzipLimit };
}

function readCodes(option: string, text: string | undefined): readonly RuleCode[] | undefined {
  const codes = text?.split(',').map((code) => code.trim());
  const unknown = codes?.find((code) => !isRuleCode(code) || !fixableCodes.includes(code));
  if (unknown !== undefined) {
    throw badUsage('fix', `${option}: "${unknown}" has no fix. Rules with fixes: ${fixableCodes.join(', ')}`);
  }
  return codes as readonly RuleCode[] | undefined;
}

/** Totals by code, over all parts. */
function countsOf(results: readonly ValidationResult[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const result of results) {
    for (const [code, count] of Object.entries(result.counts))
      counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return counts;
}

function linesOf(report: FixedCopyReport, remaining: readonly ValidationResult[]): readonly string[] {
  const { outputs, fixed, changedLines, left } = report;
  const row = (count: number, code: string, lines: readonly number[] = []): string => {
    const where = lines.length === 0 ? '' : ` (line ${lines.join(', ')}${lines.length < count ? ', …' : ''})`;
    return `  ${String(count).padStart(10)}  ${code}${where}`;
  };
  const counts = countsOf(remaining);
  const total = fixed.reduce((sum, { count }) => sum + count, 0);
  return [
    ...outputs.map(({ path, records }) => `${path}: ${counted(records, 'record')}`),
    fixed.length === 0
      ? 'Nothing to fix'
      : `Fixed ${counted(total, 'problem')} in ${counted(changedLines, 'line')}:`,
    ...fixed.map(({ code, count, lines }) => row(count, code, lines)),
    counts.size === 0 ? 'No problems remain' : 'Remaining:',
    ...[...counts].map(([code, count]) => row(count, code)),
    ...(left
      ? [`Not fixed: ${left.codes.join(', ')}, because of ${reasons[left.reason]} in line ${left.line}`]
      : []),
  ];
}

const reasons: Readonly<Record<ColumnTrouble, string>> = {
  quote: 'a misplaced quote',
  cells: 'a different number of cells than in the header',
};

function jsonOf(
  { outputs, records, fixed, changedLines, left }: FixedCopyReport,
  remaining: readonly ValidationResult[],
): object {
  const files = outputs.map(({ path }) => path);
  const counts = Object.fromEntries(countsOf(remaining));
  return { files, records, changedLines, fixed, left, remaining: counts };
}
