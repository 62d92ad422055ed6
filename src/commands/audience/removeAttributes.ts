import * as vscode from 'vscode';
import { unzipLimit } from '../../host/settings.ts';
import { AudienceError } from '../../errors.ts';
import type { AttributeFamily } from '../../aws/pinpoint/endpointService.ts';
import { limits } from '../../endpoints/model/attributes.ts';
import type { NameCount } from '../../endpoints/transform/customNames.ts';
import { commandIds } from '../../host/commandIds.ts';
import { plural } from '../../host/format.ts';
import { withQuietProgress } from '../../host/progress.ts';
import { chooseFiles } from '../prompts/chooseFiles.ts';
import type { Invocation } from '../framework/invocation.ts';
import { chooseProject, confirmIn } from '../prompts/chooseProject.ts';
import type { CommandTable } from '../framework/registerCommands.ts';
import type { CommandServices } from '../framework/commandServices.ts';
import { notify } from '../../host/notifications.ts';
import { askOne } from '../../host/prompts.ts';
import { missing } from '../framework/invocation.ts';
import { requireConnection } from '../prompts/requireConnection.ts';

type Services = Pick<CommandServices, 'session' | 'memory'>;

export function attributeCommands(
  services: Services,
): Pick<CommandTable, typeof commandIds.removeAttributes> {
  return { [commandIds.removeAttributes]: (call) => removeAttributes(call, services) };
}

type Chosen = Pick<NameCount, 'family' | 'name'>;

/** The attributes that were removed, and how many the files had, if they were counted. */
interface Removal {
  readonly removed: Readonly<Partial<Record<AttributeFamily, readonly string[]>>>;
  readonly counted: number | undefined;
  readonly limit: number;
}

/**
 * Removes attributes from a project, which can have 250. The service has no list of them, so they are counted in an exported
 * file, as AWS advises (re:Post, "pinpoint-additional-attributes"). Endpoints and exports keep their values (API Reference,
 * Attributes).
 */
async function removeAttributes(call: Invocation, services: Services): Promise<Removal> {
  const named = namesGiven(call);
  const title = vscode.l10n.t('Remove Attributes from Project');
  const connection = await requireConnection(services, call);
  const project = await chooseProject(call, title, connection, services);
  if (named === undefined && !call.isInteractive) {
    throw missing('names', 'Pass the option names, like ["Attributes.plan", "Metrics.visits"].');
  }
  const counts = named === undefined ? await count(call, title) : undefined;
  const chosen = named ?? (await pick(title, counts!));
  await confirmIn(
    call,
    plural(chosen.length, 'Remove 1 attribute from {1}?', 'Remove {0} attributes from {1}?', project.name),
    { connection, project },
    [
      [vscode.l10n.t('Attributes'), chosen.map(({ family, name }) => `${family}.${name}`).join(', ')],
      [vscode.l10n.t('Kept'), vscode.l10n.t('values of existing endpoints, which exports still contain')],
    ],
    vscode.l10n.t('Remove'),
    'warning',
  );
  const removed: Partial<Record<AttributeFamily, readonly string[]>> = {};
  for (const family of new Set(chosen.map((each) => each.family))) {
    const names = chosen.filter((each) => each.family === family).map(({ name }) => name);
    await connection.endpoints.removeAttributes(project.id, family, names);
    removed[family] = names;
  }
  if (!call.isProgrammatic) {
    void notify(
      'info',
      plural(
        chosen.length,
        'Removed 1 attribute from {1}.',
        'Removed {0} attributes from {1}.',
        project.name,
      ),
    );
  }
  return { removed, counted: counts?.length, limit: limits.customNames };
}

const families: readonly AttributeFamily[] = ['User.UserAttributes', 'Attributes', 'Metrics'];

function namesGiven(call: Invocation): readonly Chosen[] | undefined {
  const names = call.options['names'];
  if (names === undefined) return undefined;
  const isList = Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string');
  const read = isList ? names.map(nameFrom) : [undefined];
  if (read.every((name) => name !== undefined)) return read;
  throw new AudienceError('bad-input', 'Option names must be an array of attribute names', {
    help: 'Write them like ["Attributes.plan", "Metrics.visits", "User.UserAttributes.old*"].',
  });
}

function nameFrom(path: string): Chosen | undefined {
  const family = families.find((prefix) => path.startsWith(`${prefix}.`) && path.length > prefix.length + 1);
  return family && { family, name: path.slice(family.length + 1) };
}

async function count(call: Invocation, title: string): Promise<readonly NameCount[]> {
  const files = await chooseFiles(call, vscode.l10n.t('Count Attributes in Export'), [
    'ndjson',
    'jsonl',
    'csv',
    'gz',
  ]);
  const { countNames } = await import('../../endpoints/transform/customNames.ts');
  const counts = await withQuietProgress(title, (signal) =>
    countNames(
      files.map(({ path }) => path),
      { signal, unzipLimit: unzipLimit() },
    ),
  );
  if (counts.length > 0) return counts;
  throw new AudienceError('not-found', 'The file has no custom attributes', {
    help: 'Select an export of the project.',
  });
}

async function pick(title: string, counts: readonly NameCount[]): Promise<readonly Chosen[]> {
  const choices = counts.map((value) => ({
    label: value.name,
    description: value.family,
    detail: plural(value.records, 'in 1 endpoint', 'in {0} endpoints'),
    value,
  }));
  return askOne(
    vscode.l10n.t('{0}: the file has {1} of {2} attributes', title, counts.length, limits.customNames),
    (asker) => asker.pickMany({ placeholder: vscode.l10n.t('Select attributes to remove'), choices }),
  );
}
