import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { AudienceError } from '../errors.ts';
import type { FileType, Issue, ValidationResult, Validator } from '../endpoints/rules/finding.ts';
import { reportOf, type Judged } from '../endpoints/report/report.ts';
import { writeReport } from '../endpoints/report/reportFile.ts';
import { validateBeside } from '../endpoints/validation/mixedFormats.ts';
import { createValidator } from '../endpoints/validation/validator.ts';

const usage = `Usage: pinpoint-audience validate FILE... [options]

Checks endpoint files by all rules; several as files of one import. "-" reads standard input.

Options:
  --type csv|ndjson      Format; needed for standard input, otherwise by the name: .csv is CSV, everything else NDJSON
  --format text|json     How to write what was found (default: text)
  --max-issues N         Findings to write for each file at most, the mostSevere (default: 1000, and 200 of one code)
  --report FILE          Also count what is in the files, and write a report to FILE: .json as JSON, otherwise Markdown
  --help                 Show this

Exit codes: 0 no errors, 1 errors found, 2 a file could not be read or bad usage
`;

interface Options {
  readonly files: readonly string[];
  readonly type: FileType | undefined;
  readonly format: 'text' | 'json';
  readonly maxIssues: number | undefined;
  readonly report: string | undefined;
}

/** Runs `validate`; resolves with the exit code. */
export async function validateCommand(args: string[]): Promise<number> {
  const options = optionsOf(args);
  if (options === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  const validator = createValidator({ workerFile: workerFile() });
  try {
    return await validateAll(validator, options);
  } finally {
    await validator.dispose();
  }
}

async function validateAll(validator: Validator, options: Options): Promise<number> {
  let code = 0;
  let separator = '[';
  const judged: Judged[] = [];
  let first: FileType | undefined;
  for (const file of options.files) {
    let result: ValidationResult;
    try {
      result = await validateOne(validator, file, options);
      first ??= result.type;
      result = validateBeside(first, result);
    } catch (error) {
      if (!(error instanceof AudienceError)) throw error;
      process.stderr.write(`${[error.message, error.help].filter(Boolean).join('. ')}\n`);
      code = 2;
      continue;
    }
    if (code === 0 && result.errors > 0) code = 1;
    if (options.report !== undefined) judged.push(await validatedOf(file, result));
    if (options.format === 'text') await write(textOf(file, result));
    else {
      await write(`${separator}${JSON.stringify(jsonOf(file, result))}`);
      separator = ',\n';
    }
  }
  if (options.format === 'json') await write(separator === '[' ? '[]\n' : ']\n');
  if (options.report !== undefined) {
    const format = /\.json$/i.test(options.report) ? 'json' : 'markdown';
    await writeReport(reportOf(judged, new Date()), format, options.report);
  }
  return code;
}

async function validatedOf(file: string, result: ValidationResult): Promise<Judged> {
  const { bytes } = result;
  if (file === '-') return { path: '<stdin>', bytes, modified: Date.now(), packed: false, result };
  return { path: file, bytes, modified: (await stat(file)).mtimeMs, packed: false, result };
}

function validateOne(validator: Validator, file: string, options: Options): Promise<ValidationResult> {
  const { type, maxIssues, report } = options;
  const statistics = report !== undefined;
  const caps = maxIssues === undefined ? {} : { maxIssues, maxIssuesPerCode: maxIssues };
  return file === '-'
    ? validator.stream(process.stdin, { ...caps, statistics, type: type! })
    : validator.file(file, { ...caps, statistics, type });
}

function optionsOf(args: string[]): Options | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help === true) return 'help';
  if (positionals.length === 0) throw badUsage('Which file? Name at least one, or - for standard input');
  const { type, format = 'text', 'max-issues': max } = values;
  if (type !== undefined && type !== 'csv' && type !== 'ndjson') {
    throw badUsage(`--type is csv or ndjson, not "${type}"`);
  }
  if (format !== 'text' && format !== 'json') throw badUsage(`--format is text or json, not "${format}"`);
  if (max !== undefined && !/^\d{1,9}$/.test(max)) throw badUsage(`--max-issues is a number, not "${max}"`);
  if (positionals.includes('-') && type === undefined) {
    throw badUsage('Standard input has no name: give --type csv or --type ndjson');
  }
  if (positionals.filter((file) => file === '-').length > 1) {
    throw badUsage('Standard input can be read once');
  }
  return {
    files: positionals,
    type,
    format,
    maxIssues: max === undefined ? undefined : Number(max),
    report: values.report,
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        type: { type: 'string' },
        format: { type: 'string' },
        'max-issues': { type: 'string' },
        report: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw badUsage(error instanceof Error ? error.message : String(error));
  }
}

function badUsage(message: string): AudienceError {
  return new AudienceError('bad-input', message.replace(/\.$/, ''), {
    help: 'Try: pinpoint-audience validate --help',
  });
}

/** Built, everything is in one folder; from source, the worker is where it was written. */
export function workerFile(): URL {
  const built = new URL('./worker.js', import.meta.url);
  return existsSync(built) ? built : new URL('../endpoints/validation/worker.ts', import.meta.url);
}

function textOf(file: string, result: ValidationResult): string {
  const name = file === '-' ? '<stdin>' : file;
  const lines = result.issues.map(
    ({ line, column, severity, code, message }) =>
      `${name}:${line}:${column}: ${severity} ${code} ${message}\n`,
  );
  return `${lines.join('')}${summaryOf(name, result)}\n`;
}

function summaryOf(name: string, result: ValidationResult): string {
  const { records, errors, warnings, infos, issues, truncated } = result;
  const counts = [
    counted(records, 'record'),
    counted(errors, 'error'),
    counted(warnings, 'warning'),
    counted(infos, 'info'),
  ].join(', ');
  return truncated ? `${name}: ${counts} (${issues.length} of them shown)` : `${name}: ${counts}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function jsonOf(file: string, result: ValidationResult): object {
  const { type, records, errors, warnings, infos, truncated } = result;
  const issues = result.issues.map((issue: Issue) => ({
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

/** Waits where the reader is slower than we are, so that output does not pile up in memory. */
async function write(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((drained) => process.stdout.once('drain', drained));
}
