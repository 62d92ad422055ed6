import type { Facts } from '../rules/about.ts';
import type { RuleCode } from '../rules/ruleTable.ts';
import { charactersHiddenInConsole, limits } from './attributes.ts';

/** The findings of a custom name by itself, in CSV and in JSON; of an empty one there are none. */
export function findingsOfCustomName(name: string): [RuleCode, Facts][] {
  const length = Array.from(name).length;
  const hidden = Array.from(charactersHiddenInConsole).find((character) => name.includes(character));
  return [
    ...(length > limits.nameLength ? [['name-too-long', { number: length }] as [RuleCode, Facts]] : []),
    ...(hidden !== undefined ? [['name-characters', { word: hidden }] as [RuleCode, Facts]] : []),
  ];
}
