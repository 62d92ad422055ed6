import { NormalizedSchema } from '@smithy/core/schema';
import { getSmithyContext } from '@smithy/core/transport';
import { getOwn } from '../../ownMember.ts';

/** What the SDK parsed. */
interface Parsed {
  readonly output: unknown;
}

/** The used part of an SDK client. */
interface Client {
  readonly middlewareStack: {
    add(
      middleware: (
        next: (given: never) => Promise<Parsed>,
        context: Parameters<typeof getSmithyContext>[0],
      ) => (given: never) => Promise<Parsed>,
      options: { readonly step: 'initialize'; readonly priority: 'high'; readonly name: string },
    ): void;
  };
}

/**
 * Makes a client reject responses whose members aren't of the type that AWS's own model of the operation gives them, with an
 * `InvalidResponse`. The SDK takes over any type, and its types are only promises.
 */
export function withCheckedResponses<T extends object>(client: T): T {
  (client as unknown as Client).middlewareStack.add(
    (next, context) => async (given) => {
      const result = await next(given);
      const { operationSchema } = getSmithyContext(context) as { readonly operationSchema?: Operation };
      if (operationSchema !== undefined && !isOfType(NormalizedSchema.of(operationSchema[5]), result.output))
        throw Object.assign(new Error('InvalidResponse'), {
          name: 'InvalidResponse',
          code: 'InvalidResponse',
        });
      return result;
    },
    { step: 'initialize', priority: 'high', name: 'checkedResponses' },
  );
  return client;
}

/** Kind, namespace, name, traits, input and output. */
type Operation = readonly [
  number,
  string,
  string,
  unknown,
  unknown,
  Parameters<typeof NormalizedSchema.of>[0],
];

function isOfType(schema: NormalizedSchema, value: unknown): boolean {
  if (schema.isStructSchema()) {
    if (!isObject(value)) return false;
    return [...schema.structIterator()].every(([name, member]) => {
      const given = getOwn(value, name);
      return given === undefined || isOfType(member, given);
    });
  }
  if (schema.isListSchema())
    return Array.isArray(value) && value.every((item) => isOfType(schema.getValueSchema(), item));
  if (schema.isMapSchema())
    return isObject(value) && Object.values(value).every((item) => isOfType(schema.getValueSchema(), item));
  if (schema.isStringSchema()) return typeof value === 'string' || value instanceof String;
  if (schema.isNumericSchema()) return Number.isFinite(value);
  if (schema.isBooleanSchema()) return typeof value === 'boolean';
  if (schema.isTimestampSchema()) return value instanceof Date && !Number.isNaN(value.getTime());
  // The rest are streams and bytes, which the SDK makes itself.
  return true;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
