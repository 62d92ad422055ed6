import { limits } from './attributes.ts';
import { tooManyAttributes } from './csvHeader.ts';
import { fact, factField, type Facts } from './facts.ts';
import type { Findings } from './findings.ts';
import { full, ledgerKind, type Ledger } from './ledger.ts';
import type { NewName } from './ndjson.ts';
import type { RuleCode } from './rules.ts';
import type { SharedState } from './sharedState.ts';

export const duplicateId =
  'This Id is there before; upper and lower case are not told apart. It is one endpoint, and the later record wins.';
export const duplicateAddress =
  'This channel and address are there before, with another Id or none: two endpoints with one address.';
export const tooManyEndpoints = `This user has more than ${limits.endpointsPerUser} endpoints in this file. A user may have ${limits.endpointsPerUser}.`;

const whenFull: readonly (readonly [RuleCode, string])[] = [
  ['id-duplicate', 'Ids'],
  ['address-duplicate', 'addresses'],
  ['too-many-endpoints-per-user', 'user IDs'],
];

/** Judges the records of a stretch by the rules that look across records. To be called in the order of the file. */
export function judgeAcross(facts: Facts, ledger: Ledger, found: Findings): void {
  const { data, count } = facts;
  for (let index = 0; index < count; index++) {
    if (index % recordsTouched === 0) touch(facts, index, ledger);
    const at = index * fact.width;
    const id = at + fact.id;
    const hasId = data[id + factField.end] !== 0;
    let idIsThere = false;
    if (hasId) {
      const entry = ledger.claim(ledgerKind.id, data[id + factField.high]!, data[id + factField.low]!);
      if (ledger.found) {
        idIsThere = true;
        report(data, at, id, 'id-duplicate', duplicateId, found);
      } else if (entry === full) reportFull(ledgerKind.id, data, at, id, ledger, found);
    }
    const address = at + fact.address;
    if (data[address + factField.end] !== 0) {
      const print = hasId ? (data[id + factField.high]! >>> 8) & 0xff || 1 : 0;
      const entry = ledger.claim(
        ledgerKind.address,
        data[address + factField.high]!,
        data[address + factField.low]!,
      );
      if (ledger.found) {
        if (!idIsThere || ledger.print(entry) !== print) {
          report(data, at, address, 'address-duplicate', duplicateAddress, found);
        }
      } else if (entry === full) reportFull(ledgerKind.address, data, at, address, ledger, found);
      else ledger.setPrint(entry, print);
    }
    const user = at + fact.user;
    if (data[user + factField.end] !== 0 && !idIsThere) {
      const entry = ledger.claim(ledgerKind.user, data[user + factField.high]!, data[user + factField.low]!);
      if (entry === full) reportFull(ledgerKind.user, data, at, user, ledger, found);
      else {
        const endpoints = ledger.count(entry);
        if (endpoints <= limits.endpointsPerUser) ledger.increment(entry);
        if (endpoints >= limits.endpointsPerUser) {
          report(data, at, user, 'too-many-endpoints-per-user', tooManyEndpoints, found);
        }
      }
    }
  }
}

/** Records whose places in the ledger are fetched from memory together: waiting for each by itself takes most of the time. */
const recordsTouched = 32;

function touch({ data, count }: Facts, from: number, ledger: Ledger): void {
  const to = Math.min(count, from + recordsTouched);
  for (let index = from; index < to; index++) {
    const at = index * fact.width;
    if (data[at + fact.id + factField.end] !== 0) {
      ledger.touch(ledgerKind.id, data[at + fact.id + factField.high]!);
    }
    if (data[at + fact.address + factField.end] !== 0) {
      ledger.touch(ledgerKind.address, data[at + fact.address + factField.high]!);
    }
    if (data[at + fact.user + factField.end] !== 0) {
      ledger.touch(ledgerKind.user, data[at + fact.user + factField.high]!);
    }
  }
}

function report(
  data: Int32Array,
  at: number,
  value: number,
  code: RuleCode,
  message: string,
  found: Findings,
): void {
  if (!found.wants(code)) return;
  found.at(data[at + fact.line]!, data[at + fact.lineStart]!);
  found.add(data[value + factField.start]!, data[value + factField.end]!, message);
}

/** Says once that a rule stopped looking, because its memory is used up. */
function reportFull(
  kind: number,
  data: Int32Array,
  at: number,
  value: number,
  ledger: Ledger,
  found: Findings,
): void {
  if (!ledger.sayFull(kind)) return;
  const [code, what] = whenFull[kind]!;
  if (!found.wants(code, 'info')) return;
  found.at(data[at + fact.line]!, data[at + fact.lineStart]!);
  found.add(
    data[value + factField.start]!,
    data[value + factField.end]!,
    `The file has more ${what} than this check keeps in memory: from here on, those that are new are not compared with later ones.`,
  );
}

/** Adds the custom names of a stretch to those of the file, and reports the 251st. To be called in the order of the file. */
export function judgeNames(names: readonly NewName[], state: SharedState, found: Findings): void {
  for (const { line, lineStart, start, end, high, low } of names) {
    if (state.addName(high, low) !== limits.customNames + 1 || !found.wants('too-many-attributes')) continue;
    found.at(line, lineStart);
    found.add(start, end, tooManyAttributes);
  }
}
