import { badInput } from '../../errors.ts';
import { checkSchema } from './schemaCheck.ts';
import { isSegment } from './segmentValidator.ts';

/** A dynamic segment as the API accepts it (API Reference, Segments: WriteSegmentRequest). */
export interface SegmentDefinition {
  readonly Name?: string | undefined;
  readonly Dimensions?: Readonly<Record<string, unknown>> | undefined;
  readonly SegmentGroups?: SegmentGroups | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface SegmentGroups {
  readonly Groups?: readonly {
    readonly Dimensions?: readonly Readonly<Record<string, unknown>>[] | undefined;
    readonly SourceSegments?:
      readonly { readonly Id: string; readonly Version?: number | undefined }[] | undefined;
    readonly SourceType?: string | undefined;
    readonly Type?: string | undefined;
  }[];
  readonly Include?: string | undefined;
}

/**
 * Reads a segment definition and checks it against the schema that the editor shows, because the SDK would drop unknown members
 * and the segment would contain more endpoints than intended. Throws `bad-input` with the position.
 */
export function readSegment(value: unknown): SegmentDefinition {
  const segment = value as SegmentDefinition | null;
  if (segment?.Dimensions && segment.SegmentGroups) {
    throw badInput('A segment has Dimensions or SegmentGroups, not both', 'Remove one of them.');
  }
  checkSchema(value, isSegment, 'The segment');
  if (segment?.Name === undefined || segment.Name.trim() === '') {
    throw badInput('The segment has no Name', 'Add a Name.');
  }
  return segment;
}
