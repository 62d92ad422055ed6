import { AudienceError } from '../../errors.ts';
import { attributeOf } from '../../endpoints/model/attributes.ts';
import type { EndpointDefinition, EndpointItem } from '../../endpoints/model/endpointDefinition.ts';
import { putMember } from '../../endpoints/model/memberPaths.ts';
import { Notes } from '../../endpoints/transform/notes.ts';
import type { EndpointRecord } from '../../endpoints/transform/endpointRecord.ts';
import { readRecords } from '../../endpoints/transform/recordBatches.ts';
import { Source, type SourceOptions } from '../../endpoints/transform/source.ts';
import type { BulkKind } from './bulkRecord.ts';

/** One record of a file of Ids or of endpoints. */
export interface BulkItem {
  /** From 0, in the order of the file. */
  readonly index: number;
  readonly line: number;
  /** The Id of the endpoint or user; empty where the record has none. */
  readonly id: string;
  /** The endpoint to send, for updates. */
  readonly item?: EndpointItem | undefined;
  /** Why it can't be sent. */
  readonly problem?: string | undefined;
}

/** The records of a file as items of an operation. A `.txt` file has one Id per line. Throws what `readRecords` throws, and `changed`. */
export async function* bulkItems(
  path: string,
  kind: BulkKind,
  change: EndpointDefinition = {},
  options: Pick<SourceOptions, 'signal' | 'unzipLimit'> = {},
): AsyncGenerator<BulkItem> {
  const source = await Source.open(path, options);
  try {
    let index = 0;
    if (/\.txt$/i.test(path)) {
      for await (const { line, text } of plainLines(source)) {
        const item = kind === 'update-endpoints' ? { ...change, Id: text } : undefined;
        yield { index: index++, line, id: text, item };
      }
    } else {
      for await (const batch of readRecords(source, new Notes())) {
        for (const record of batch) yield itemOf(record, index++, kind, change);
      }
    }
    await source.assertUnchanged();
  } finally {
    await source.close();
  }
}

function itemOf(record: EndpointRecord, index: number, kind: BulkKind, change: EndpointDefinition): BulkItem {
  const path = kind === 'delete-users' ? 'User.UserId' : 'Id';
  const id = record.values.get(path)?.[0] ?? '';
  const base = { index, line: record.line, id };
  if (id === '') return { ...base, problem: `No ${path}` };
  if (kind !== 'update-endpoints') return base;
  try {
    return { ...base, item: { ...merge(definitionOf(record), change), Id: id } };
  } catch (error) {
    if (error instanceof AudienceError) return { ...base, problem: error.message };
    throw error;
  }
}

/** A record as UpdateEndpointsBatch expects it, without its Id and without attributes that only exports have. Throws `bad-input`. */
function definitionOf({ values }: EndpointRecord): EndpointDefinition {
  const definition: Record<string, unknown> = {};
  for (const [path, list] of values) {
    const attribute = attributeOf(path);
    if (attribute === undefined) throw new AudienceError('bad-input', `Unknown attribute: ${path}`);
    if (path === 'Id' || attribute.format === 'responseOnly') continue;
    const [first = ''] = list;
    const value = attribute.type === 'strings' ? list : attribute.type === 'number' ? Number(first) : first;
    if (Number.isNaN(value)) throw new AudienceError('bad-input', `${path} isn't a number`);
    putMember(definition, path, value);
  }
  return definition;
}

/** Members of `change` replace those of the record. */
function merge(definition: EndpointDefinition, change: EndpointDefinition): EndpointDefinition {
  const filled = <T extends object>(members: T): T | undefined =>
    Object.keys(members).length === 0 ? undefined : members;
  const userAttributes = filled({ ...definition.User?.UserAttributes, ...change.User?.UserAttributes });
  const merged: EndpointDefinition = {
    ...definition,
    ...change,
    User: filled({
      ...definition.User,
      ...change.User,
      ...(userAttributes && { UserAttributes: userAttributes }),
    }),
    Attributes: filled({ ...definition.Attributes, ...change.Attributes }),
    Metrics: filled({ ...definition.Metrics, ...change.Metrics }),
    Demographic: filled({ ...definition.Demographic, ...change.Demographic }),
    Location: filled({ ...definition.Location, ...change.Location }),
  };
  return JSON.parse(JSON.stringify(merged)) as EndpointDefinition;
}

async function* plainLines(source: Source): AsyncGenerator<{ line: number; text: string }> {
  const decoder = new TextDecoder();
  let rest = '';
  let line = 0;
  const cut = function* (text: string): Generator<{ line: number; text: string }> {
    const id = text.trim();
    line++;
    if (id !== '') yield { line, text: id };
  };
  for await (const chunk of source.chunks()) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const text of lines) yield* cut(text);
  }
  yield* cut(rest + decoder.decode());
}
