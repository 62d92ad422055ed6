import { stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AudienceError } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import { markdownOf, type AudienceReport } from './report.ts';

export type ReportFormat = 'markdown' | 'json';

/**
 * Writes a report to a file, also over an older report, but never over a file that it is about.
 * Rejects with `conflict`, or with `disk` and the like.
 */
export async function writeReport(report: AudienceReport, format: ReportFormat, path: string): Promise<void> {
  const target = await identityOf(path);
  const sources = await Promise.all(report.files.map((file) => identityOf(file.path)));
  if (target !== undefined && sources.includes(target)) {
    throw new AudienceError(
      'conflict',
      `${basename(path)} is what the report is about, and was left as it is`,
      {
        help: 'Choose another name for the report.',
      },
    );
  }
  const text = format === 'markdown' ? markdownOf(report) : `${JSON.stringify(report, undefined, 2)}\n`;
  try {
    await writeFile(path, text);
  } catch (error) {
    throw fileError(error, 'write', path);
  }
}

/** The same for all names of a file; `undefined` where there is none. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && `${found.dev}:${found.ino}`;
}
