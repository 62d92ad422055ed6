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

/** Where an import or export runs, as far as it is said: by options, by the node clicked, by settings, by answers. */
export interface Destination {
  project: Project | undefined;
  bucket: string;
  roleArn: string;
  readonly prefix: string;
}

/** What nobody has to be asked about any more. */
export type Settled = Omit<Destination, 'project'> & { readonly project: Project };

/** Reads what is said, and refuses what cannot be right before anything is asked. A project that is named has to be there. */
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

/** The questions after what is not said, to be asked before and after those of the job itself. */
export function destinationSteps(
  draft: Destination,
  kind: JobKind,
  connection: Connection,
  { memory, session }: Services,
): { readonly project: Step; readonly bucket: Step; readonly role: Step } {
  const given = { ...draft };
  return {
    project: {
      skip: () => given.project !== undefined,
      ask: async (asker) => {
        const last = draft.project?.id ?? memory.get('project.last');
        draft.project = await asker.pick(projectQuestion(connection, last));
      },
    },
    bucket: {
      skip: () => given.bucket !== '',
      ask: async (asker) => {
        const last = draft.bucket || memory.get('bucket.last');
        draft.bucket = await asker.pick(bucketQuestion(connection, last));
      },
    },
    role: {
      skip: () => given.roleArn !== '',
      ask: async (asker) => {
        const last = draft.roleArn || memory.get(`role.${kind}`);
        draft.roleArn = await asker.input(roleQuestion(kind, connection, last, session.isSandbox));
      },
    },
  };
}

/** The destination with nothing left open; else `bad-input` that names the option and the setting. */
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
