import { resolve } from 'node:path';
import { parseRoleArn } from '../aws/iam/roleArn.ts';
import { parseS3Url } from '../aws/s3/s3Url.ts';
import type { ExportPlan } from '../jobs/runs/runs.ts';
import {
  badUsage,
  downloadOptions,
  downloadUsage,
  readArguments,
  readDownload,
  required,
  type DownloadOptions,
} from './options.ts';
import { printHelp } from '../terminal.ts';
import { printRun } from './runOutput.ts';
import { downloadWanted, exitCodeOf, follow, withRuns } from './runsSession.ts';

const usage = `Usage: pinpoint-audience export --project ID [--segment ID] --to s3://bucket/prefix/ --role ARN [options]

Exports all endpoints of a project, or a segment, to a new folder below the prefix, and returns when the export has ended.
"pinpoint-audience jobs resume" continues a command that was killed, including its download.

Options:
  --project ID           Project to export from
  --segment ID           Segment to export (default: all endpoints of the project)
  --to S3URL             Where to export to, such as s3://bucket/prefix/
  --role ARN             Role that Pinpoint assumes to write to the bucket
  --download DIR         Download and unpack the export into this folder, as NDJSON
${downloadUsage}`;

interface Options extends DownloadOptions {
  readonly plan: ExportPlan;
}

/** Runs `export`; resolves with the exit code. */
export async function exportCommand(args: string[]): Promise<number> {
  const options = readOptions(args);
  if (options === 'help') {
    printHelp(usage);
    return 0;
  }
  return withRuns(options, 'cancel', async (session) => {
    const { runs, progress, signal } = session;
    const started = await runs.startExport(await session.connect(), options.plan, { signal });
    const ended = await follow(session, started.id, 'ended');
    const run = await downloadWanted(session, ended, options.unzipLimit);
    progress.end();
    printRun(run, options.format);
    return exitCodeOf(run);
  });
}

function readOptions(args: string[]): Options | 'help' {
  const { values, positionals } = readArguments('export', args, {
    ...downloadOptions,
    project: { type: 'string' },
    segment: { type: 'string' },
    to: { type: 'string' },
    role: { type: 'string' },
    download: { type: 'string' },
  });
  if (values.help === true) return 'help';
  const common = readDownload('export', values);
  if (positionals.length > 0) throw badUsage('export', `export takes no files: ${positionals[0]}`);
  const { bucket, key } = parseS3Url(required('export', '--to', values.to));
  const roleArn = required('export', '--role', values.role);
  parseRoleArn(roleArn, 'role');
  return {
    ...common,
    plan: {
      projectId: required('export', '--project', values.project),
      bucket,
      prefix: key,
      roleArn,
      segmentId: values.segment === undefined ? undefined : required('export', '--segment', values.segment),
      downloadTo:
        values.download === undefined
          ? undefined
          : resolve(required('export', '--download', values.download)),
    },
  };
}
