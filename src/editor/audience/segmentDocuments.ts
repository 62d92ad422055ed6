import * as vscode from 'vscode';
import type { Segment } from '../../aws/pinpoint/audienceService.ts';
import type { Connection } from '../../aws/connection/connection.ts';
import type { StoredSegment } from '../../aws/pinpoint/segmentService.ts';
import { parseDocument } from '../../endpoints/editing/endpointChange.ts';
import { readSegment, type SegmentDefinition } from '../../endpoints/model/segmentDefinition.ts';
import type { AudiencePlace } from '../../host/audiencePlaces.ts';
import { pagesOf } from '../../aws/pinpoint/pages.ts';
import { momentOf, textOf, type RemoteFile, type RemoteVersion } from './remoteFile.ts';

/** A dynamic segment as an editable document. Each save creates a version. */
export function segmentFile({ segments }: Connection, { projectId, id }: AudiencePlace): RemoteFile {
  return {
    read: async () => versionOf(await segments.readSegment(projectId, id)),
    plan: (before, text) => {
      const definition = readSegment(parseDocument(text));
      const changed = changedMembers(JSON.parse(before.text) as SegmentDefinition, definition);
      if (changed.length === 0) return undefined;
      return {
        question: vscode.l10n.t('Save segment {0}?', definition.Name ?? id),
        action: vscode.l10n.t('Save'),
        facts: [
          [vscode.l10n.t('Segment'), id],
          [vscode.l10n.t('Changes'), changed.join(', ')],
          [vscode.l10n.t('Caution'), emptinessOf(definition)],
        ],
        apply: async () => {
          await segments.updateSegment(projectId, id, definition);
        },
      };
    },
  };
}

/** One version of a segment, read-only. `id` contains segment and version. */
export function versionFile({ segments }: Connection, { projectId, id }: AudiencePlace): RemoteFile {
  const [segmentId = '', version = ''] = id.split(':');
  return { read: async () => versionOf(await segments.readSegment(projectId, segmentId, Number(version))) };
}

/** Drafts of segments, and the segments that were created from them. */
export class SegmentDrafts {
  readonly #created = new Map<string, Segment>();

  /** A draft whose first save creates the segment; later saves update it. */
  file(connection: Connection, place: AudiencePlace): RemoteFile {
    const created = this.#created.get(place.id);
    if (created) return segmentFile(connection, { ...place, id: created.id });
    const { segments, audience } = connection;
    return {
      read: () => Promise.resolve({ text: textOf(template(place.title)), stamp: '', modified: 0 }),
      plan: async (_before, text) => {
        const definition = readSegment(parseDocument(text));
        const same = await namesakes(audience, place.projectId, definition.Name ?? '');
        return {
          question: vscode.l10n.t('Create segment {0}?', definition.Name ?? ''),
          action: vscode.l10n.t('Create'),
          facts: [
            [
              vscode.l10n.t('Caution'),
              same.length > 0
                ? vscode.l10n.t('another segment has this name: {0}', same.join(', '))
                : emptinessOf(definition),
            ],
          ],
          apply: async () => {
            this.#created.set(place.id, await segments.createSegment(place.projectId, definition));
          },
        };
      },
    };
  }

  /** The segment that was created from a draft. */
  segmentOf(place: AudiencePlace): AudiencePlace | undefined {
    const created = this.#created.get(place.id);
    return created && { ...place, kind: 'segments', id: created.id, title: created.name ?? created.id };
  }
}

function versionOf({ segment, definition }: StoredSegment): RemoteVersion {
  const text = textOf(definition);
  return {
    text,
    stamp: `${segment.version ?? 0} ${text}`,
    modified: momentOf(segment.modified ?? segment.created),
  };
}

/** A new segment with one criterion as an example. */
function template(name: string): SegmentDefinition {
  return {
    Name: name,
    Dimensions: { Demographic: { Channel: { DimensionType: 'INCLUSIVE', Values: ['EMAIL'] } } },
  };
}

async function namesakes(
  audience: Connection['audience'],
  projectId: string,
  name: string,
): Promise<readonly string[]> {
  const same: string[] = [];
  for await (const page of pagesOf<Segment>((request) => audience.listSegments(projectId, request))) {
    same.push(...page.filter((segment) => segment.name === name).map(({ id }) => id));
  }
  return same;
}

/** Members that differ, two levels deep: `Name`, `Dimensions.Attributes`. */
function changedMembers(before: SegmentDefinition, after: SegmentDefinition): readonly string[] {
  const flat = (definition: SegmentDefinition): Map<string, string> =>
    new Map(
      Object.entries(definition).flatMap(([name, member]: [string, unknown]) =>
        typeof member === 'object' && member !== null && Object.keys(member).length > 0
          ? Object.entries(member).map(([inner, value]) => [`${name}.${inner}`, JSON.stringify(value)])
          : [[name, JSON.stringify(member)]],
      ),
    );
  const [was, is] = [flat(before), flat(after)];
  return [...new Set([...is.keys(), ...was.keys()])].filter((name) => was.get(name) !== is.get(name));
}

function emptinessOf({ Dimensions, SegmentGroups }: SegmentDefinition): string | undefined {
  if (SegmentGroups !== undefined || (Dimensions && Object.keys(Dimensions).length > 0)) return undefined;
  return vscode.l10n.t('it has no criteria, so it includes every endpoint of the project');
}
