import { About, type Facts } from './about.ts';
import { addressRules } from './addressRules.ts';
import { consentRules } from './consentRules.ts';
import { csvRules } from './csvRules.ts';
import { fileRules } from './fileRules.ts';
import { idRules } from './idRules.ts';
import { jsonRules } from './jsonRules.ts';
import { limitRules } from './limitRules.ts';
import type { Message, Rule } from './rule.ts';
import { valueRules } from './valueRules.ts';
import { getOwn } from '../../ownMember.ts';

/** The catalogue. Codes are public and never change their meaning. */
export const rules = {
  ...fileRules,
  ...csvRules,
  ...jsonRules,
  ...addressRules,
  ...consentRules,
  ...valueRules,
  ...idRules,
  ...limitRules,
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleCode = keyof typeof rules;

/** The names of a rule's variants; `never` if it has a single message. */
export type VariantOf<Code extends RuleCode> = (typeof rules)[Code]['message'] extends Message
  ? never
  : keyof (typeof rules)[Code]['message'] & string;

/** All codes, in the order of the catalogue. */
export const ruleCodes = Object.keys(rules) as readonly RuleCode[];

/** The rules whose severity can be changed: all except the one for an incomplete check. */
export const changeableCodes: readonly RuleCode[] = ruleCodes.filter((code) => code !== 'check-incomplete');

/** The catalogue's entry for a code. */
export function rule(code: RuleCode): Rule {
  return rules[code];
}

/** True if `code` is in the catalogue: for input from users and scripts. */
export function isRuleCode(code: string): code is RuleCode {
  return Object.hasOwn(rules, code);
}

/** The variants of a rule, by number; empty if it has a single message. */
export function variantsOf(code: RuleCode): readonly string[] {
  const { message } = rule(code);
  return typeof message === 'function' ? [] : Object.keys(message);
}

/** The message of a finding. `variant`: its name; default: the one numbered `facts.number`. */
export function messageOf(code: RuleCode, facts: Facts, variant?: string): string {
  const { message, nearMiss } = rule(code);
  const about = new About(facts, nearMiss);
  if (typeof message === 'function') return message(about);
  const name = variant ?? Object.keys(message)[about.number];
  return getOwn(message, name!)!(about);
}
