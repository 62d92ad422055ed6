import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { limits } from '../../../src/endpoints/model/attributes.ts';
import { seeded } from '../../support/random.ts';
import { judge, memoryFor, maxOfCode } from './judge.ts';

const records = 120_000;

type Row = readonly [id: string, address: string, user: string];

/** What the rules across records have to count, kept the plain way. */
function expectedCounts(rows: readonly Row[]): {
  readonly ids: number;
  readonly addresses: number;
  readonly users: number;
  /** Addresses that a known Id has of another one: of that one 8 bits are kept, so 1 in 256 of these is missed. */
  readonly unsure: number;
} {
  const firstOf = new Map<string, string>();
  const known = new Set<string>();
  const endpointsOf = new Map<string, number>();
  let [ids, addresses, users, unsure] = [0, 0, 0, 0];
  for (const [id, address, user] of rows) {
    const isKnown = known.has(id);
    known.add(id);
    if (isKnown) ids++;
    const first = firstOf.get(address);
    if (first === undefined) firstOf.set(address, id);
    else if (!isKnown || first !== id) addresses++;
    if (first !== undefined && isKnown && first !== id) unsure++;
    if (isKnown) continue;
    const endpoints = (endpointsOf.get(user) ?? 0) + 1;
    endpointsOf.set(user, endpoints);
    if (endpoints > limits.endpointsPerUser) users++;
  }
  return { ids, addresses, users, unsure };
}

describe('What is remembered of earlier records', function () {
  // Where few records are expected, or nobody knows how many, the tables that fill up are followed by others again and again.
  const memories = [
    memoryFor(2 * records, records),
    memoryFor(2 * records, records / 2),
    memoryFor(3 * records, 0),
  ];
  for (const distinct of [20, 5_000, 60_000, 1_000_000]) {
    it(`counts like a plain set and map, of up to ${distinct} different values`, () => {
      const random = seeded(distinct);
      const rows = Array.from({ length: records }, () => {
        const number = random.int(distinct);
        // Mostly the same address for the same Id, now and then another one.
        const address = random.chance(0.8) ? number : random.int(distinct);
        return [`id-${number}`, `address-${address}`, `user-${random.int(distinct)}`] as const;
      });
      const lines = rows.map(([id, address, user]) => `CUSTOM,${id},${address},${user}\n`);
      const text = `ChannelType,Id,Address,User.UserId\n${lines.join('')}`;
      const expected = expectedCounts(rows);
      for (const memory of memories) {
        const { issues, totals } = judge(new TextEncoder().encode(text), 'csv', 65_536, memory);
        const [errors, warnings, infos] = totals;
        assert.deepEqual([errors, infos], [expected.users, 0]);
        const missed = expected.ids + expected.addresses - warnings;
        assert.ok(missed >= 0 && missed <= expected.unsure / 128, `${missed} of ${expected.unsure}`);
        const of = (code: string): number => issues.filter((issue) => issue.code === code).length;
        assert.equal(of('id-duplicate'), Math.min(expected.ids, maxOfCode));
        assert.equal(of('address-duplicate'), Math.min(warnings - expected.ids, maxOfCode));
      }
    });
  }
});
