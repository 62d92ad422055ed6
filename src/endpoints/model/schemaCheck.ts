import type { ErrorObject } from 'ajv';
import { badInput } from '../../errors.ts';
import { getOwn } from '../../ownMember.ts';

/** True if a value matches its schema; otherwise `errors` has the reasons. */
export interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly ErrorObject[] | null;
}

/**
 * Checks user input with a validator that `node tools/validators.ts` compiles from the schema that the editor shows.
 * `whole` names the document. Throws `bad-input` with the position.
 */
export function checkSchema(value: unknown, validate: Validator, whole: string): void {
  if (validate(value)) return;
  const [error] = validate.errors!;
  throw badInput(...problemOf(error!, whole));
}

/** The schema's limit for an error, such as the value of `maximum`. */
function limitOf({ schema }: ErrorObject): string {
  return String(schema);
}

type Problem = (error: ErrorObject, place: string) => readonly [message: string, help: string];

const nouns: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
};

const problems: Readonly<Record<string, Problem>> = {
  type: ({ schema }, place) => [
    `${place} must be ${getOwn(nouns, String(schema)) ?? String(schema)}`,
    'Correct it.',
  ],
  enum: ({ schema }, place) => [
    `${place} must be one of ${(schema as readonly unknown[]).join(', ')}`,
    'Choose one of them.',
  ],
  minLength: (_, place) => [`${place} is empty`, 'Enter a value.'],
  maxLength: (error, place) =>
    error.propertyName === undefined
      ? [`${place} has more than ${limitOf(error)} characters`, 'Shorten it.']
      : [`A name in ${place} has more than ${limitOf(error)} characters`, 'Shorten it.'],
  minimum: (error, place) => [`${place} must be at least ${limitOf(error)}`, 'Correct it.'],
  maximum: (error, place) => [`${place} must be at most ${limitOf(error)}`, 'Correct it.'],
  maxItems: (error, place) => [`${place} can have at most ${limitOf(error)}`, 'Remove the others.'],
  maxProperties: (error, place) => [`${place} can have at most ${limitOf(error)}`, 'Remove the others.'],
  pattern: ({ parentSchema }, place) => [
    `${place} isn't valid`,
    (parentSchema as { description?: string }).description ?? 'Correct it.',
  ],
  required: ({ params }, place) => [
    `${member(place, (params as { missingProperty: string }).missingProperty)} is missing`,
    'Add it.',
  ],
  additionalProperties: ({ params, parentSchema }, place) => [
    `Unknown property: ${member(place, (params as { additionalProperty: string }).additionalProperty)}`,
    `Known: ${Object.keys((parentSchema as { properties?: object }).properties ?? {}).join(', ')}.`,
  ],
};

function problemOf(error: ErrorObject, whole: string): readonly [message: string, help: string] {
  const place = readablePath(error.instancePath);
  // Top-level members are named without the document.
  const isOfMember = error.keyword === 'required' || error.keyword === 'additionalProperties';
  const problem = getOwn(problems, error.keyword);
  if (problem === undefined)
    return [`${place || whole} isn't valid: ${error.message ?? error.keyword}`, 'Correct it.'];
  return problem(error, place === '' && !isOfMember ? whole : place);
}

/** A JSON pointer as a readable path: `Groups[0].Type`. */
function readablePath(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((place, name) => (/^\d+$/.test(name) ? `${place}[${name}]` : member(place, name)), '');
}

function member(place: string, name: string): string {
  return place === '' ? name : `${place}.${name}`;
}
