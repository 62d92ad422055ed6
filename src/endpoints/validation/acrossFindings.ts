import { acrossRules, type RecordRanges, type Repetitions } from '../engine/host/ledgerReader.ts';
import { messageOf, type VariantOf } from '../rules/ruleTable.ts';
import { FindingList } from './findingList.ts';

const startOfFile = { line: 1, column: 1, endLine: 1, endColumn: 1 };

/** Findings of the rules that compare records. */
export class AcrossFindings extends FindingList {
  /** `repetitions`: by rule, in the order of `acrossRules`. A record without a known range is only counted. */
  addAll(repetitions: readonly Repetitions[], places: ReadonlyMap<number, RecordRanges>): void {
    repetitions.forEach(({ count, first }, rule) => {
      const code = acrossRules[rule]!;
      let listed = 0;
      for (const { ordinal, first: earlier } of first) {
        const range = places.get(ordinal)?.values[rule];
        if (range === undefined) continue;
        this.addAt(code, () => range, messageOf(code, { number: places.get(earlier)?.line ?? 0 }));
        listed++;
      }
      this.count(code, count - listed);
    });
  }

  /** Reports that not all records were compared. `line`: the first that was not, if known. */
  addIncomplete(reason: VariantOf<'check-incomplete'>, line: number | undefined): void {
    const range = line === undefined ? startOfFile : { line, column: 1, endLine: line, endColumn: 1 };
    this.addAt('check-incomplete', () => range, messageOf('check-incomplete', { number: line ?? 0 }, reason));
  }
}
