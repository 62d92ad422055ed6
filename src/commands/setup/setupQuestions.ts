import * as vscode from 'vscode';
import type { JobKind } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import { checkBucketName } from '../../aws/s3/s3Url.ts';
import { AudienceError } from '../../errors.ts';
import type { WantedSetup } from '../../jobs/setup/wantedSetup.ts';
import { proposedNames } from '../../jobs/setup/setupReport.ts';
import type { Memory } from '../../host/sessionMemory.ts';
import { askSteps, type Asker, type Choice, type PickQuestion } from '../../host/prompts.ts';
import { projectQuestion } from '../prompts/questions.ts';

/** Prompts for a setup. The one in the settings can be used without further questions. */
export async function askForSetup(
  given: WantedSetup,
  connection: Connection,
  memory: Memory,
  isSet: boolean,
): Promise<WantedSetup> {
  const proposed = proposedNames(given);
  const start: SetupAnswers = { wanted: given, isNew: !isSet, key: given.kmsKeyId === '' ? 'none' : 'key' };
  const title = vscode.l10n.t('Create Setup in {0}', given.identity.region);
  const { wanted } = await askSteps(title, start, [
    {
      skip: () => !isSet,
      ask: async (asker, answers) => {
        const isNew = await asker.pick({
          placeholder: vscode.l10n.t('Select a setup'),
          choices: [
            {
              label: vscode.l10n.t('Setup in the settings'),
              description: given.bucket,
              detail: vscode.l10n.t('With roles {0} and {1}', given.roles.import, given.roles.export),
              value: false,
            },
            {
              label: vscode.l10n.t('New setup'),
              detail: vscode.l10n.t('With another bucket and other roles'),
              value: true,
            },
          ],
        });
        const wanted = isNew ? { ...given, bucket: proposed.bucket, roles: proposed.roles } : given;
        return { ...answers, isNew, wanted };
      },
    },
    {
      skip: () => given.projectId !== undefined,
      ask: async (asker, answers) => {
        const projectId = await askForProject(asker, connection, memory.get('project.last'));
        return { ...answers, wanted: { ...answers.wanted, projectId } };
      },
    },
    {
      skip: ({ isNew }) => !isNew,
      ask: async (asker, answers) => {
        const bucket = await asker.input({
          prompt: vscode.l10n.t('Name of a new or existing bucket in {0}', given.identity.region),
          value: answers.wanted.bucket,
          check: problemOf(checkNewBucketName),
        });
        return { ...answers, wanted: { ...answers.wanted, bucket } };
      },
    },
    {
      skip: ({ isNew }) => !isNew,
      ask: async (asker, answers) => {
        const key = await asker.pick(encryptionQuestion(answers.key));
        const { wanted } = answers;
        return { ...answers, key, wanted: key === 'none' ? { ...wanted, kmsKeyId: '' } : wanted };
      },
    },
    {
      skip: ({ isNew, key }) => !isNew || key === 'none',
      ask: async (asker, answers) => {
        const kmsKeyId = await asker.input({
          prompt: vscode.l10n.t('ID, ARN or alias of the KMS key in {0}', given.identity.region),
          placeholder: 'alias/staging',
          value: answers.wanted.kmsKeyId,
          check: (text) => (text === '' ? vscode.l10n.t('Enter a key.') : undefined),
        });
        return { ...answers, wanted: { ...answers.wanted, kmsKeyId } };
      },
    },
    ...(['import', 'export'] as const).map((kind) => ({
      skip: ({ isNew }: SetupAnswers) => !isNew,
      ask: async (asker: Asker, answers: SetupAnswers) => {
        const name = await asker.input({
          prompt:
            kind === 'import'
              ? vscode.l10n.t('Name of the role that Pinpoint assumes to read the bucket')
              : vscode.l10n.t('Name of the role that Pinpoint assumes to write to the bucket'),
          value: answers.wanted.roles[kind],
          check: problemOf(checkRoleName),
        });
        const roles = { ...answers.wanted.roles, [kind]: name };
        return { ...answers, wanted: { ...answers.wanted, roles } };
      },
    })),
  ]);
  return wanted;
}

interface SetupAnswers {
  readonly wanted: WantedSetup;
  /** Not the setup in the settings. */
  readonly isNew: boolean;
  readonly key: 'none' | 'key';
}

/** One project, or all of the region. */
async function askForProject(
  asker: Asker,
  connection: Connection,
  last: string | undefined,
): Promise<string | undefined> {
  const question = projectQuestion(connection, last);
  const { choices } = question;
  if (!(Symbol.asyncIterator in choices)) throw new AudienceError('internal', 'Projects come in pages');
  const every: Choice<string | undefined> = {
    label: vscode.l10n.t('All projects'),
    description: vscode.l10n.t(
      'of account {0} in {1}',
      connection.identity.account,
      connection.identity.region,
    ),
    iconPath: new vscode.ThemeIcon('globe'),
    value: undefined,
  };
  return asker.pick<string | undefined>({
    placeholder: vscode.l10n.t('Project that the roles are for'),
    isActive: (id) => id !== undefined && id === last,
    choices: (async function* () {
      for await (const page of choices) yield page.map((choice) => ({ ...choice, value: choice.value.id }));
      yield [every];
    })(),
  });
}

function encryptionQuestion(active: 'none' | 'key'): PickQuestion<'none' | 'key'> {
  return {
    placeholder: vscode.l10n.t('Encryption of the bucket'),
    isActive: (value: 'none' | 'key') => value === active,
    choices: [
      {
        label: vscode.l10n.t('SSE-S3'),
        detail: vscode.l10n.t('With keys of S3, at no cost.'),
        value: 'none' as const,
      },
      {
        label: vscode.l10n.t('SSE-KMS'),
        detail: vscode.l10n.t('With an existing KMS key, which the roles get permission to use.'),
        value: 'key' as const,
      },
    ],
  };
}

/** @throws AudienceError `bad-input` if a bucket or role can't have this name */
export function checkNames({ bucket, roles }: WantedSetup): void {
  checkNewBucketName(bucket);
  for (const kind of ['import', 'export'] satisfies JobKind[]) checkRoleName(roles[kind]);
  if (roles.import === roles.export) {
    throw new AudienceError('bad-input', 'The import role and the export role have the same name', {
      help: 'Use two roles: they need different permissions.',
    });
  }
}

/** Amazon S3 User Guide, bucketnamingrules: stricter than for old buckets. */
function checkNewBucketName(name: string): void {
  checkBucketName(name);
  if (
    /^[a-z0-9](?:[a-z0-9-]|\.(?![.-]))*[a-z0-9]$/.test(name) &&
    name.length <= 63 &&
    !/^(\d+\.){3}\d+$/.test(name)
  )
    return;
  throw new AudienceError('bad-input', `Not a valid name for a new bucket: ${name}`, {
    help: 'Use 3 to 63 lowercase letters, digits and hyphens.',
  });
}

function checkRoleName(name: string): void {
  if (/^[\w+=,.@-]{1,64}$/.test(name)) return;
  throw new AudienceError('bad-input', `Not a valid role name: ${name || '(empty)'}`, {
    help: 'Use up to 64 letters, digits and + = , . @ _ -.',
  });
}

/** The error of a check that fails. */
const problemOf =
  (check: (text: string) => void) =>
  (text: string): string | undefined => {
    try {
      check(text);
      return undefined;
    } catch (error) {
      if (error instanceof AudienceError) return `${error.message}. ${error.help ?? ''}`.trim();
      throw error;
    }
  };
