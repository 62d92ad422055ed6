/** A JSON schema, draft 7. */
type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: 'string' };
/** JSON policies may contain booleans and numbers instead of strings. */
const value: Schema = { anyOf: [text, { type: 'boolean' }, { type: 'number' }] };
const oneOrMore = (item: Schema): Schema => ({ anyOf: [item, { type: 'array', items: item }] });
const record = (item: Schema): Schema => ({ type: 'object', additionalProperties: item });
const principal: Schema = { anyOf: [{ enum: ['*'] }, record(oneOrMore(text))] };
const names = oneOrMore(text);

const statement: Schema = {
  type: 'object',
  required: ['Effect'],
  properties: {
    Sid: text,
    Effect: { enum: ['Allow', 'Deny'] },
    Principal: principal,
    NotPrincipal: principal,
    Action: names,
    NotAction: names,
    Resource: names,
    NotResource: names,
    Condition: record(record(oneOrMore(value))),
  },
};

/** The grammar of policies, as far as they are evaluated (IAM user guide, reference_policies_grammar). */
export const policySchema: Schema = {
  type: 'object',
  required: ['Statement'],
  properties: { Version: text, Id: text, Statement: oneOrMore(statement) },
};
