import { BlockList, isIP } from 'node:net';
import { AudienceError } from '../../errors.ts';
import { getOwn } from '../../ownMember.ts';
import { isPolicy } from './policyValidator.ts';

/** The JSON of an IAM, S3 or KMS policy; `Statement` is always a list. */
export interface PolicyDocument {
  readonly Version?: string;
  readonly Id?: string;
  readonly Statement: readonly Statement[];
}

type OneOrMore = string | readonly string[];
type PrincipalElement = '*' | Readonly<Record<string, OneOrMore>>;

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: PrincipalElement;
  readonly NotPrincipal?: PrincipalElement;
  readonly Action?: OneOrMore;
  readonly NotAction?: OneOrMore;
  readonly Resource?: OneOrMore;
  readonly NotResource?: OneOrMore;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, OneOrMore>>>>;
}

/** A service, or a role or user. */
export type Requester =
  { readonly service: string } | { readonly arn: string; readonly account: string; readonly service?: never };

export interface AccessRequest {
  /** Absent for identity policies, which have no principal. */
  readonly requester?: Requester | undefined;
  readonly action: string;
  /** Absent for trust policies, which have no resource. */
  readonly resource?: string | undefined;
  /** Values by condition key in lower case; an empty list for keys that the request lacks. Other keys are unknown. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

interface Leniency {
  /** Condition keys, in lower case, that are assumed to be in the requester's favor. */
  readonly ignoring?: readonly string[];
  /** Whether an Allow for the account counts for its roles and users. It only delegates to their own policies. */
  readonly accountAllows?: boolean;
}

export interface Decision {
  /** `none`: neither allowed nor denied, so not allowed. `unknown`: depends on unknown condition keys. */
  readonly effect: 'allow' | 'deny' | 'none' | 'unknown';
  /** The decisive statement. */
  readonly by?: Statement;
}

/** `undefined`: unknown. */
type Truth = boolean | undefined;

/**
 * Evaluates policies together: Deny wins over Allow (IAM user guide, reference_policies_evaluation-logic). Never guesses: the result
 * is `unknown` if it depends on an unknown condition key.
 */
export function decide(
  policies: readonly PolicyDocument[],
  request: AccessRequest,
  leniency: Leniency = {},
): Decision {
  const matched = policies
    .flatMap(({ Statement }) => Statement)
    .map((statement) => ({ statement, match: matchesRequest(statement, request, leniency) }));
  const find = (effect: Statement['Effect'], wanted: Truth): Statement | undefined =>
    matched.find(({ statement, match }) => statement.Effect === effect && match === wanted)?.statement;

  const denied = find('Deny', true);
  if (denied) return { effect: 'deny', by: denied };
  const allowed = find('Allow', true);
  const open = find('Deny', undefined) ?? (allowed ? undefined : find('Allow', undefined));
  if (open && (allowed ?? find('Allow', undefined))) return { effect: 'unknown', by: open };
  return allowed ? { effect: 'allow', by: allowed } : { effect: 'none' };
}

/** Twice as many characters as the longest policy of IAM, S3 and KMS, a key's (KMS developer guide, limits). */
const maxLength = 64 * 1024;

/**
 * Reads a policy's JSON.
 *
 * @throws AudienceError `service` if it isn't valid
 */
export function parsePolicy(text: string): PolicyDocument {
  if (text.length > maxLength) throw odd('is longer than any policy of AWS');
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw odd("isn't valid JSON");
  }
  if (!isPolicy(policy)) throw odd("doesn't have the form of a policy");
  const { Statement: statements, ...others } = policy as PolicyDocument;
  return { ...others, Statement: [statements].flat() };
}

/**
 * Reads a policy as IAM returns it, percent-encoded (IAM API reference, GetRolePolicy).
 *
 * @throws AudienceError `service` if it isn't valid
 */
export function parseEncodedPolicy(encoded: string): PolicyDocument {
  // Each character takes up to nine.
  if (encoded.length > 9 * maxLength) throw odd('is longer than any policy of AWS');
  let text: string;
  try {
    text = decodeURIComponent(encoded);
  } catch {
    throw odd("isn't percent-encoded");
  }
  return parsePolicy(text);
}

function odd(what: string): AudienceError {
  return new AudienceError('service', `A policy that the service returned ${what}`, {
    help: 'Check the service URL that you are connected to.',
  });
}

function matchesRequest(statement: Statement, request: AccessRequest, leniency: Leniency): Truth {
  const { Effect, Condition = {} } = statement;
  const variables = (text: string): string | undefined => substitute(text, request.context);
  return all([
    matchesRequester(statement, request.requester, leniency),
    either(statement.Action, statement.NotAction, (pattern) =>
      glob(pattern.toLowerCase(), request.action.toLowerCase()),
    ),
    request.resource === undefined
      ? true
      : either(statement.Resource, statement.NotResource, (pattern) => {
          const resolved = variables(pattern);
          return resolved === undefined ? undefined : glob(resolved, request.resource!);
        }),
    ...Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, wanted]) =>
        leniency.ignoring?.includes(key.toLowerCase()) === true
          ? Effect === 'Allow'
          : holds(operator, list(wanted), getOwn(request.context, key.toLowerCase()), variables),
      ),
    ),
  ]);
}

/** Tests `Element` or `NotElement`; false if the statement has neither. */
function either(
  wanted: OneOrMore | undefined,
  unwanted: OneOrMore | undefined,
  test: (pattern: string) => Truth,
): Truth {
  if (wanted !== undefined) return any(list(wanted).map(test));
  return unwanted === undefined ? false : not(any(list(unwanted).map(test)));
}

function matchesRequester(
  { Principal, NotPrincipal, Effect }: Statement,
  requester: Requester | undefined,
  leniency: Leniency,
): Truth {
  if (requester === undefined) return true;
  const names = (element: PrincipalElement, wholeAccount: boolean): boolean => {
    if (element === '*') return true;
    if (list(element['AWS']).includes('*')) return true;
    if (requester.service !== undefined) return list(element['Service']).includes(requester.service);
    return list(element['AWS']).some(
      (name) => name === requester.arn || (wholeAccount && isAccount(name, requester.account)),
    );
  };
  if (Principal !== undefined) return names(Principal, Effect === 'Deny' || leniency.accountAllows === true);
  return NotPrincipal === undefined ? false : !names(NotPrincipal, true);
}

/** Both forms mean the whole account (IAM user guide, reference_policies_elements_principal). */
function isAccount(name: string, account: string): boolean {
  return name === account || new RegExp(`^arn:[^:]+:iam::${account}:root$`).test(name);
}

interface Operator {
  readonly negated: boolean;
  readonly test: (wanted: string, value: string) => Truth;
}

const exact = (wanted: string, value: string): boolean => plain(wanted) === value;
const anyCase = (wanted: string, value: string): boolean =>
  plain(wanted).toLowerCase() === value.toLowerCase();
const plain = (text: string): string => text.replaceAll(literal['*'], '*').replaceAll(literal['?'], '?');
const compare =
  (read: (text: string) => number, test: (value: number, wanted: number) => boolean): Operator['test'] =>
  (wanted, value) => {
    const [a, b] = [read(value), read(wanted)];
    return !Number.isNaN(a) && !Number.isNaN(b) && test(a, b);
  };
const readDate = (text: string): number => (/^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text));

/** By name (IAM user guide, reference_policies_elements_condition_operators); ArnEquals is the same as ArnLike. */
const operators: Readonly<Record<string, Operator>> = {
  ...family('StringEquals', 'StringNotEquals', exact),
  ...family('StringEqualsIgnoreCase', 'StringNotEqualsIgnoreCase', anyCase),
  ...family('StringLike', 'StringNotLike', glob),
  ...family('ArnEquals', 'ArnNotEquals', arnLike),
  ...family('ArnLike', 'ArnNotLike', arnLike),
  ...family('Bool', undefined, anyCase),
  ...family('BinaryEquals', undefined, exact),
  ...family('IpAddress', 'NotIpAddress', inRange),
  ...numbers('Numeric', Number),
  ...numbers('Date', readDate),
};

function family(
  name: string,
  opposite: string | undefined,
  test: Operator['test'],
): Record<string, Operator> {
  return {
    [name]: { negated: false, test },
    ...(opposite !== undefined && { [opposite]: { negated: true, test } }),
  };
}

function numbers(kind: string, read: (text: string) => number): Record<string, Operator> {
  return {
    ...family(
      `${kind}Equals`,
      `${kind}NotEquals`,
      compare(read, (value, wanted) => value === wanted),
    ),
    ...family(
      `${kind}LessThan`,
      undefined,
      compare(read, (value, wanted) => value < wanted),
    ),
    ...family(
      `${kind}LessThanEquals`,
      undefined,
      compare(read, (value, wanted) => value <= wanted),
    ),
    ...family(
      `${kind}GreaterThan`,
      undefined,
      compare(read, (value, wanted) => value > wanted),
    ),
    ...family(
      `${kind}GreaterThanEquals`,
      undefined,
      compare(read, (value, wanted) => value >= wanted),
    ),
  };
}

/** Evaluates one condition line. It is false for an absent key, except with negated operators, `…IfExists`, `ForAllValues:` and `Null`. */
function holds(
  name: string,
  wanted: readonly string[],
  values: readonly string[] | undefined,
  variables: (text: string) => string | undefined,
): Truth {
  const [, set, base = '', ifExists] = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name) ?? [];
  if (values === undefined) return undefined;
  if (base === 'Null')
    return any(wanted.map((text) => (text.toLowerCase() === 'true') === (values.length === 0)));
  const operator = getOwn(operators, base);
  if (operator === undefined) return undefined;
  if (values.length === 0) {
    if (ifExists !== undefined || set === 'ForAllValues') return true;
    return set === undefined && operator.negated;
  }
  const one = (value: string): Truth => {
    const found = any(
      wanted.map((text) => {
        const resolved = variables(text);
        return resolved === undefined ? undefined : operator.test(resolved, value);
      }),
    );
    return operator.negated ? not(found) : found;
  };
  return set === 'ForAllValues' ? all(values.map(one)) : any(values.map(one));
}

/** Replaces policy variables, such as `${aws:PrincipalAccount}` or `${aws:username, 'default'}`; `undefined` if one is unknown. */
function substitute(text: string, context: AccessRequest['context']): string | undefined {
  const unknown: string[] = [];
  const filled = text.replaceAll(
    /\$\{([^},]{1,256}?)(?:\s{0,9},\s{0,9}'([^']{0,2048})')?\s{0,9}\}/g,
    (_all, key: string, standard?: string) => {
      if (key === '*' || key === '?' || key === '$') return literal[key];
      const values = getOwn(context, key.toLowerCase());
      const value = values?.[0] ?? (values && standard);
      if (value === undefined) unknown.push(key);
      return value ?? '';
    },
  );
  return unknown.length === 0 ? filled : undefined;
}

/** Placeholders for escaped wildcards in patterns. */
const literal = { '*': '\u0001', '?': '\u0002', $: '$' } as const;

/**
 * `*` matches any characters, `?` one. Walks along both and returns to the last star at a mismatch: a regular expression takes
 * minutes for a policy with a few stars, and policies may be another account's.
 */
function glob(pattern: string, text: string): boolean {
  const [wanted, given] = [Array.from(pattern), Array.from(text)];
  let at = 0;
  let star = -1;
  let from = 0;
  for (let index = 0; index < given.length;) {
    if (wanted[at] === '*') {
      star = at++;
      from = index;
    } else if (wanted[at] === '?' || (at < wanted.length && plain(wanted[at]!) === given[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++from;
    } else {
      return false;
    }
  }
  return wanted.slice(at).every((rest) => rest === '*');
}

/** Compares each of the six parts of an ARN separately (IAM user guide, condition operators for ARNs). */
function arnLike(pattern: string, arn: string): boolean {
  const [wanted, given] = [arnParts(pattern), arnParts(arn)];
  return wanted.length === given.length && wanted.every((part, at) => glob(part, given[at]!));
}

function arnParts(arn: string): readonly string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(':')] : [])];
}

function inRange(range: string, address: string): Truth {
  const [network = '', bits] = range.split('/');
  const version = isIP(network);
  const longest = version === 6 ? 128 : 32;
  const prefix = /^\d{1,3}$/.test(bits ?? String(longest)) ? Number(bits ?? longest) : longest + 1;
  // AWS accepts no policy with this.
  if (version === 0 || prefix > longest || isIP(address) === 0) return undefined;
  const kind = version === 6 ? 'ipv6' : 'ipv4';
  const block = new BlockList();
  block.addSubnet(network, prefix, kind);
  return block.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function list(value: OneOrMore | undefined): readonly string[] {
  if (value === undefined) return [];
  // JSON policies may contain booleans and numbers instead of strings.
  return [value].flat().map(String);
}

function all(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

function any(truths: readonly Truth[]): Truth {
  if (truths.includes(true)) return true;
  return truths.includes(undefined) ? undefined : false;
}

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}
