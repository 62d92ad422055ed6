import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Finding } from '../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import { ruleCodes } from '../../src/endpoints/rules/ruleTable.ts';
import type { RuleCode } from '../../src/endpoints/rules/ruleTable.ts';
import { seeded } from '../support/random.ts';
import { defects } from './defects.ts';
import type { Defect, Expected } from './defects.ts';
import { validate } from './validateInProcess.ts';
import { proof } from './seeds.ts';

/** Codes of which no small file can have one, or none without another: their own tests and test/specs make what they need. */
const elsewhere: readonly RuleCode[] = [
  'file-too-large',
  'file-mixed-formats',
  'check-incomplete',
  'file-compressed',
  'endpoint-inactive',
];

const kinds = defects.flatMap((defect) => defect.types.map((type) => ({ defect, type })));
const filesOfKind = Math.ceil(proof.files / kinds.length);

describe('Generated files', function () {
  this.timeout(600_000);

  it('have a way to break every rule that one file can break', () => {
    const covered = new Set(defects.map(({ code }) => code));
    assert.deepEqual(
      ruleCodes.filter((code) => !covered.has(code)).sort(),
      [...elsewhere].sort(),
      'Add a way to break the rule to defects.ts, or its code to `elsewhere`',
    );
  });

  for (const code of ruleCodes.filter((code) => !elsewhere.includes(code))) {
    const ofCode = kinds.filter(({ defect }) => defect.code === code);
    it(`${code}: found where it was put, and nowhere else (${filesOfKind * ofCode.length} files)`, () => {
      for (const { defect, type } of ofCode)
        for (let index = 0; index < filesOfKind; index++) check(defect, type, proof.seed + index);
    });
  }
});

function check(defect: Defect, type: FileType, seed: number): void {
  const random = seeded(seed);
  const { right, wrong, expected } = defect.make(random, type);
  // Most files are one block; some are cut anywhere, like streams.
  const blockBytes = random.chance(0.1) ? 1 + random.int(40) : undefined;
  // The valid file of every fourth case only: creating an engine per file takes longer than validating it.
  if (seed % 4 === 0) assertIssues(validate(right, type, blockBytes).issues, [], right, defect, type, seed);
  assertIssues(validate(wrong, type, blockBytes).issues, [expected], wrong, defect, type, seed);
}

function assertIssues(
  issues: readonly Finding[],
  expected: readonly Expected[],
  file: Uint8Array,
  defect: Defect,
  type: FileType,
  seed: number,
): void {
  const found = issues.map(placed);
  const due = expected.map(placed);
  if (found.join('\n') === due.join('\n')) return;
  assert.fail(
    `PROOF_SEED=${seed}: ${type}, ${defect.code} (${defect.name})\n` +
      `due:   ${due.join('\n       ') || 'nothing'}\n` +
      `found: ${found.join('\n       ') || 'nothing'}\n` +
      `file:  ${JSON.stringify(new TextDecoder().decode(file)).slice(0, 3000)}`,
  );
}

function placed(issue: Expected): string {
  return `${issue.line}:${issue.column}-${issue.endLine}:${issue.endColumn} ${issue.severity} ${issue.code}`;
}
