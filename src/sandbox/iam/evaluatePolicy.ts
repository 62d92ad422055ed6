/** What the sandbox's IAM understands of policies. It knows nothing of the extension's own judgement, and must not. */

export interface Question {
  readonly action: string;
  readonly resource?: string | undefined;
  /** `Service pinpoint.amazonaws.com`, or the ARN of a role or user. Absent for policies of an identity. */
  readonly who?: string | undefined;
  /** Values by condition key in lower case; a key that is not here is absent from the request. */
  readonly keys?: Readonly<Record<string, string>> | undefined;
}

export type Verdict = 'allowed' | 'explicitDeny' | 'implicitDeny';

type Json = Readonly<Record<string, unknown>>;

/** Decides as IAM does: any Deny, else any Allow, else no. */
export function judge(documents: readonly string[], question: Question): Verdict {
  let verdict: Verdict = 'implicitDeny';
  for (const document of documents) {
    for (const statement of statementsOf(document)) {
      if (!applies(statement, question)) continue;
      if (statement['Effect'] === 'Deny') return 'explicitDeny';
      verdict = 'allowed';
    }
  }
  return verdict;
}

/** The condition keys that policies ask for, in lower case. */
export function keysOf(documents: readonly string[]): readonly string[] {
  const conditions = documents
    .flatMap(statementsOf)
    .flatMap(({ Condition }) => Object.values((Condition ?? {}) as Record<string, Json>));
  return [...new Set(conditions.flatMap((keys) => Object.keys(keys).map((key) => key.toLowerCase())))];
}

export function statementsOf(document: string): readonly Json[] {
  const { Statement } = JSON.parse(document) as { Statement: Json | Json[] };
  return Array.isArray(Statement) ? Statement : [Statement];
}

function applies(statement: Json, { action, resource, who, keys = {} }: Question): boolean {
  const named = (member: string, opposite: string, value: string | undefined, fold: boolean): boolean => {
    if (value === undefined) return true;
    const matches = (patterns: unknown): boolean =>
      texts(patterns).some((pattern) =>
        fold ? wild(pattern.toLowerCase(), value.toLowerCase()) : wild(fill(pattern, keys), value),
      );
    return member in statement
      ? matches(statement[member])
      : opposite in statement && !matches(statement[opposite]);
  };
  return (
    (who === undefined || isNamed(statement['Principal'], who)) &&
    named('Action', 'NotAction', action, true) &&
    named('Resource', 'NotResource', resource, false) &&
    Object.entries((statement['Condition'] ?? {}) as Record<string, Json>).every(([operator, lines]) =>
      Object.entries(lines).every(([key, wanted]) =>
        meets(operator, keys[key.toLowerCase()], texts(wanted), keys),
      ),
    )
  );
}

function isNamed(principal: unknown, who: string): boolean {
  if (principal === '*') return true;
  if (typeof principal !== 'object' || principal === null) return false;
  const named = principal as Json;
  if (who.startsWith('Service ')) return texts(named['Service']).includes(who.slice('Service '.length));
  const account = who.split(':')[4] ?? '';
  return texts(named['AWS']).some(
    (name) => name === '*' || name === who || name === account || name === `arn:aws:iam::${account}:root`,
  );
}

function meets(
  operator: string,
  value: string | undefined,
  wanted: readonly string[],
  keys: Readonly<Record<string, string>>,
): boolean {
  const name = operator.replace(/^For(All|Any)Values?:/, '').replace(/IfExists$/, '');
  if (name === 'Null') return wanted.some((text) => (text === 'true') === (value === undefined));
  const isNegated = name.includes('Not');
  if (value === undefined)
    return (
      operator.endsWith('IfExists') ||
      operator.startsWith('ForAllValues:') ||
      (isNegated && !operator.startsWith('ForAnyValue:'))
    );
  const found = wanted.some((text) => fitsOne(name.replace('Not', ''), fill(text, keys), value));
  return found !== isNegated;
}

function fitsOne(name: string, wanted: string, value: string): boolean {
  switch (name) {
    case 'StringLike':
      return wild(wanted, value);
    case 'ArnLike':
    case 'ArnEquals': {
      const [pattern, arn] = [split(wanted), split(value)];
      return pattern.length === arn.length && pattern.every((part, at) => wild(part, arn[at]!));
    }
    case 'StringEqualsIgnoreCase':
    case 'Bool':
      return wanted.toLowerCase() === value.toLowerCase();
    case 'StringEquals':
      return wanted === value;
    default:
      // An operator that the sandbox does not know admits nothing.
      return false;
  }
}

function split(arn: string): string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function fill(text: string, keys: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{([^}]+)\}/g, (all, key: string) => keys[key.toLowerCase()] ?? all);
}

/** Walks along both, and goes back to the last star where they part. */
function wild(pattern: string, text: string): boolean {
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

function texts(value: unknown): readonly string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}
