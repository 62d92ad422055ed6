import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Finding } from '../../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../../src/endpoints/model/fileType.ts';
import { fixableCodes, fixOf } from '../../../src/endpoints/editing/fixes.ts';
import { linesOf } from '../../support/textLines.ts';
import { rules, type RuleCode } from '../../../src/endpoints/rules/ruleTable.ts';
import { fixText } from '../../../src/endpoints/transform/fixedText.ts';
import { seeded } from '../../support/random.ts';
import { defects } from '../../proofs/defects.ts';
import { validate } from '../../proofs/validateInProcess.ts';
import { changed, fixedText } from './changed.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const rounds = 60;

/** Rules that were not applied to a value while it broke another one, and may report it once that is fixed. */
const hidden: Partial<Readonly<Record<RuleCode, RegExp>>> = {
  'channel-type-unknown': /^address-/,
  'user-ids-spaces': /^too-many-endpoints-per-user$/,
};

/** Files whose whole text may change. */
const wholeFile: readonly RuleCode[] = ['csv-delimiter', 'csv-header-response-only', 'file-json-array'];

/** Rules whose fix takes more with it than what is marked: the end of the line, a comma, the cells beside it. */
const wholeLine: readonly RuleCode[] = [
  'csv-blank-line',
  'json-blank-line',
  'json-response-only',
  'user-ids-spaces',
];

/** What a text in an editor does not show. */
const ofFiles: readonly RuleCode[] = ['file-bom', 'file-compressed', 'file-too-large'];

describe('Fixes', () => {
  it('exist for exactly the fixable rules of the catalogue', () => {
    const promised = Object.entries(rules).flatMap(([code, rule]) => ('fixability' in rule ? code : []));
    assert.deepEqual([...fixableCodes].sort(), promised.sort());
  });

  for (const code of fixableCodes.filter((each) => !ofFiles.includes(each))) {
    const kinds = defects
      .filter((defect) => defect.code === code)
      .flatMap((defect) => defect.types.map((type) => ({ defect, type })));
    it(`${code}: the fix removes the finding, adds none, and changes nothing else`, async () => {
      let fixed = 0;
      for (const { defect, type } of kinds)
        for (let seed = 1; seed <= rounds; seed++) {
          const made = defect.make(seeded(seed), type);
          const [wrong, due] = [decoder.decode(made.wrong), decoder.decode(made.right)] as const;
          const before = validate(encoder.encode(wrong), type).issues;
          const finding = before.find((issue) => issue.code === code)!;
          const found = await fixText({ text: wrong, type, codes: [code], likely: [code] });
          if (found.changes.length === 0) continue;
          fixed++;
          const right = changed(wrong, found.changes);
          const after = validate(encoder.encode(right), type).issues;
          const where = `seed ${seed}, ${defect.name}: ${JSON.stringify(wrong)}\nbecame ${JSON.stringify(right)}`;
          assert.deepEqual(
            found.fixed.map((each) => each.code),
            [code],
            where,
          );
          assert.ok(!after.some((issue) => issue.code === code), `${where}: still there`);
          const fresh = (issue: Finding): boolean =>
            !before.some((old) => old.code === issue.code) && hidden[code]?.test(issue.code) !== true;
          assert.deepEqual(after.filter(fresh), [], where);
          if (code === 'file-json-array') assert.equal(compact(right), compact(due), where);
          else if (wholeFile.includes(code)) assert.equal(right, due, where);
          if (wholeFile.includes(code)) continue;
          assertOthersStay(finding, wrong, right, where);
          const one = fixOf(finding, linesOf(wrong, type));
          assert.equal(changed(wrong, [one!.edit]), right, `${where}: one alone`);
        }
      assert.ok(fixed >= rounds / 20, `only ${fixed} were fixed`);
    });
  }

  it('offers the nearest name, and nothing if there is none', () => {
    const fixFor = (header: string, column: number): string | undefined => {
      const code = 'csv-header-unknown';
      const finding = { code, line: 1, column, endLine: 1, endColumn: header.length + 1 } as const;
      return fixOf(finding, linesOf(`${header}\n`, 'csv'))?.title;
    };
    assert.equal(fixFor('Id,Adress', 4), 'Change to Address');
    assert.equal(fixFor('Id,location.country', 4), 'Change to Location.Country');
    assert.equal(fixFor('Id,attributes.Plan', 4), 'Change to Attributes.Plan');
    assert.equal(fixFor('Address,address', 9), undefined);
    assert.equal(fixFor('Address;address', 9), undefined);
    assert.equal(fixFor('Id,Altitude', 4), undefined);
    assert.equal(fixFor('Id,Colour', 4), undefined);
  });

  const examples: readonly [name: string, type: FileType, wrong: string, right: string][] = [
    [
      'drops two columns at the end',
      'csv',
      'Id,OptOut,CohortId,EndpointStatus\n1,ALL,"4,2",ACTIVE\n',
      'Id,OptOut\n1,ALL\n',
    ],
    [
      'drops a column at the beginning and one in the middle, whatever is quoted',
      'csv',
      'CohortId,Id,"EndpointStatus",OptOut\r\n"a ""b""\n",1,ACTIVE,"ALL"\r\n\r\n7,2,,\r\n',
      'Id,OptOut\r\n1,"ALL"\r\n2,\r\n',
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
      'separates by commas, drops and corrects at once',
      'csv',
      'Id;CohortId;optout;Location.City\n1;x;all;y\n2;z;NONE;"a;b,c"\n',
      'Id,OptOut,Location.City\n1,ALL,y\n2,NONE,"a;b,c"\n',
    ],
    [
      'leaves national numbers alone',
      'csv',
      'ChannelType,Address\nSMS,(206) 555-0100\n',
      'ChannelType,Address\nSMS,(206) 555-0100\n',
    ],
    [
      'keeps a record that has nothing left',
      'csv',
      'Id,CohortId\r\n1,7\r\n,8\r\n,\r\n2,\r\n',
      'Id\r\n1\r\n""\r\n""\r\n2\r\n',
    ],
    [
      'leaves columns that are all there are',
      'csv',
      'CohortId;EndpointStatus\n7;ACTIVE\n',
      'CohortId,EndpointStatus\n7,ACTIVE\n',
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
    it(name, async () => assert.equal(await fixedText({ text: wrong, type }), right));

  it('never repeats a cell that continues on another line', async () => {
    const split = (text: string): Promise<string> =>
      fixedText({ text, type: 'csv', codes: ['user-ids-spaces'], likely: ['user-ids-spaces'] });
    assert.equal(await split('User.UserId,Id\na b,""\n'), 'User.UserId,Id\na,""\nb,""\n');
    for (const text of ['User.UserId,Id\n"a b","\n"\n', 'Id,User.UserId\n"\n",a b\n'])
      assert.equal(await split(text), text);
  });

  it('explains why columns stay unchanged', async () => {
    const left = async (text: string): Promise<unknown> => (await fixText({ text, type: 'csv' })).left;
    assert.deepEqual(await left('Id,OptOut,CohortId\n1,ALL,7\n2,ALL\n'), {
      codes: ['csv-header-response-only'],
      reason: 'cells',
      line: 3,
    });
    assert.deepEqual(await left('Id;OptOut\n1;ALL\n2;"ALL" \n'), {
      codes: ['csv-delimiter'],
      reason: 'quote',
      line: 3,
    });
  });

  it('removes only the requested column', async () => {
    const text = 'Id,CohortId,OptOut,EndpointStatus\n1,7,ALL,ACTIVE\n';
    const codes = ['csv-header-response-only'] as const;
    assert.equal(
      await fixedText({ text, type: 'csv', codes, columns: [3] }),
      'Id,CohortId,OptOut\n1,7,ALL\n',
    );
  });

  it("fixes all findings of a rule, even those that aren't listed, with a limited number of changes", async () => {
    const wrong = `ChannelType,Address,OptOut\n${'Email,a@example.com,all\n'.repeat(5000)}`;
    const codes = ['opt-out-unknown'] as const;
    const found = await fixText({ text: wrong, type: 'csv', codes });
    assert.deepEqual(found.fixed, [
      { code: 'opt-out-unknown', count: 5000, lines: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
    ]);
    assert.ok(found.changes.length <= 2000);
    assert.equal(changed(wrong, found.changes), wrong.replaceAll(',all', ',ALL'));
  });

  it('ends when cancelled', async () => {
    const controller = new AbortController();
    const text = `Id,OptOut\n${'1,all\n'.repeat(200_000)}`;
    const running = fixText({ text, type: 'csv', signal: controller.signal });
    setImmediate(() => controller.abort());
    await assert.rejects(running, { code: 'cancelled' });
  });
});

/** The objects of NDJSON however they are spaced, with numbers as JavaScript writes them. */
function compact(ndjson: string): string {
  return ndjson
    .trim()
    .split('\n')
    .map((line) => JSON.stringify(JSON.parse(line)))
    .join('\n');
}

/** Nothing changes outside of what is marked or, where its fix takes more with it, of its lines. */
function assertOthersStay(finding: Finding, wrong: string, right: string, where: string): void {
  const starts = [0, ...Array.from(wrong.matchAll(/\r\n|\r|\n/g), ({ index, 0: end }) => index + end.length)];
  const offset = (line: number, column: number): number => (starts[line - 1] ?? wrong.length) + column - 1;
  const { code, line, column, endLine, endColumn } = finding;
  const [start, end] = wholeLine.includes(code)
    ? [offset(line, 1), offset(endLine + 1, 1)]
    : [offset(line, column), offset(endLine, endColumn)];
  assert.ok(right.length >= start + wrong.length - end, where);
  assert.ok(right.startsWith(wrong.slice(0, start)), where);
  assert.ok(right.endsWith(wrong.slice(end)), where);
  if (code !== 'json-response-only') return;
  const members = (text: string, to: number): object => JSON.parse(text.slice(start, to)) as object;
  const kept = members(right, right.length - (wrong.length - end));
  const name = JSON.parse(wrong.slice(offset(line, column), offset(endLine, endColumn))) as string;
  assert.deepEqual({ ...kept, [name]: undefined }, { ...members(wrong, end), [name]: undefined }, where);
  assert.ok(!(name in kept), where);
}
