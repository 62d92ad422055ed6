import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { DocumentValidator } from '../../src/endpoints/validation/documentValidator.ts';
import type { TextChange } from '../../src/endpoints/validation/documentValidator.ts';
import { seeded } from '../support/random.ts';
import type { Random } from '../support/random.ts';
import { defects } from './defects.ts';
import { validate } from './validateInProcess.ts';
import { proof } from './seeds.ts';

const rounds = Math.ceil(proof.files / 50);

describe('A document being edited', function () {
  this.timeout(300_000);

  it(`has the findings of a file with its text after every change, in ${rounds} documents`, () => {
    for (let seed = proof.seed; seed < proof.seed + rounds; seed++) {
      const random = seeded(seed);
      const defect = random.pick(defects.filter(({ code }) => !['file-bom', 'file-encoding'].includes(code)));
      const type = random.pick(defect.types);
      // Editors use the same line ending throughout a text, so line feeds suffice.
      let text = new TextDecoder().decode(defect.make(random, type).wrong).replaceAll('\r\n', '\n');
      const document = new DocumentValidator(text, {
        type,
        maxIssues: 1_000_000,
        maxIssuesPerCode: 1000,
        sectionLines: random.pick([1, 3, 512]),
      });
      for (let step = 0; step < 6; step++) {
        const { records, issues, errors, warnings, infos } = document.result();
        const expected = validate(new TextEncoder().encode(text), type);
        assert.deepEqual(
          { records, issues, totals: [errors, warnings, infos] },
          { records: expected.records, issues: expected.issues, totals: expected.totals },
          `PROOF_SEED=${seed}, step ${step}: ${type} ${JSON.stringify(text)}`,
        );
        const changes = Array.from({ length: random.chance(0.8) ? 1 : 3 }, () => {
          const change = randomChange(random, text);
          text = applied(text, change);
          return change;
        });
        document.update(changes);
      }
    }
  });

  it('compares its records again only if a change can affect which ones repeat each other', () => {
    const rows = 5000;
    const lines = Array.from(
      { length: rows },
      (_, index) => `CUSTOM,id-${index},address-${index},user-${index >> 1}`,
    );
    let text = `ChannelType,Id,Address,User.UserId\n${lines.join('\n')}\n`;
    const document = new DocumentValidator(text, { type: 'csv', sectionLines: 100 });
    const workFor = (line: number, found: string, replacement: string): typeof document.work => {
      const row = text.split('\n')[line]!;
      const at = row.indexOf(found);
      const change = {
        startLine: line,
        startCharacter: at,
        endLine: line,
        endCharacter: at + found.length,
        text: replacement,
      };
      text = applied(text, change);
      const before = { ...document.work };
      document.update([change]);
      const { issues } = document.result();
      const after = document.work;
      const expected = new DocumentValidator(text, { type: 'csv' }).result();
      assert.deepEqual(issues, expected.issues);
      return { sections: after.sections - before.sections, compared: after.compared - before.compared };
    };
    document.result();
    assert.deepEqual(document.work, { sections: 51, compared: rows });
    const one = { sections: 1, compared: 0 };
    const all = { sections: 1, compared: rows };
    assert.deepEqual(workFor(700, 'id-699', 'id-699x'), one, 'an Id that is new');
    assert.deepEqual(workFor(700, 'id-699x', 'id-699'), one, 'undone');
    assert.deepEqual(workFor(700, 'id-699', 'id-4000'), all, 'the Id of a later record');
    assert.deepEqual(workFor(700, 'id-4000', 'id-1'), all, 'the Id of an earlier record instead');
    assert.deepEqual(workFor(700, 'id-1', 'id-699'), all, 'an Id of its own again');
    assert.deepEqual(workFor(800, 'address-799', 'address'), one, 'an address that is new');
    assert.deepEqual(workFor(800, 'user-399', 'user-x'), all, 'a user that another record has');
    assert.deepEqual(workFor(900, 'id-899', ''), all, 'no Id');
    assert.deepEqual(workFor(900, 'CUSTOM', 'EMAIL'), one, 'another channel');
  });
});

const typed = [
  '',
  '',
  'x',
  '"',
  ',',
  '\n',
  '{',
  '}',
  ':',
  ' ',
  '\t',
  '\\',
  'é😀',
  '\n\n',
  '"a","b"\n',
  '{"Id":"1"}\n',
  ',,,',
  '\n"',
  '"\n',
];

/** Something typed, pasted or removed: mostly a character, now and then whole lines. */
function randomChange(random: Random, text: string): TextChange {
  const lines = text.split('\n');
  const startLine = random.int(lines.length);
  const startCharacter = boundary(lines[startLine]!, random.int(lines[startLine]!.length + 1));
  const endLine = random.chance(0.8) ? startLine : Math.min(lines.length - 1, startLine + random.int(3));
  const least = endLine === startLine ? startCharacter : 0;
  const length = random.chance(0.7)
    ? Math.min(2, lines[endLine]!.length - least)
    : lines[endLine]!.length - least;
  const endCharacter = boundary(lines[endLine]!, least + random.int(length + 1));
  const copied = lines[random.int(lines.length)]!;
  return {
    startLine,
    startCharacter,
    endLine,
    endCharacter: Math.max(least, endCharacter),
    text: random.pick([random.pick(typed), random.pick(typed), `${copied}\n`]),
  };
}

/** Not between the halves of a surrogate pair, where no cursor stands. */
function boundary(line: string, character: number): number {
  const unit = line.charCodeAt(character);
  return unit >= 0xdc00 && unit < 0xe000 ? character - 1 : character;
}

function applied(
  text: string,
  { startLine, startCharacter, endLine, endCharacter, text: put }: TextChange,
): string {
  const offset = (line: number, character: number): number => {
    let at = 0;
    for (let before = 0; before < line; before++) at = text.indexOf('\n', at) + 1;
    return at + character;
  };
  return text.slice(0, offset(startLine, startCharacter)) + put + text.slice(offset(endLine, endCharacter));
}
