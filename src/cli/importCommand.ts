import { stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { parseRoleArn } from '../aws/iam/roleArn.ts';
import { parseS3Url } from '../aws/s3/s3Url.ts';
import type { ValidationResult } from '../endpoints/rules/finding.ts';
import { createValidator } from '../endpoints/validation/validator.ts';
import { throwIfCancelled } from '../errors.ts';
import { fileError } from '../fileErrors.ts';
import { withoutRepeats } from '../fileIdentity.ts';
import type { SourceFile } from '../jobs/runs/runRecord.ts';
import type { ImportPlan } from '../jobs/runs/runs.ts';
import type { CommonOptions } from './options.ts';
import { badUsage, commonOptions, commonUsage, readArguments, readCommon, required } from './options.ts';
import { shellWord } from '../shellWord.ts';
import { printHelp, printJson, warnLine } from '../terminal.ts';
import { counted } from './counted.ts';
import { printRun } from './runOutput.ts';
import type { RunsSession } from './runsSession.ts';
import { exitCodeOf, follow, withRuns } from './runsSession.ts';
import { workerFile } from './validateCommand.ts';

const usage = `Usage: pinpoint-audience import FILE... --project ID (--segment-name N | --segment-id ID | --endpoints-only)
                                --bucket s3://bucket/prefix/ --role ARN [options]

Validates endpoint files, uploads them to a new folder in the staging bucket, and imports them as one run. Files beyond the
limit of one job (1 GB) are imported by several jobs, each with its own segment. If the account is at its limit of running imports (2), the
run is queued. Returns once the job is created. "pinpoint-audience jobs resume" continues a command that was killed before;
there is exactly one job.

Options:
  --project ID           Project to import into
  --segment-name NAME    Create a segment with this name
  --segment-id ID        Update this imported segment
  --endpoints-only       Save the endpoints without a segment
  --bucket S3URL         Where to stage the files, such as s3://bucket/prefix/
  --role ARN             Role that Pinpoint assumes to read the bucket
  --wait                 Return when the import has ended
  --import-anyway        Import despite errors. Otherwise nothing is sent if there are any, and the exit code is 1
${commonUsage}`;

interface Options extends CommonOptions {
  readonly files: readonly Omit<SourceFile, 'records' | 'errors'>[];
  readonly plan: Omit<ImportPlan, 'files'>;
  readonly wait: boolean;
  readonly importAnyway: boolean;
}

/** Runs `import`; resolves with the exit code. */
export async function importCommand(args: string[]): Promise<number> {
  const options = await readOptions(args);
  if (options === 'help') {
    printHelp(usage);
    return 0;
  }
  return withRuns(options, 'cancel', (session) => importFiles(options, session));
}

async function importFiles(options: Options, session: RunsSession): Promise<number> {
  const results = await validate(options, session);
  const errors = results.reduce((sum, result) => sum + result.errors, 0);
  const files = options.files.map((file, index) => ({
    ...file,
    records: results[index]!.records,
    errors: results[index]!.errors,
  }));
  if (errors > 0 && !options.importAnyway) {
    writeFindings(files, results, options.format);
    return 1;
  }
  const { runs, progress, signal } = session;
  const connection = await session.connect();
  const started = await runs.startImport(
    connection,
    { ...options.plan, files },
    { signal, onProgress: progress.report },
  );
  const run = await follow(session, started.id, options.wait ? 'ended' : 'created');
  progress.end();
  printRun(run, options.format);
  return exitCodeOf(run);
}

async function validate({ files }: Options, { progress, signal }: RunsSession): Promise<ValidationResult[]> {
  const validator = createValidator({ workerFile: workerFile() });
  try {
    const results: ValidationResult[] = [];
    for (const { path } of files) {
      throwIfCancelled(signal);
      progress.step(`Validating ${path}`);
      results.push(await validator.file(path, { signal }));
    }
    return results;
  } finally {
    await validator.dispose();
  }
}

function writeFindings(
  files: readonly SourceFile[],
  results: readonly ValidationResult[],
  format: 'text' | 'json',
): void {
  for (const { path, errors } of files) {
    if (errors) {
      warnLine(`${path}: ${counted(errors, 'error')}. Run: pinpoint-audience validate ${shellWord(path)}`);
    }
  }
  warnLine('Nothing was imported. Fix the errors, or pass --import-anyway.');
  if (format === 'text') return;
  const validation = files.map(({ path }, index) => {
    const { records, errors, warnings, infos } = results[index]!;
    return { file: path, records, errors, warnings, infos };
  });
  printJson({ state: 'refused', validation }, 2);
}

async function readOptions(args: string[]): Promise<Options | 'help'> {
  const { values, positionals } = readArguments('import', args, {
    ...commonOptions,
    project: { type: 'string' },
    'segment-name': { type: 'string' },
    'segment-id': { type: 'string' },
    'endpoints-only': { type: 'boolean' },
    bucket: { type: 'string' },
    role: { type: 'string' },
    wait: { type: 'boolean' },
    'import-anyway': { type: 'boolean' },
  });
  if (values.help === true) return 'help';
  const common = readCommon('import', values);
  if (positionals.length === 0) throw badUsage('import', 'No file specified');
  const { 'segment-name': segmentName, 'segment-id': segmentId, 'endpoints-only': endpointsOnly } = values;
  const outcomes = [segmentName, segmentId, endpointsOnly].filter((outcome) => outcome !== undefined);
  if (outcomes.length !== 1 || segmentName === '' || segmentId === '') {
    throw badUsage('import', 'Pass one of --segment-name, --segment-id and --endpoints-only');
  }
  const { bucket, key } = parseS3Url(required('import', '--bucket', values.bucket));
  const roleArn = required('import', '--role', values.role);
  parseRoleArn(roleArn, 'role');
  const paths = await withoutRepeats(positionals.map((path) => resolve(path)));
  const format = oneFormat(paths);
  return {
    ...common,
    files: await Promise.all(paths.map(sourceOf)),
    plan: {
      projectId: required('import', '--project', values.project),
      format,
      bucket,
      prefix: key,
      roleArn,
      defineSegment: endpointsOnly !== true,
      registerEndpoints: true,
      segmentId,
      segmentName,
    },
    wait: values.wait ?? false,
    importAnyway: values['import-anyway'] ?? false,
  };
}

/** A job reads one format (User guide, segments-importing). */
function oneFormat(paths: readonly string[]): 'CSV' | 'JSON' {
  const formats = new Set(paths.map((path) => (extname(path).toLowerCase() === '.csv' ? 'CSV' : 'JSON')));
  const [format, ...others] = formats;
  if (format !== undefined && others.length === 0) return format;
  throw badUsage('import', 'An import takes either CSV or NDJSON files, not both');
}

async function sourceOf(path: string): Promise<Omit<SourceFile, 'records' | 'errors'>> {
  try {
    const entry = await stat(path);
    if (!entry.isFile()) throw badUsage('import', `${path} isn't a file`);
    return { path, bytes: entry.size, modified: entry.mtimeMs };
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}
