import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Issue } from '../../../src/endpoints/finding.ts';
import { FixableText, fixAll, fixOf } from '../../../src/endpoints/fixes.ts';
import { rules, type RuleCode } from '../../../src/endpoints/rules.ts';
import { seeded } from '../../support/random.ts';
import { defects } from '../proofs/defects.ts';
import { judge } from '../proofs/judge.ts';

const encoder = new TextEncoder();
const rounds = 60;

/** What a value was not judged by as long as another rule was broken: what a fix may bring to light. */
const hidden: Partial<Readonly<Record<RuleCode, RegExp>>> = {
  'channel-type-unknown': /^address-/,
  'user-ids-spaces': /^too-many-endpoints-per-user$/,
};

/** Files whose whole text may change. */
const wholeFile: readonly RuleCode[] = ['csv-delimiter', 'csv-header-response-only', 'file-json-array'];

const fixable = Object.entries(rules)
  .filter(
    ([code, { fixable }]) => fixable && !['file-bom', 'file-compressed', 'file-too-large'].includes(code),
  )
  .map(([code]) => code as RuleCode);

describe('Fixes', function () {
  this.timeout(120_000);

  for (const code of fixable) {
    const kinds = defects
      .filter((defect) => defect.code === code)
      .flatMap((defect) => defect.types.map((type) => ({ defect, type })));
    it(`${code}: the finding goes, nothing new comes, all else stays`, () => {
      let fixed = 0;
      for (const { defect, type } of kinds)
        for (let seed = 1; seed <= rounds; seed++) {
          const wrong = new TextDecoder().decode(defect.make(seeded(seed), type).wrong);
          const text = new FixableText(wrong, type);
          const before = judge(encoder.encode(wrong), type).issues;
          const finding = before.find((issue) => issue.code === code)!;
          const fix = fixOf(finding, text);
          if (!fix) continue;
          fixed++;
          const right = text.changed(fix.edits);
          const after = judge(encoder.encode(right), type).issues;
          const where = `seed ${seed}, ${defect.name}: ${JSON.stringify(wrong)}\nbecame ${JSON.stringify(right)}`;
          assert.ok(!after.some((issue) => issue.code === code), `${where}: still there`);
          const fresh = (issue: Issue): boolean =>
            !before.some((old) => old.code === issue.code) && hidden[code]?.test(issue.code) !== true;
          assert.deepEqual(after.filter(fresh), [], where);
          if (!wholeFile.includes(code)) assertOthersStay(finding, wrong, right, where);
        }
      assert.ok(fixed >= rounds / 20, `only ${fixed} were fixed`);
    });
  }

  it('offers the nearest name, and nothing where none is meant', () => {
    const fixFor = (header: string, column: number): string | undefined => {
      const text = new FixableText(`${header}\n`, 'csv');
      const code = 'csv-header-unknown';
      return fixOf({ code, line: 1, column, endLine: 1, endColumn: header.length + 1 }, text)?.title;
    };
    assert.equal(fixFor('Id,Adress', 4), 'Change to Address');
    assert.equal(fixFor('Id,location.country', 4), 'Change to Location.Country');
    assert.equal(fixFor('Id,attributes.Plan', 4), 'Change to Attributes.Plan');
    assert.equal(fixFor('Address,address', 9), undefined);
    assert.equal(fixFor('Id,Altitude', 4), undefined);
    assert.equal(fixFor('Id,Colour', 4), undefined);
  });

  const examples: readonly [name: string, type: 'csv' | 'ndjson', wrong: string, right: string][] = [
    [
      'drops two columns at the end',
      'csv',
      'Id,OptOut,CohortId,EndpointStatus\n1,ALL,"4,2",ACTIVE\n',
      'Id,OptOut\n1,ALL\n',
    ],
    [
      'drops members next to each other',
      'ndjson',
      '{"Id":"1","OptOut":"ALL","CohortId":"4","EndpointStatus":"A"}\n',
      '{"Id":"1","OptOut":"ALL"}\n',
    ],
    [
      'keeps numbers as they are written',
      'ndjson',
      '[\n {"Id":"\\u0031","Metrics":{"a":1.0e2}},\n {"Id":"2"}\n]\n',
      '{"Id":"\\u0031","Metrics":{"a":1.0e2}}\n{"Id":"2"}\n',
    ],
    [
      'quotes what holds commas',
      'csv',
      'Id;Attributes.a;OptOut\r\n1;x,y;ALL\r\n',
      'Id,Attributes.a,OptOut\r\n1,"x,y",ALL\r\n',
    ],
    [
      'leaves national numbers alone',
      'csv',
      'ChannelType,Address\nSMS,(206) 555-0100\n',
      'ChannelType,Address\nSMS,(206) 555-0100\n',
    ],
    ['removes several blank lines at the end', 'csv', 'Id,OptOut\n1,ALL\n\n\n\n', 'Id,OptOut\n1,ALL\n'],
    [
      'leaves a wrong number of cells alone',
      'csv',
      'Id,OptOut,CohortId\n1,ALL\n',
      'Id,OptOut,CohortId\n1,ALL\n',
    ],
  ];
  for (const [name, type, wrong, right] of examples)
    it(name, () => assert.equal(fixAll(wrong, type, {}).text, right));

  it('fixes all of one kind, and more than the editor shows', () => {
    const wrong = `ChannelType,Address,OptOut\n${'Email,a@example.com,all\n'.repeat(5000)}`;
    const result = fixAll(wrong, 'csv', { code: 'opt-out-unknown' });
    assert.equal(result.fixed, 5000);
    assert.equal(result.text, wrong.replaceAll(',all', ',ALL'));
  });
});

function assertOthersStay(finding: Issue, wrong: string, right: string, where: string): void {
  const lines = wrong.split('\n');
  assert.ok(right.startsWith(lines.slice(0, finding.line - 1).join('\n')), where);
  assert.ok(right.endsWith(lines.slice(finding.endLine).join('\n')), where);
}
