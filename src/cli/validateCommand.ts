// eslint-disable-next-line no-restricted-syntax -- For pipes of this user, as a shell makes them.
import { createReadStream, existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { AudienceError } from '../errors.ts';
import { isOurs } from '../ownFolders.ts';
import { regularChunks } from '../regularFile.ts';
import type { Finding, ValidationResult, Validator } from '../endpoints/rules/finding.ts';
import type { FileType } from '../endpoints/model/fileType.ts';
import { reportOf, type ValidatedFile } from '../endpoints/report/report.ts';
import { writeReport } from '../endpoints/report/reportFile.ts';
import { validateBeside } from '../endpoints/validation/mixedFormats.ts';
import { fileTypeOf } from '../endpoints/model/fileType.ts';
import { unzip, UnzipBudget } from '../endpoints/transform/unzip.ts';
import { createValidator } from '../endpoints/validation/validator.ts';
import { JsonArrayPrinter, printHelp, printLines, warnError } from '../terminal.ts';
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

const usage = `Usage: pinpoint-audience validate FILE... [options]

Validates endpoint files; several as files of one import. "-" reads standard input.

Options:
  --type csv|ndjson      Format, needed for standard input (default: by the name, .csv is CSV, everything else NDJSON)
  --format text|json     Format of the findings (default: text)
  --max-issues N         Maximum number of findings per file, most severe first (default: 1000, and 200 per rule)
  --report FILE          Also write an audience report to FILE, as JSON (.json) or Markdown; unpacks .gz files
  --memory MB            Memory for comparing records with each other (default: an eighth of the machine's)
  --no-spill             Don't use a temporary file beyond that; what can't be compared is reported as check-incomplete
${outputUsage}  --help                 Show this help

Exit codes: 0 no errors, 1 errors found, 2 unreadable file, incomplete check or bad usage
`;

interface Options {
  readonly files: readonly string[];
  readonly type: FileType | undefined;
  readonly format: 'text' | 'json';
  readonly maxIssues: number | undefined;
  readonly report: string | undefined;
  readonly unzipLimit: number;
  readonly memoryBytes: number | undefined;
  readonly spill: boolean;
}

/** Runs `validate`; resolves with the exit code. */
export async function validateCommand(args: string[]): Promise<number> {
  const options = optionsOf(args);
  if (options === 'help') {
    printHelp(usage);
    return 0;
  }
  const validator = createValidator({
    workerFile: workerFile(),
    memoryBytes: () => options.memoryBytes,
    spill: () => options.spill,
  });
  try {
    return await validateAll(validator, options);
  } finally {
    await validator.dispose();
  }
}

async function validateAll(validator: Validator, options: Options): Promise<number> {
  let code = 0;
  const json = new JsonArrayPrinter();
  const validated: ValidatedFile[] = [];
  let first: FileType | undefined;
  for (const file of options.files) {
    let result: ValidationResult;
    try {
      result = await validateOne(validator, file, options);
      first ??= result.type;
      result = validateBeside(first, result);
    } catch (error) {
      if (!(error instanceof AudienceError)) throw error;
      warnError(error);
      code = 2;
      continue;
    }
    code = Math.max(code, exitCodeOf(result));
    if (options.report !== undefined) validated.push(await validatedOf(file, result, options));
    if (options.format === 'text') await printLines(linesOf(file, result));
    else await json.add(jsonOf(file, result));
  }
  if (options.format === 'json') await json.end();
  if (options.report !== undefined) {
    const format = /\.json$/i.test(options.report) ? 'json' : 'markdown';
    await writeReport(reportOf(validated, new Date()), format, options.report);
  }
  return code;
}

async function validatedOf(file: string, result: ValidationResult, options: Options): Promise<ValidatedFile> {
  const { bytes } = result;
  if (file === '-') return { path: '<stdin>', bytes, modified: Date.now(), packed: false, result };
  const packed = isUnpacked(file, options);
  return { path: file, bytes, modified: (await stat(file)).mtimeMs, packed, result };
}

async function validateOne(validator: Validator, file: string, options: Options): Promise<ValidationResult> {
  const { type, maxIssues, report } = options;
  const statistics = report !== undefined;
  const caps = maxIssues === undefined ? {} : { maxIssues, maxIssuesPerCode: maxIssues };
  if (file === '-') return validator.stream(process.stdin, { ...caps, statistics, type: type! });
  if (!isUnpacked(file, options)) {
    if (!(await isOwnPipe(file))) return validator.file(file, { ...caps, statistics, type });
    return validator.stream(createReadStream(file), { ...caps, statistics, type: type ?? fileTypeOf(file) });
  }
  const budget = new UnzipBudget(basename(file), { limit: options.unzipLimit });
  const content = Readable.from(unzip(regularChunks(file), budget));
  return validator.stream(content, { ...caps, statistics, type: type ?? fileTypeOf(file) });
}

/** True for what a shell makes of `<(…)`, and for `/dev/stdin`. For a pipe of another user, this would wait. */
async function isOwnPipe(file: string): Promise<boolean> {
  const stats = await stat(file).catch(() => undefined);
  return stats !== undefined && (stats.isFIFO() || stats.isCharacterDevice()) && isOurs(stats);
}

/** A report is about a file's content. A validation is for an import, which rejects compressed files. */
function isUnpacked(file: string, { report }: Options): boolean {
  return report !== undefined && /\.gz$/i.test(file);
}

function optionsOf(args: string[]): Options | 'help' {
  const { values, positionals } = readArguments('validate', args, {
    type: { type: 'string' },
    format: { type: 'string' },
    'max-issues': { type: 'string' },
    memory: { type: 'string' },
    'no-spill': { type: 'boolean' },
    report: { type: 'string' },
    ...outputOptions,
    help: { type: 'boolean', short: 'h' },
  });
  if (values.help === true) return 'help';
  if (positionals.length === 0) throw badUsage('validate', 'No file specified');
  const { 'max-issues': max, memory } = values;
  const type = readType('validate', values.type);
  const format = readFormat('validate', values.format);
  if (max !== undefined && !/^\d{1,9}$/.test(max)) {
    throw badUsage('validate', `--max-issues takes a number, not "${max}"`);
  }
  if (memory !== undefined && !/^[1-9]\d{0,3}$/.test(memory)) {
    throw badUsage('validate', '--memory takes a number of MB');
  }
  if (positionals.includes('-') && type === undefined) {
    throw badUsage('validate', 'For standard input, pass --type csv or --type ndjson');
  }
  if (positionals.filter((file) => file === '-').length > 1) {
    throw badUsage('validate', 'Standard input can be read only once');
  }
  return {
    files: positionals,
    type,
    format,
    maxIssues: max === undefined ? undefined : Number(max),
    report: values.report,
    unzipLimit: readOutput('validate', values),
    memoryBytes: memory === undefined ? undefined : Number(memory) * 2 ** 20,
    spill: values['no-spill'] !== true,
  };
}

/** The exit code of a validation: an incomplete check counts more than errors. */
export function exitCodeOf({ counts, errors }: ValidationResult): number {
  return counts['check-incomplete'] !== undefined ? 2 : errors > 0 ? 1 : 0;
}

/** In dist, everything is in one folder; from source, the worker is in its own. */
export function workerFile(): URL {
  const built = new URL('./worker.js', import.meta.url);
  return existsSync(built) ? built : new URL('../endpoints/validation/worker.ts', import.meta.url);
}

function linesOf(file: string, result: ValidationResult): readonly string[] {
  const name = file === '-' ? '<stdin>' : file;
  const lines = result.issues.map(
    ({ line, column, severity, code, message }) =>
      `${name}:${line}:${column}: ${severity} ${code} ${message}`,
  );
  return [...lines, summaryOf(name, result)];
}

function summaryOf(name: string, result: ValidationResult): string {
  const { records, errors, warnings, infos, issues, truncated } = result;
  const counts = [
    counted(records, 'record'),
    counted(errors, 'error'),
    counted(warnings, 'warning'),
    counted(infos, 'info'),
  ].join(', ');
  return truncated ? `${name}: ${counts} (${issues.length} shown)` : `${name}: ${counts}`;
}

function jsonOf(file: string, result: ValidationResult): object {
  const { type, records, errors, warnings, infos, truncated } = result;
  const issues = result.issues.map((issue: Finding) => ({
    line: issue.line,
    column: issue.column,
    endLine: issue.endLine,
    endColumn: issue.endColumn,
    severity: issue.severity,
    code: issue.code,
    message: issue.message,
  }));
  return { file, type, records, errors, warnings, infos, truncated, issues };
}
