import { channels, limits, responseOnly, type Attribute } from './attributes.ts';
import { countries, timezones } from './referenceData.ts';
import { scopes, type Scope } from './jsonMembers.ts';

/** A draft 7 JSON schema with VS Code's extensions: `enumDescriptions`, `deprecationMessage`, `markdownDescription`. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly deprecationMessage?: string;
  readonly type?: 'object' | 'array' | 'string' | 'number';
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly propertyNames?: JsonSchema;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly dependencies?: Readonly<Record<string, readonly string[]>>;
  readonly items?: JsonSchema;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly examples?: readonly (string | number | readonly string[])[];
  readonly anyOf?: readonly JsonSchema[];
}

/**
 * The schema of one endpoint in NDJSON files and in the service's API, built from the attribute table. It accepts a new endpoint, an
 * update by Id, or just a user. Checks across endpoints, and those that a schema can't express (email addresses, dates), are the
 * validator's.
 */
export function endpointSchema(): JsonSchema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Amazon Pinpoint endpoint',
    ...objectSchema(scopes[0]!),
    anyOf: [{ required: ['ChannelType', 'Address'] }, { required: ['Id'] }, onlyUserId],
  };
}

/** The schema of an endpoint as returned by the service, including the members that only the service sets. */
export function storedEndpointSchema(): JsonSchema {
  const { anyOf: _anyOf, ...schema } = endpointSchema();
  return JSON.parse(
    JSON.stringify(schema, (name, value: unknown) => (name === 'deprecationMessage' ? undefined : value)),
  ) as JsonSchema;
}

/** A line of a user list: nothing but a User.UserId. */
const onlyUserId: JsonSchema = {
  required: ['User'],
  propertyNames: { enum: ['User'] },
  properties: { User: { type: 'object', required: ['UserId'], propertyNames: { enum: ['UserId'] } } },
};

function objectSchema({ family, members, scopes: inner }: Scope): JsonSchema {
  if (family !== undefined) {
    return {
      description: family.help,
      type: 'object',
      propertyNames: { minLength: 1, maxLength: limits.nameLength },
      maxProperties: limits.customNames,
      additionalProperties: memberSchema(family),
    };
  }
  return {
    type: 'object',
    properties: {
      ...Object.fromEntries(Array.from(members, ([name, attribute]) => [name, memberSchema(attribute)])),
      ...Object.fromEntries(Array.from(inner, ([name, number]) => [name, objectSchema(scopes[number]!)])),
    },
    ...(members.has('Latitude')
      ? { dependencies: { Latitude: ['Longitude'], Longitude: ['Latitude'] } }
      : {}),
    additionalProperties: false,
  };
}

function memberSchema(attribute: Attribute): JsonSchema {
  const { help, source, type, example } = attribute;
  const texts = { description: help, markdownDescription: `${help} [AWS](${source})` };
  if (responseOnly.includes(attribute)) return { ...texts, deprecationMessage: help };
  if (type === 'number') {
    return { ...texts, type, ...rangeOf[attribute.format], examples: [Number(example)] };
  }
  if (type === 'string') return { ...texts, ...stringSchema(attribute), examples: [example] };
  return {
    ...texts,
    type: 'array',
    maxItems: limits.values,
    items: stringSchema(attribute),
    examples: [[example]],
  };
}

const rangeOf: Partial<Record<Attribute['format'], JsonSchema>> = {
  latitude: { minimum: -90, maximum: 90 },
  longitude: { minimum: -180, maximum: 180 },
};

function stringSchema({ format, maxLength, values }: Attribute): JsonSchema {
  const length = maxLength === undefined ? {} : { maxLength };
  return {
    type: 'string',
    ...length,
    ...(values === undefined ? {} : { enum: values }),
    ...formatSchemas[format],
  };
}

/** Lists are for completion; the second choice allows what the validator also accepts, such as other letter case and older names. */
const formatSchemas: Partial<Record<Attribute['format'], JsonSchema>> = {
  channelType: { enumDescriptions: channels.map(({ help }) => help) },
  country: { anyOf: [{ enum: countries }, { pattern: '^[A-Za-z]{2,3}$' }] },
  id: { pattern: '^[^${}]*$' },
  locale: { pattern: '^[a-z]{2,3}_([A-Z]{2}|[0-9]{3})$' },
  timezone: { anyOf: [{ enum: timezones }, { pattern: '^[A-Z][A-Za-z0-9_+-]*(/[A-Z][A-Za-z0-9_+-]*)*$' }] },
  userId: { pattern: '^[^${}]*$' },
};
