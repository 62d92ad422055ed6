import type { ConditionKeys } from '../authority.ts';
import { conditionHolds, matchesPattern } from './policyConditions.ts';
import { getOwn } from '../../ownMember.ts';

/** Policy evaluation of the sandbox's IAM. Deliberately independent of the extension's own (`aws/iam/policy.ts`). */

export interface PolicyRequest {
  readonly action: string;
  readonly resource?: string | undefined;
  /** The requester, for policies with principals; absent for identity policies. */
  readonly who?: Who | undefined;
  readonly keys?: ConditionKeys | undefined;
}

export type Who =
  { readonly service: string } | { readonly account: string; readonly arns: readonly string[] };

/** `delegated`: the policy names the account, so IAM policies decide. */
export type Verdict = 'allowed' | 'delegated' | 'explicitDeny' | 'implicitDeny';

type Json = Readonly<Record<string, unknown>>;

/** Decides as IAM does: an explicit Deny wins over an Allow; the default is an implicit Deny. */
export function evaluatePolicies(documents: readonly string[], request: PolicyRequest): Verdict {
  const keys = lowerCaseKeys(request.keys ?? {});
  let verdict: Verdict = 'implicitDeny';
  for (const { statements, hasVariables } of documents.map(readDocument)) {
    const filled = (text: string): string => (hasVariables ? fill(text, keys) : text);
    for (const statement of statements) {
      const named = request.who === undefined ? 'named' : principalNames(statement, request.who);
      if (named === 'no' || !applies(statement, request, keys, filled)) continue;
      if (statement['Effect'] === 'Deny') return 'explicitDeny';
      if (named === 'named') verdict = 'allowed';
      else if (verdict !== 'allowed') verdict = 'delegated';
    }
  }
  return verdict;
}

/** The condition keys of policies, in lower case. */
export function conditionKeysOf(documents: readonly string[]): readonly string[] {
  const conditions = documents
    .flatMap(statementsOf)
    .flatMap(({ Condition }) => Object.values((Condition ?? {}) as Record<string, Json>));
  return [...new Set(conditions.flatMap((keys) => Object.keys(keys).map((key) => key.toLowerCase())))];
}

function readDocument(document: string): { statements: readonly Json[]; hasVariables: boolean } {
  const { Version, Statement } = JSON.parse(document) as { Version?: string; Statement: Json | Json[] };
  return {
    statements: Array.isArray(Statement) ? Statement : [Statement],
    // Older versions take variables literally (IAM user guide, reference_policies_variables).
    hasVariables: Version === '2012-10-17',
  };
}

const statementsOf = (document: string): readonly Json[] => readDocument(document).statements;

type Keys = ReadonlyMap<string, readonly string[]>;

function lowerCaseKeys(keys: ConditionKeys): Keys {
  const entries: [string, readonly string[]][] = [];
  for (const [name, value] of Object.entries(keys)) {
    if (value !== undefined) entries.push([name.toLowerCase(), typeof value === 'string' ? [value] : value]);
  }
  return new Map(entries);
}

function applies(
  statement: Json,
  { action, resource }: PolicyRequest,
  keys: Keys,
  filled: (text: string) => string,
): boolean {
  const names = (member: string, matches: (pattern: string) => boolean): boolean =>
    Object.hasOwn(statement, member)
      ? texts(getOwn(statement, member)).some(matches)
      : Object.hasOwn(statement, `Not${member}`) && !texts(statement[`Not${member}`]).some(matches);
  const isAction = (pattern: string): boolean => matchesPattern(pattern.toLowerCase(), action.toLowerCase());
  return (
    names('Action', isAction) &&
    (resource === undefined || names('Resource', (pattern) => matchesPattern(filled(pattern), resource))) &&
    Object.entries((statement['Condition'] ?? {}) as Record<string, Json>).every(([operator, lines]) =>
      Object.entries(lines).every(([key, wanted]) => {
        const values = texts(wanted).map(filled);
        return conditionHolds(operator, values, keys.get(key.toLowerCase()));
      }),
    )
  );
}

function principalNames(statement: Json, who: Who): 'named' | 'account' | 'no' {
  if ('NotPrincipal' in statement) return nameIn(statement['NotPrincipal'], who) === 'no' ? 'named' : 'no';
  return nameIn(statement['Principal'], who);
}

function nameIn(principal: unknown, who: Who): 'named' | 'account' | 'no' {
  if (principal === '*') return 'named';
  if (typeof principal !== 'object' || principal === null) return 'no';
  const named = principal as Json;
  if ('service' in who) return texts(named['Service']).includes(who.service) ? 'named' : 'no';
  const names = texts(named['AWS']);
  if (names.some((name) => name === '*' || who.arns.includes(name))) return 'named';
  return names.some((name) => name === who.account || name === `arn:aws:iam::${who.account}:root`)
    ? 'account'
    : 'no';
}

/** Replaces policy variables, such as `${aws:username}`. Unknown ones stay, so that they match nothing. */
function fill(text: string, keys: Keys): string {
  return text.replace(/\$\{([^}]+)\}/g, (all, key: string) => {
    if (key === '*' || key === '?' || key === '$') return key;
    const [name = '', fallback] = key.split(/,\s*'(.*)'$/s);
    return keys.get(name.trim().toLowerCase())?.[0] ?? fallback ?? all;
  });
}

function texts(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}
