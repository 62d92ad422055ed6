import type { Facts } from '../rules/about.ts';
import type { RuleCode } from '../rules/ruleTable.ts';
import { charactersHiddenInConsole, limits } from './attributes.ts';

/** Checks a custom name on its own, in CSV and JSON; an empty one has no findings. */
export function findingsOfCustomName(name: string): [RuleCode, Facts][] {
  const length = Array.from(name).length;
  const hidden = Array.from(charactersHiddenInConsole).find((character) => name.includes(character));
  return [
    ...(length > limits.nameLength ? [['name-too-long', { number: length }] as [RuleCode, Facts]] : []),
    ...(hidden !== undefined ? [['name-characters', { word: hidden }] as [RuleCode, Facts]] : []),
  ];
}
