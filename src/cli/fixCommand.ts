import { isCancelled } from '../errors.ts';
import type { FileType, ValidationResult } from '../endpoints/rules/finding.ts';
import { fixableCodes } from '../endpoints/editing/fixes.ts';
import { isRuleCode, type RuleCode } from '../endpoints/rules/rules.ts';
import { writeFixedCopy, type FixedCopyReport } from '../endpoints/transform/fixedCopy.ts';
import { createValidator } from '../endpoints/validation/validator.ts';
import { badUsage, readArguments } from './options.ts';
import { workerFile } from './validateCommand.ts';

const usage = `Usage: pinpoint-audience fix FILE [options]

Writes a copy of an endpoint file of any size in which everything is put right whose fix is certain, and says what it
changed and what remains. The file itself stays as it is, and no other is overwritten. Compressed files are unpacked; a
copy that would be too large for an import is split.

Options:
  -o, --output FILE      Where the copy goes (default: beside the file, as NAME.fixed.csv)
  --type csv|ndjson      Format; otherwise by the name: .csv is CSV, everything else NDJSON
  --codes CODE,CODE      Put only findings of these rules right
  --likely CODE,CODE     Of these rules, also do what is only likely to be meant
  --format text|json     How to say what was done (default: text)
  --help                 Show this

Exit codes: 0 no errors remain, 1 errors remain, 2 no copy was written or bad usage,
130 stopped by Ctrl-C
`;

/** The exit code that shells know for it. */
const interrupted = 130;

interface Options {
  readonly file: string;
  readonly output: string | undefined;
  readonly type: FileType | undefined;
  readonly codes: readonly RuleCode[] | undefined;
  readonly likely: readonly RuleCode[] | undefined;
  readonly format: 'text' | 'json';
}

/**
 * `pinpoint-audience fix`. Ctrl-C leaves nothing behind.
 *
 * @returns the exit code
 * @throws AudienceError `bad-input` for bad usage, or what `writeFixedCopy` throws
 */
export async function fixCommand(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
  const { file, output, type, codes, likely } = options;
  const { signal } = controller;
  const copy = { source: file, target: output, type, codes, likely, signal };
  const report = await writeFixedCopy(copy).catch((error: unknown) => {
    if (isCancelled(error)) return undefined;
    throw error;
  });
  if (report === undefined) return interrupted;
  const remaining = await validateAll(report, type);
  process.stdout.write(options.format === 'json' ? jsonOf(report, remaining) : textOf(report, remaining));
  return remaining.some(({ errors }) => errors > 0) ? 1 : 0;
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
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help === true) return 'help';
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw badUsage('fix', 'Name one file');
  const { type, format = 'text' } = values;
  if (type !== undefined && type !== 'csv' && type !== 'ndjson') {
    throw badUsage('fix', `--type is csv or ndjson, not "${type}"`);
  }
  if (format !== 'text' && format !== 'json')
    throw badUsage('fix', `--format is text or json, not "${format}"`);
  const codes = readCodes('--codes', values.codes);
  const likely = readCodes('--likely', values.likely);
  return { file, output: values.output, type, codes, likely, format };
}

function readCodes(option: string, text: string | undefined): readonly RuleCode[] | undefined {
  const codes = text?.split(',').map((code) => code.trim());
  const unknown = codes?.find((code) => !isRuleCode(code) || !fixableCodes.includes(code));
  if (unknown !== undefined) {
    throw badUsage('fix', `${option}: "${unknown}" has no fix. There are: ${fixableCodes.join(', ')}`);
  }
  return codes as readonly RuleCode[] | undefined;
}

/** True totals by code, over all parts. */
function countsOf(results: readonly ValidationResult[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const result of results) {
    for (const [code, count] of Object.entries(result.counts))
      counts.set(code, (counts.get(code) ?? 0) + count);
  }
  return counts;
}

function textOf(report: FixedCopyReport, remaining: readonly ValidationResult[]): string {
  const { outputs, fixed, changedLines, left } = report;
  const row = (count: number, code: string, lines: readonly number[] = []): string => {
    const where = lines.length === 0 ? '' : ` (line ${lines.join(', ')}${lines.length < count ? ', …' : ''})`;
    return `  ${String(count).padStart(10)}  ${code}${where}\n`;
  };
  const counts = countsOf(remaining);
  return [
    ...outputs.map(({ path, records }) => `${path}: ${records} record${records === 1 ? '' : 's'}\n`),
    fixed.length === 0 ? 'Nothing was put right\n' : `Put right, in ${changedLines} lines:\n`,
    ...fixed.map(({ code, count, lines }) => row(count, code, lines)),
    counts.size === 0 ? 'Nothing remains\n' : 'Remains:\n',
    ...[...counts].map(([code, count]) => row(count, code)),
    left
      ? `${left.codes.join(', ')}: not put right, because of ${
          left.reason === 'quote' ? 'a quote in the wrong place' : 'another number of cells than the header'
        } in line ${left.line}\n`
      : '',
  ].join('');
}

function jsonOf(
  { outputs, records, fixed, changedLines, left }: FixedCopyReport,
  remaining: readonly ValidationResult[],
): string {
  const files = outputs.map(({ path }) => path);
  const counts = Object.fromEntries(countsOf(remaining));
  return `${JSON.stringify({ files, records, changedLines, fixed, left, remaining: counts })}\n`;
}
