import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { fileTypeOf } from '../../../src/endpoints/model/fileType.ts';
import { DocumentValidator } from '../../../src/endpoints/validation/documentValidator.ts';
import { ruleCodes, type RuleCode } from '../../../src/endpoints/rules/ruleTable.ts';
import { root } from '../../../tools/paths.ts';
import { validate, shown } from './validateContent.ts';

/*
 * test/specs has a folder per rule: files that break it (`invalid…`) and files that don't (`valid…`), each with all its
 * findings in a file of the same name plus `.findings`, one per line; without such a file, it has none.
 */

const folder = join(root, 'test', 'specs');

/** Rules that no file in a folder can break: a gigabyte, what other files are imported with, and a full disk. */
const withoutFiles: readonly RuleCode[] = ['file-too-large', 'file-mixed-formats', 'check-incomplete'];

/** Rules of bytes that an editor doesn't show as they are. */
const notInDocuments = /^file-(bom|encoding|compressed)$/;

function filesOf(code: RuleCode): string[] {
  const own = join(folder, code);
  return existsSync(own) ? readdirSync(own).filter((name) => !name.endsWith('.findings')) : [];
}

function expectedOf(path: string): string[] {
  const beside = `${path}.findings`;
  const lines = existsSync(beside) ? readFileSync(beside, 'utf8').split('\n') : [];
  return lines.filter((line) => line !== '');
}

describe('The specs of the rules', () => {
  it('are exactly one folder per rule', () => {
    const due = ruleCodes.filter((code) => !withoutFiles.includes(code));
    assert.deepEqual(readdirSync(folder).sort(), [...due].sort());
  });

  for (const code of ruleCodes.filter((each) => !withoutFiles.includes(each))) {
    it(`${code}: has a file that breaks the rule, and one that doesn't`, () => {
      const names = filesOf(code);
      for (const kind of ['invalid', 'valid'])
        assert.ok(
          names.some((name) => name.startsWith(kind)),
          `Add test/specs/${code}/${kind}.csv or .ndjson, and its findings beside it`,
        );
    });

    for (const name of filesOf(code)) {
      it(`${code}/${name}: has exactly the findings in the file next to it`, async () => {
        const path = join(folder, code, name);
        const [content, expected, type] = [readFileSync(path), expectedOf(path), fileTypeOf(name)];
        const isBroken = expected.some((line) => line.endsWith(` ${code}`));
        assert.equal(
          isBroken,
          name.startsWith('invalid'),
          `${name} ${isBroken ? 'breaks' : "doesn't break"} it`,
        );
        assert.deepEqual(shown(await validate(content, type)), expected);
        if (notInDocuments.test(code)) return;
        const document = new DocumentValidator(content.toString('utf8'), { type });
        assert.deepEqual(shown(document.result()), expected, 'typed into an editor');
      });
    }
  }
});
