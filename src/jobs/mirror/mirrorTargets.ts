import type { Connection } from '../../aws/connection/connection.ts';
import type { Project, Segment } from '../../aws/pinpoint/audienceService.ts';
import { itemsOf } from '../../aws/pinpoint/pages.ts';
import { AudienceError } from '../../errors.ts';
import type { MirrorDeclaration } from './mirrorDeclaration.ts';

/** The project with this Id or name. Throws `not-found`, or `bad-input` if the name is ambiguous. */
export async function findProject({ audience }: Connection, named: string): Promise<Project> {
  const found: Project[] = [];
  for await (const project of itemsOf((page) => audience.listProjects(page))) {
    if (project.id === named) return project;
    if (project.name === named) found.push(project);
  }
  return only(found, 'project', named, 'Enter its Id in pinpoint-audience.json.');
}

/**
 * The imported segment that a declaration names; `undefined` if it has yet to be created.
 *
 * @param remembered the Id of the segment that this mirror used before, which decides between segments of the same name
 */
export async function findSegment(
  { audience }: Connection,
  project: Project,
  declaration: MirrorDeclaration,
  remembered: string | undefined,
): Promise<Segment | undefined> {
  const { segment: name, segmentId } = declaration;
  if (segmentId !== undefined) return imported(await audience.getSegment(project.id, segmentId));
  const found: Segment[] = [];
  for await (const segment of itemsOf((page) => audience.listSegments(project.id, page))) {
    if (segment.name === name && segment.kind === 'imported') found.push(segment);
  }
  if (found.length === 0) return undefined;
  return (
    found.find(({ id }) => id === remembered) ??
    only(found, 'segment', name, 'Enter the Id of one as segmentId in pinpoint-audience.json.')
  );
}

function imported(segment: Segment): Segment {
  if (segment.kind === 'imported') return segment;
  throw new AudienceError('bad-input', `The segment ${segment.name ?? segment.id} is dynamic, not imported`, {
    help: 'Specify an imported segment, or a new name to create one.',
  });
}

function only<T extends { readonly id: string }>(
  found: readonly T[],
  what: string,
  name: string,
  help: string,
): T {
  const [first, ...others] = found;
  if (first !== undefined && others.length === 0) return first;
  if (first === undefined)
    throw new AudienceError('not-found', `No ${what} has this name: ${name}`, { help });
  const ids = found.map(({ id }) => id).join(', ');
  throw new AudienceError('bad-input', `${found.length} ${what}s have the name ${name}: ${ids}`, { help });
}
