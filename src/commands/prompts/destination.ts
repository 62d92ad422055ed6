import { parseRoleArn } from '../../aws/iam/roleArn.ts';
import type { JobKind, Project } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { checkBucketName, folderPrefix } from '../../aws/s3/s3Url.ts';
import type { Step } from '../../host/prompts.ts';
import { getSetting } from '../../host/settings.ts';
import { projectOf } from '../../host/targets.ts';
import { readOptions, type Invocation, missing } from '../framework/invocation.ts';
import { bucketQuestion, projectQuestion, roleQuestion } from './questions.ts';
import type { CommandServices } from '../framework/commandServices.ts';

type Services = Pick<CommandServices, 'session' | 'memory'>;

/** The destination of an import or export, as far as options, the clicked node, settings and answers define it. */
export interface Destination {
  readonly project: Project | undefined;
  readonly bucket: string;
  readonly roleArn: string;
  readonly prefix: string;
}

/** A destination with nothing missing. */
export type Settled = Omit<Destination, 'project'> & { readonly project: Project };

/** Reads the destination from options and settings, and rejects invalid ones before anything is asked. */
export async function destinationOf(
  call: Invocation,
  kind: JobKind,
  connection: Connection,
  { memory }: Services,
): Promise<Destination> {
  const options = readOptions(call, {
    projectId: 'string',
    bucket: 'string',
    prefix: 'string',
    roleArn: 'string',
  });
  const remembered = call.isInteractive ? undefined : memory.get(`role.${kind}`);
  const roleArn = options.roleArn ?? (getSetting(`roles.${kind}Arn`) || (remembered ?? ''));
  if (roleArn !== '') parseRoleArn(roleArn, `${kind} role`);
  const bucket = options.bucket ?? getSetting('staging.bucket');
  if (bucket !== '') checkBucketName(bucket);
  const projectId = options.projectId ?? projectOf(call.targets[0])?.id;
  return {
    project: projectId === undefined ? undefined : await connection.audience.getProject(projectId),
    bucket,
    roleArn,
    prefix: folderPrefix(options.prefix ?? getSetting('staging.prefix')),
  };
}

/** The questions for what is missing, to be asked before and after those of the job itself. */
export function destinationSteps<D extends Destination>(
  given: D,
  kind: JobKind,
  connection: Connection,
  { memory, session }: Services,
): { readonly project: Step<D>; readonly bucket: Step<D>; readonly role: Step<D> } {
  return {
    project: {
      skip: () => given.project !== undefined,
      ask: async (asker, draft) => {
        const last = draft.project?.id ?? memory.get('project.last');
        return { ...draft, project: await asker.pick(projectQuestion(connection, last)) };
      },
    },
    bucket: {
      skip: () => given.bucket !== '',
      ask: async (asker, draft) => {
        const last = draft.bucket || memory.get('bucket.last');
        return { ...draft, bucket: await asker.pick(bucketQuestion(connection, last)) };
      },
    },
    role: {
      skip: () => given.roleArn !== '',
      ask: async (asker, draft) => {
        const last = draft.roleArn || memory.get(`role.${kind}`);
        const question = roleQuestion(kind, connection, last, session.isSandbox);
        return { ...draft, roleArn: await asker.input(question) };
      },
    },
  };
}

/** The complete destination; else `bad-input` that names the missing option and setting. */
export function settled(draft: Destination, kind: JobKind): Settled {
  const { project, bucket, roleArn, prefix } = draft;
  if (!project) throw missing('a project', 'Pass the option projectId.');
  if (bucket === '') {
    throw missing('a bucket', 'Pass the option bucket, or set pinpointAudience.staging.bucket.');
  }
  if (roleArn === '') {
    throw missing(`an ${kind} role`, `Pass the option roleArn, or set pinpointAudience.roles.${kind}Arn.`);
  }
  return { project, bucket, roleArn, prefix };
}

/** Keeps the answers for the next time in this workspace. */
export async function rememberDestination(
  { project, bucket, roleArn }: Settled,
  kind: JobKind,
  { memory }: Services,
): Promise<void> {
  await memory.set('project.last', project.id);
  await memory.set('bucket.last', bucket);
  await memory.set(`role.${kind}`, roleArn);
}
