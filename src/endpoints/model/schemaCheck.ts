import { AudienceError } from '../../errors.ts';
import { isObject } from '../editing/endpointChange.ts';

/** What a check knows of a JSON schema: as much as ours use. */
interface Form {
  readonly $ref?: string;
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Form>>;
  readonly additionalProperties?: Form | boolean;
  readonly required?: readonly string[];
  readonly items?: Form;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly enum?: readonly string[];
}

interface FormSchema extends Form {
  readonly definitions?: Readonly<Record<string, Form>>;
}

/** Checks what a person wrote by the schema that the editor shows. `whole` names it. Throws `bad-input` with the place. */
export function checkForm(value: unknown, schema: FormSchema, whole: string): void {
  new Checker(schema.definitions ?? {}, whole).check(value, schema, '');
}

class Checker {
  readonly #definitions: Readonly<Record<string, Form>>;
  readonly #whole: string;

  constructor(definitions: Readonly<Record<string, Form>>, whole: string) {
    this.#definitions = definitions;
    this.#whole = whole;
  }

  check(value: unknown, form: Form, path: string): void {
    const resolved = this.#resolved(form);
    const {
      type,
      properties,
      additionalProperties,
      required = [],
      items,
      maxItems,
      minLength = 0,
    } = resolved;
    const allowed = resolved.enum;
    if (type !== undefined && !hasType(value, type)) {
      throw refusal(
        `${path || this.#whole} has to be ${nouns[type] ?? type}`,
        'The schema says what goes where.',
      );
    }
    if (allowed && !allowed.includes(value as string)) {
      throw refusal(`${path} has to be one of ${allowed.join(', ')}`, 'Choose one of them.');
    }
    if (typeof value === 'string' && value.trim().length < minLength) {
      throw refusal(`${path} is empty`, 'Say what it is.');
    }
    if (Array.isArray(value)) {
      if (maxItems !== undefined && value.length > maxItems) {
        throw refusal(`${path} can have at most ${maxItems}`, 'Take out what is too much.');
      }
      if (items) value.forEach((item: unknown, index) => this.check(item, items, `${path}[${index}]`));
    }
    if (!isObject(value)) return;
    for (const name of required) {
      if (value[name] === undefined) throw refusal(`${join(path, name)} is missing`, 'Add it.');
    }
    for (const [name, member] of Object.entries(value)) {
      const own = properties && Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
      if (own === false) {
        const names = Object.keys(properties ?? {}).join(', ');
        throw refusal(`${join(path, name)} is nothing that is known here`, `There are: ${names}.`);
      }
      if (typeof own === 'object') this.check(member, own, join(path, name));
    }
  }

  #resolved(form: Form): Form {
    return form.$ref === undefined
      ? form
      : (this.#definitions[form.$ref.replace('#/definitions/', '')] ?? form);
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

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function refusal(message: string, help: string): AudienceError {
  return new AudienceError('bad-input', message, { help });
}
