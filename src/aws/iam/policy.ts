import { BlockList, isIP } from 'node:net';
import { AudienceError } from '../../errors.ts';
import { getOwn } from '../../ownMember.ts';

/** A policy of IAM, S3 or KMS as its JSON is; `Statement` always a list. */
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

/** Who asks: a service in its own name, or a role or user. */
export type Asker =
  { readonly service: string } | { readonly arn: string; readonly account: string; readonly service?: never };

export interface AccessRequest {
  /** Absent for identity policies, which have no principal. */
  readonly asker?: Asker | undefined;
  readonly action: string;
  /** Absent for trust policies, which name nothing. */
  readonly resource?: string | undefined;
  /** Values by condition key, in lower case; an empty list for a key that the request does not have. Other keys are not known. */
  readonly context: Readonly<Record<string, readonly string[]>>;
}

interface Leniency {
  /** Condition keys, in lower case, that are taken to be as the caller would have them. */
  readonly ignoring?: readonly string[];
  /** Whether an Allow for the whole account is one for its roles and users: it only hands the decision to their own policies. */
  readonly accountAllows?: boolean;
}

export interface Decision {
  /** `none`: neither allowed nor denied, so not allowed. `unknown`: depends on something that can't be known here. */
  readonly effect: 'allow' | 'deny' | 'none' | 'unknown';
  /** The statement that decided. */
  readonly by?: Statement;
}

/** `undefined`: unknown. */
type Truth = boolean | undefined;

/**
 * Decides a request by policies taken together: Deny before Allow before nothing (IAM user guide, reference_policies_evaluation-logic).
 * What hangs on a condition key that is not known comes out as `unknown`, never as a guess.
 */
export function decide(
  policies: readonly PolicyDocument[],
  request: AccessRequest,
  leniency: Leniency = {},
): Decision {
  const matched = policies
    .flatMap(({ Statement }) => Statement)
    .map((statement) => ({ statement, fits: fits(statement, request, leniency) }));
  const find = (effect: Statement['Effect'], fit: Truth): Statement | undefined =>
    matched.find(({ statement, fits }) => statement.Effect === effect && fits === fit)?.statement;

  const denied = find('Deny', true);
  if (denied) return { effect: 'deny', by: denied };
  const allowed = find('Allow', true);
  const open = find('Deny', undefined) ?? (allowed ? undefined : find('Allow', undefined));
  if (open && (allowed ?? find('Allow', undefined))) return { effect: 'unknown', by: open };
  return allowed ? { effect: 'allow', by: allowed } : { effect: 'none' };
}

/**
 * Reads a policy's JSON.
 *
 * @throws AudienceError `bad-input` where it is none
 */
export function parsePolicy(text: string): PolicyDocument {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch (error) {
    throw new AudienceError('bad-input', 'A policy is not JSON', { cause: error });
  }
  if (typeof policy !== 'object' || policy === null || !('Statement' in policy)) {
    throw new AudienceError('bad-input', 'A policy has no Statement');
  }
  return { ...policy, Statement: [policy.Statement].flat() as Statement[] };
}

function fits(statement: Statement, request: AccessRequest, leniency: Leniency): Truth {
  const { Effect, Condition = {} } = statement;
  const variables = (text: string): string | undefined => substitute(text, request.context);
  return all([
    fitsAsker(statement, request.asker, leniency),
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

/** `Element` or `NotElement`; neither is there where the policy is of a kind that has none. */
function either(
  wanted: OneOrMore | undefined,
  unwanted: OneOrMore | undefined,
  test: (pattern: string) => Truth,
): Truth {
  if (wanted !== undefined) return any(list(wanted).map(test));
  return unwanted === undefined ? false : not(any(list(unwanted).map(test)));
}

function fitsAsker(
  { Principal, NotPrincipal, Effect }: Statement,
  asker: Asker | undefined,
  how: Leniency,
): Truth {
  if (asker === undefined) return true;
  const names = (element: PrincipalElement, whole: boolean): boolean => {
    if (element === '*') return true;
    if (list(element['AWS']).includes('*')) return true;
    if (asker.service !== undefined) return list(element['Service']).includes(asker.service);
    return list(element['AWS']).some(
      (name) => name === asker.arn || (whole && isAccount(name, asker.account)),
    );
  };
  if (Principal !== undefined) return names(Principal, Effect === 'Deny' || how.accountAllows === true);
  return NotPrincipal === undefined ? false : !names(NotPrincipal, true);
}

/** Both forms name everybody in the account (IAM user guide, reference_policies_elements_principal). */
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

/** By name (IAM user guide, reference_policies_elements_condition_operators); ArnEquals does as ArnLike. */
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

/** One line of a Condition. A key that is absent fails it, but for negated operators, `…IfExists`, `ForAllValues:` and `Null`. */
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

/** Fills in policy variables, such as `${aws:PrincipalAccount}` or `${aws:username, 'nobody'}`; `undefined` if one is not known. */
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

/** Stand for the characters themselves where a pattern is matched. */
const literal = { '*': '\u0001', '?': '\u0002', $: '$' } as const;

/**
 * `*` for any characters, `?` for one. Walks along both and returns to the last star where they differ: a regular expression takes
 * minutes for a policy with a few stars, and policies are of an account that may be somebody else's.
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

/** Each of the six parts of an ARN by itself (IAM user guide, condition operators for ARNs). */
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
  if (version === 0 || isIP(address) === 0) return false;
  const kind = version === 6 ? 'ipv6' : 'ipv4';
  const block = new BlockList();
  block.addSubnet(network, Number(bits ?? (version === 6 ? 128 : 32)), kind);
  return block.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

function list(value: OneOrMore | undefined): readonly string[] {
  if (value === undefined) return [];
  // JSON may have booleans and numbers where a policy means their text.
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
