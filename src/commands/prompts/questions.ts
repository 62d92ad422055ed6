import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import { parseRoleArn } from '../../aws/iam/roleArn.ts';
import type { Project, Segment } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { checkBucketName } from '../../aws/s3/s3Url.ts';
import { plural } from '../../host/format.ts';
import { pagesOf } from '../../aws/pinpoint/pages.ts';
import type { Choice, InputQuestion, PickQuestion } from '../../host/prompts.ts';

/** Which project; `last` is preselected. */
export function projectQuestion(connection: Connection, last: string | undefined): PickQuestion<Project> {
  return {
    placeholder: vscode.l10n.t(
      'Project in {0}, account {1}',
      connection.identity.region,
      connection.identity.account,
    ),
    choices: choicesOf(
      pagesOf((page) => connection.audience.listProjects(page)),
      (project) => ({ label: project.name, description: project.id, value: project }),
    ),
    isActive: (project) => project.id === last,
  };
}

/** Which segment of a project; imports can update imported ones only. */
export function segmentQuestion(
  connection: Connection,
  project: Project,
  kind?: Segment['kind'],
): PickQuestion<Segment> {
  return {
    placeholder: vscode.l10n.t('Segment of {0}', project.name),
    choices: choicesOf(
      pagesOf((page) => connection.audience.listSegments(project.id, page)),
      (segment) => ({
        label: segment.name ?? vscode.l10n.t('(no name)'),
        description: segment.id,
        detail: segment.imported
          ? plural(segment.imported.size, 'imported · 1 endpoint', 'imported · {0} endpoints')
          : vscode.l10n.t('dynamic'),
        value: segment,
      }),
      (segment) => kind === undefined || segment.kind === kind,
    ),
  };
}

/** Which bucket; one that the identity can't list can be typed. */
export function bucketQuestion(connection: Connection, last: string | undefined): PickQuestion<string> {
  return {
    placeholder: vscode.l10n.t('Staging bucket in the region of the project: select one or type its name'),
    choices: listedBuckets(connection),
    isActive: (bucket) => bucket === last,
    typed: (text) =>
      problemOf(() => checkBucketName(text)) === undefined
        ? { label: text, description: vscode.l10n.t('use this bucket'), value: text }
        : undefined,
  };
}

async function* listedBuckets({ staging }: Connection): AsyncGenerator<readonly Choice<string>[]> {
  try {
    const buckets = await staging.listBuckets();
    yield buckets.map((bucket) => ({ label: bucket, value: bucket }));
  } catch (error) {
    // Many identities can use a bucket but not list all buckets.
    if (!(error instanceof AudienceError) || error.code !== 'access-denied') throw error;
    yield [];
  }
}

/** Which role Pinpoint assumes. */
export function roleQuestion(
  kind: 'import' | 'export',
  connection: Connection,
  last: string | undefined,
  isSandbox: boolean,
): InputQuestion {
  // The sandbox accepts any role; AWS needs the user's own.
  const example = `arn:aws:iam::${connection.identity.account}:role/Pinpoint${kind === 'import' ? 'Import' : 'Export'}`;
  return {
    prompt:
      kind === 'import'
        ? vscode.l10n.t('ARN of the role that Pinpoint assumes to read the bucket')
        : vscode.l10n.t('ARN of the role that Pinpoint assumes to write to the bucket'),
    placeholder: example,
    value: last ?? (isSandbox ? example : ''),
    check: (arn) => problemOf(() => parseRoleArn(arn, `${kind} role`)),
  };
}

async function* choicesOf<T>(
  pages: AsyncIterable<readonly T[]>,
  toChoice: (item: T) => Choice<T>,
  fits: (item: T) => boolean = () => true,
): AsyncGenerator<readonly Choice<T>[]> {
  for await (const page of pages) yield page.filter(fits).map(toChoice);
}

/** The message of a check that fails. */
function problemOf(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof AudienceError) return error.message;
    throw error;
  }
}
