import { ServiceError } from '../http/http.ts';
import { conditionProblem } from './policyConditions.ts';
import { getOwn } from '../../ownMember.ts';

/** The kind of a policy determines its required and forbidden elements. */
export type PolicyKind = 'trust' | 'identity' | 'resource';

type Json = Readonly<Record<string, unknown>>;

const documentElements = ['Version', 'Id', 'Statement'];
const statementElements = [
  'Sid',
  'Effect',
  'Principal',
  'NotPrincipal',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
];
const principalKinds = ['AWS', 'Service', 'Federated', 'CanonicalUser'];
const syntaxError = 'Syntax errors in policy.';

/** Returns a valid document unchanged. @throws ServiceError `MalformedPolicyDocument` if IAM would reject it */
export function readPolicy(text: string, kind: 'trust' | 'identity'): string {
  const problem = policyProblem(text, kind);
  if (problem !== undefined) throw new ServiceError(400, 'MalformedPolicyDocument', problem);
  return text;
}

/**
 * Why IAM would reject a document; `undefined` if it is valid (IAM user guide, reference_policies_grammar and
 * reference_policies_elements).
 */
export function policyProblem(text: string, kind: PolicyKind): string | undefined {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    return syntaxError;
  }
  if (!isObject(policy) || hasOthers(policy, documentElements) || hasRepeated(text)) return syntaxError;
  const { Version, Id, Statement } = policy;
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17') return syntaxError;
  if (Id !== undefined && typeof Id !== 'string') return syntaxError;
  const statements = Array.isArray(Statement) ? (Statement as unknown[]) : [Statement];
  if (statements.length === 0) return syntaxError;
  for (const statement of statements) {
    const problem = statementProblem(statement, kind);
    if (problem !== undefined) return problem;
  }
  const sids = statements.map((statement) => (statement as Json)['Sid']).filter((sid) => sid !== undefined);
  return new Set(sids).size < sids.length
    ? 'Statement IDs (SID) in a single policy must be unique.'
    : undefined;
}

/** Whether an object of a valid JSON text has a member twice, which JSON.parse hides (IAM user guide, reference_policies_grammar). */
function hasRepeated(text: string): boolean {
  const objects: (Set<string> | undefined)[] = [];
  for (const [token, name] of text.matchAll(/("(?:[^"\\]|\\.)*")\s*:|"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') objects.push(token === '{' ? new Set() : undefined);
    else if (token === '}' || token === ']') objects.pop();
    else if (name !== undefined) {
      const member = JSON.parse(name) as string;
      const members = objects.at(-1)!;
      if (members.has(member)) return true;
      members.add(member);
    }
  }
  return false;
}

function statementProblem(statement: unknown, kind: PolicyKind): string | undefined {
  if (!isObject(statement) || hasOthers(statement, statementElements)) return syntaxError;
  const { Sid, Effect, Condition } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') return syntaxError;
  if (Sid !== undefined) {
    if (typeof Sid !== 'string') return syntaxError;
    if (kind !== 'resource' && !/^[0-9A-Za-z]*$/.test(Sid))
      return `Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*`;
  }
  return (
    actionProblem(statement, kind) ??
    principalProblem(statement, kind) ??
    resourceProblem(statement, kind) ??
    (Condition === undefined ? undefined : conditionsProblem(Condition))
  );
}

function actionProblem(statement: Json, kind: PolicyKind): string | undefined {
  const actions = oneOf(statement, 'Action');
  if (actions === 'both' || actions === 'malformed') return syntaxError;
  if (actions.length === 0) return 'Policy statement must contain actions.';
  for (const action of actions) {
    if (action === '*') continue;
    const [vendor = '', name, ...rest] = action.split(':');
    if (name === undefined || vendor === '')
      return 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
    if (rest.length > 0) return 'Actions/Condition can contain only one colon.';
    if (/[*?]/.test(vendor)) return `Vendor ${vendor} is not valid`;
    if (!/^[\w-]+$/.test(vendor)) return `Vendor ${vendor} is not valid`;
    if (!/^[\w*?]+$/.test(name)) return syntaxError;
    if (kind === 'trust' && vendor !== 'sts')
      return 'AssumeRole policy may only specify STS AssumeRole actions.';
  }
  return kind === 'trust' && actions.includes('*')
    ? 'AssumeRole policy may only specify STS AssumeRole actions.'
    : undefined;
}

function principalProblem(statement: Json, kind: PolicyKind): string | undefined {
  const isNamed = 'Principal' in statement || 'NotPrincipal' in statement;
  if (kind === 'identity') return isNamed ? 'Policy document should not specify a principal.' : undefined;
  if (!isNamed)
    return kind === 'trust'
      ? 'AssumeRole policy must contain principals'
      : 'Missing required field Principal';
  if ('Principal' in statement && 'NotPrincipal' in statement) return syntaxError;
  if (kind === 'trust' && 'NotPrincipal' in statement)
    return 'Policy document should not specify a NotPrincipal.';
  const principal = statement['Principal'] ?? statement['NotPrincipal'];
  if (principal === '*') return undefined;
  if (!isObject(principal) || Object.keys(principal).length === 0) return 'Invalid principal in policy';
  for (const [type, named] of Object.entries(principal)) {
    const names = textsOf(named);
    if (!principalKinds.includes(type) || names === undefined || names.length === 0)
      return `Invalid principal in policy: "${type}"`;
    const wrong = names.find((name) => !isPrincipal(type, name));
    if (wrong !== undefined) return `Invalid principal in policy: "${type.toUpperCase()}":"${wrong}"`;
  }
  return undefined;
}

function isPrincipal(type: string, name: string): boolean {
  if (type === 'AWS') {
    return (
      name === '*' ||
      /^\d{12}$/.test(name) ||
      /^arn:aws[a-z-]*:(?:iam::\d{12}:(?:root|(?:user|role)\/[\w+=,.@/-]+)|sts::\d{12}:assumed-role\/[\w+=,.@/-]+)$/.test(
        name,
      ) ||
      // IAM replaces the ARNs of deleted identities by their Ids.
      /^A(?:IDA|ROA)[A-Z0-9]+$/.test(name)
    );
  }
  return type === 'Service' ? /^[\w.-]+\.amazonaws\.com(?:\.cn)?$/.test(name) : name !== '';
}

function resourceProblem(statement: Json, kind: PolicyKind): string | undefined {
  const isNamed = 'Resource' in statement || 'NotResource' in statement;
  if (kind === 'trust') return isNamed ? 'Has prohibited field Resource' : undefined;
  const resources = oneOf(statement, 'Resource');
  if (resources === 'both' || resources === 'malformed') return syntaxError;
  if (resources.length === 0) return 'Policy statement must contain resources.';
  for (const resource of resources) {
    if (resource === '*') continue;
    const [arn, partition = '', vendor = '', region = '', account = '', ...path] = resource.split(':');
    if (arn !== 'arn' || path.length === 0) return `Resource ${resource} must be in ARN format or "*".`;
    if (!/^(?:aws(?:-cn|-us-gov|-iso|-iso-b)?|\*)$/.test(partition))
      return `Partition "${partition}" is not valid for resource "${resource}".`;
    if (!/^[\w-]+$/.test(vendor))
      return 'Resource vendor must be fully qualified and cannot contain regexes.';
    if (vendor === 's3' && region !== '' && region !== '*')
      return `Resource ${resource} can not contain region information.`;
    if (vendor === 's3' && account !== '' && account !== '*')
      return `Resource ${resource} can not contain account information.`;
    if (vendor === 'iam' && region !== '' && region !== '*')
      return `IAM resource ${resource} cannot contain region information.`;
    if (vendor === 'iam' && path.length > 0 && !/^(?:[a-z-]+\/|root$|\*)/.test(path.join(':')))
      return 'IAM resource path must either be "*" or start with user/, federated-user/, role/, group/, instance-profile/, mfa/, server-certificate/, policy/, sms-mfa/, saml-provider/, oidc-provider/, report/, access-report/.';
  }
  return undefined;
}

function conditionsProblem(conditions: unknown): string | undefined {
  if (!isObject(conditions)) return syntaxError;
  for (const [operator, lines] of Object.entries(conditions)) {
    if (!isObject(lines)) return syntaxError;
    for (const [key, wanted] of Object.entries(lines)) {
      const values = textsOf(wanted);
      if (values === undefined) return syntaxError;
      if (!/^[\w-]+:.+$/s.test(key))
        return 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
      const problem = conditionProblem(operator, values);
      if (problem !== undefined) return problem;
    }
    const problem = conditionProblem(operator, []);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** The texts of an element or of its `Not…`, of which a statement has one. */
function oneOf(statement: Json, element: string): readonly string[] | 'both' | 'malformed' {
  if (Object.hasOwn(statement, element) && Object.hasOwn(statement, `Not${element}`)) return 'both';
  const value = getOwn(statement, element) ?? statement[`Not${element}`];
  if (value === undefined) return [];
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  return list.every((text) => typeof text === 'string') ? list : 'malformed';
}

/** A text, number or boolean, or a list of them, as texts. */
function textsOf(value: unknown): readonly string[] | undefined {
  const list = Array.isArray(value) ? (value as unknown[]) : [value];
  const isPlain = list.every((item) => ['string', 'number', 'boolean'].includes(typeof item));
  return isPlain ? list.map(String) : undefined;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function hasOthers(value: Json, known: readonly string[]): boolean {
  return Object.keys(value).some((name) => !known.includes(name));
}

/** Responses contain documents percent-encoded (IAM API reference, GetRolePolicy). */
export function encodePolicy(document: string): string {
  return encodeURIComponent(document);
}
