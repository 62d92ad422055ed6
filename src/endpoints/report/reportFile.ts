import { randomBytes } from 'node:crypto';
import { lstat, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { AudienceError } from '../../errors.ts';
import { checkNewName, fileError } from '../../fileErrors.ts';
import { fileIdentity } from '../../fileIdentity.ts';
import { rename, rm } from '../../fileOperations.ts';
import { outputFile } from '../../permissions.ts';
import { markdownOf, type AudienceReport } from './report.ts';

export type ReportFormat = 'markdown' | 'json';

/**
 * Writes a report to a file, which may be an older report, but never over a file that it is about, nor through a link. Rejects
 * with `conflict`, `disk` and so on.
 */
export async function writeReport(report: AudienceReport, format: ReportFormat, path: string): Promise<void> {
  checkNewName(path);
  const target = await lstat(path, { bigint: true }).catch(() => undefined);
  if (target?.isSymbolicLink() === true) {
    throw conflict(path, 'is a link');
  }
  const sources = await Promise.all(report.files.map((file) => identityOf(file.path)));
  if (target !== undefined && sources.includes(fileIdentity(target))) {
    throw conflict(path, 'is the subject of the report');
  }
  const text = format === 'markdown' ? markdownOf(report) : jsonOf(report);
  // Written elsewhere and renamed, so that nothing that another program creates at the path in the meantime is written through.
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    if (target !== undefined && !target.isFile()) throw conflict(path, "isn't a file");
    await writeFile(unfinished, text, { flag: 'wx', mode: outputFile() });
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw fileError(error, 'write', path);
  }
}

/** With the files' names only, as the page and the Markdown: paths name people, and customers. */
function jsonOf(report: AudienceReport): string {
  const files = report.files.map((file) => ({ ...file, path: basename(file.path) }));
  return `${JSON.stringify({ ...report, files }, undefined, 2)}\n`;
}

function conflict(path: string, why: string): AudienceError {
  return new AudienceError('conflict', `${basename(path)} ${why}, and wasn't overwritten`, {
    help: 'Choose another name for the report.',
  });
}

/** The same for all names of a file; `undefined` if there is none. */
async function identityOf(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found && fileIdentity(found);
}
