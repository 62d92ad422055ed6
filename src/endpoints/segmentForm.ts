import schema from '../../media/schemas/segment.schema.json' with { type: 'json' };
import { AudienceError } from '../errors.ts';
import { isObject } from './change.ts';

/** A dynamic segment as the API takes it (API Reference, Segments: WriteSegmentRequest). */
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

/** What of a JSON schema the segment's schema uses that a check has to know. */
interface Form {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Form>>;
  readonly additionalProperties?: Form | boolean;
  readonly required?: readonly string[];
  readonly items?: Form;
  readonly maxItems?: number;
  readonly enum?: readonly string[];
}

const definitions = schema.definitions as Readonly<Record<string, Form>>;

/**
 * Reads a segment that a person wrote, by the schema that the editor shows. The SDK would drop members that it does not know, and
 * the segment would hold more endpoints than was meant. Throws `bad-input` with the place.
 */
export function readSegment(value: unknown): SegmentDefinition {
  check(value, schema, '');
  const segment = value as SegmentDefinition;
  if (segment.Dimensions && segment.SegmentGroups) {
    throw refusal('A segment has Dimensions or SegmentGroups, not both', 'Take one of them out.');
  }
  if (segment.Name === undefined || segment.Name.trim() === '') {
    throw refusal('The segment has no Name', 'Give it one.');
  }
  return segment;
}

function check(value: unknown, form: Form, path: string): void {
  const { type, properties, additionalProperties, required = [], items, maxItems } = resolved(form);
  const allowed = resolved(form).enum;
  if (type !== undefined && !hasType(value, type)) {
    throw refusal(
      `${path || 'The segment'} has to be ${nouns[type] ?? type}`,
      'The schema says what goes where.',
    );
  }
  if (allowed && !allowed.includes(value as string)) {
    throw refusal(`${path} has to be one of ${allowed.join(', ')}`, 'Choose one of them.');
  }
  if (Array.isArray(value)) {
    if (maxItems !== undefined && value.length > maxItems) {
      throw refusal(`${path} can have at most ${maxItems}`, 'Take out what is too much.');
    }
    if (items) value.forEach((item: unknown, index) => check(item, items, `${path}[${index}]`));
  }
  if (!isObject(value)) return;
  for (const name of required) {
    if (value[name] === undefined) throw refusal(`${join(path, name)} is missing`, 'Add it.');
  }
  for (const [name, member] of Object.entries(value)) {
    const own = properties && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
    if (own === false) {
      const names = Object.keys(properties ?? {}).join(', ');
      throw refusal(`${join(path, name)} is nothing that Pinpoint knows`, `There are: ${names}.`);
    }
    if (typeof own === 'object') check(member, own, join(path, name));
  }
}

const nouns: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
};

function hasType(value: unknown, type: string): boolean {
  if (type === 'object') return isObject(value);
  if (type === 'array') return Array.isArray(value);
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}

function resolved(form: Form): Form {
  return form.$ref === undefined ? form : (definitions[form.$ref.replace('#/definitions/', '')] ?? form);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function refusal(message: string, help: string): AudienceError {
  return new AudienceError('bad-input', message, { help });
}
