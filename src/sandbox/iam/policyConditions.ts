import { BlockList, isIP } from 'node:net';
import { getOwn } from '../../ownMember.ts';

/** A condition operator without `IfExists` and set prefixes. */
interface Operator {
  /** Whether a policy's value has the type that the operator compares. */
  readonly takes: (wanted: string) => boolean;
  /** Whether a request's value matches a policy's value. */
  readonly holds: (wanted: string, value: string) => boolean;
  /** True for operators that hold if no value matches. */
  readonly isNegated: boolean;
}

const anything = (_text: string): boolean => true;
const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));
const isBoolean = (text: string): boolean => /^(true|false)$/i.test(text);
const isArnPattern = (text: string): boolean => text === '*' || text.split(':').length >= 6;

/** Milliseconds of an ISO 8601 date or of seconds since the epoch. */
function timeOf(text: string): number {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function isAddressRange(text: string): boolean {
  const [address = '', bits] = text.split('/');
  const maxBits = { 4: 32, 6: 128 }[isIP(address)];
  return maxBits !== undefined && (bits === undefined || (/^\d+$/.test(bits) && Number(bits) <= maxBits));
}

function isInRange(range: string, address: string): boolean {
  const family = isIP(address);
  const [start = '', bits] = range.split('/');
  if (family === 0 || isIP(start) !== family || !isAddressRange(range)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  if (bits === undefined) list.addAddress(start, type);
  else list.addSubnet(start, Number(bits), type);
  return list.check(address, type);
}

function arnMatches(wanted: string, value: string): boolean {
  const [pattern, arn] = [arnParts(wanted), arnParts(value)];
  return pattern.length === arn.length && pattern.every((part, at) => matchesPattern(part, arn[at]!));
}

function arnParts(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

type Comparison = readonly [name: string, holds: (value: number, wanted: number) => boolean];
const comparisons: readonly Comparison[] = [
  ['Equals', (value, wanted) => value === wanted],
  ['LessThan', (value, wanted) => value < wanted],
  ['LessThanEquals', (value, wanted) => value <= wanted],
  ['GreaterThan', (value, wanted) => value > wanted],
  ['GreaterThanEquals', (value, wanted) => value >= wanted],
];

const plain = (holds: Operator['holds'], takes = anything): Operator => ({ takes, holds, isNegated: false });

/** IAM user guide, reference_policies_elements_condition_operators. */
const positive: Readonly<Record<string, Operator>> = {
  StringEquals: plain((wanted, value) => wanted === value),
  StringEqualsIgnoreCase: plain((wanted, value) => wanted.toLowerCase() === value.toLowerCase()),
  StringLike: plain(matchesPattern),
  Bool: plain((wanted, value) => wanted.toLowerCase() === value.toLowerCase(), isBoolean),
  BinaryEquals: plain((wanted, value) => wanted === value),
  IpAddress: plain(isInRange, isAddressRange),
  ArnEquals: plain(arnMatches, isArnPattern),
  ArnLike: plain(arnMatches, isArnPattern),
  ...Object.fromEntries(
    comparisons.flatMap(([name, holds]) => [
      [
        `Numeric${name}`,
        plain((wanted, value) => isNumber(value) && holds(Number(value), Number(wanted)), isNumber),
      ],
      [
        `Date${name}`,
        plain(
          (wanted, value) => holds(timeOf(value), timeOf(wanted)),
          (wanted) => !Number.isNaN(timeOf(wanted)),
        ),
      ],
    ]),
  ),
};

const negations: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};

const operators: ReadonlyMap<string, Operator> = new Map([
  ...Object.entries(positive),
  ...Object.entries(negations).map(
    ([name, opposite]) => [name, { ...getOwn(positive, opposite)!, isNegated: true }] as const,
  ),
  ['Null', plain(() => false, isBoolean)],
]);

interface ParsedOperator {
  readonly operator: Operator;
  readonly name: string;
  readonly set: 'ForAllValues' | 'ForAnyValue' | undefined;
  readonly ifExists: boolean;
}

function parseOperator(text: string): ParsedOperator | undefined {
  const [, set, rest = ''] = /^(?:(ForAllValues|ForAnyValue):)?(.*)$/.exec(text)!;
  const ifExists = rest.endsWith('IfExists');
  const name = ifExists ? rest.slice(0, -'IfExists'.length) : rest;
  const operator = name === 'Null' && (ifExists || set !== undefined) ? undefined : operators.get(name);
  return operator && { operator, name, set: set as ParsedOperator['set'], ifExists };
}

/** Why IAM would reject a condition line; `undefined` if it is valid. */
export function conditionProblem(operator: string, values: readonly string[]): string | undefined {
  const parsed = parseOperator(operator);
  if (parsed === undefined) return `Invalid Condition type : ${operator}.`;
  const wrong = values.find((value) => !value.includes('${') && !parsed.operator.takes(value));
  return wrong === undefined ? undefined : `Value ${wrong} is not valid for the condition type ${operator}.`;
}

/** Whether a condition line holds. Unknown operators never do. */
export function conditionHolds(
  operatorText: string,
  wanted: readonly string[],
  values: readonly string[] | undefined,
): boolean {
  const parsed = parseOperator(operatorText);
  if (parsed === undefined) return false;
  const { operator, name, set, ifExists } = parsed;
  if (name === 'Null')
    return wanted.some((text) => (text.toLowerCase() === 'true') === (values === undefined));
  if (values === undefined)
    return ifExists || set === 'ForAllValues' || (operator.isNegated && set !== 'ForAnyValue');
  const holds = (value: string): boolean =>
    wanted.some((text) => operator.holds(text, value)) !== operator.isNegated;
  // Without a set prefix, a negated operator must hold for all values, any other for one.
  return set === 'ForAllValues' || (set === undefined && operator.isNegated)
    ? values.every(holds)
    : values.some(holds);
}

/** Matches `*` and `?`: walks along both and backtracks to the last star on a mismatch. */
export function matchesPattern(pattern: string, text: string): boolean {
  let [at, star, mark] = [0, -1, 0];
  for (let index = 0; index < text.length;) {
    if (pattern[at] === '*') {
      star = at++;
      mark = index;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++mark;
    } else {
      return false;
    }
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
