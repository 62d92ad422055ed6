import assert from 'node:assert/strict';
import { Linter } from 'eslint';
import { describe, it } from 'mocha';
import tseslint from 'typescript-eslint';
import ts from 'typescript';
import { ownNames } from '../../../tools/ownNames.ts';
import { inFolder } from '../transform/files.ts';

/** The lines of a text that the rule reports. */
async function reported(text: string): Promise<readonly string[]> {
  return inFolder(async (folder) => {
    const filename = await folder.write('a.ts', text);
    const options = {
      strict: true,
      noUncheckedIndexedAccess: true,
      target: ts.ScriptTarget.ES2024,
      types: [],
    };
    const messages = new Linter({ cwd: folder.path }).verify(
      text,
      {
        files: ['**/*.ts'],
        languageOptions: {
          parser: tseslint.parser,
          parserOptions: { programs: [ts.createProgram([filename], options)] },
        },
        plugins: { audience: { rules: { 'own-names': ownNames } } },
        rules: { 'audience/own-names': 'error' },
      },
      { filename },
    );
    assert.ok(
      messages.every(({ fatal, ruleId }) => fatal !== true && ruleId !== null),
      JSON.stringify(messages),
    );
    const lines = text.split('\n');
    return messages.map(({ line }) => lines[line - 1]!);
  });
}

describe('lint of names', () => {
  it('reports an index or an "in" by any text, and nothing else', async () => {
    const head = `declare const table: Record<string, number>; declare const name: string; declare const key: 'a' | 'b';
declare const anything: any; declare const index: number; declare const list: number[]; declare const own: { a: 1; b: 2 };
declare function generic<K extends string>(k: K): void;\n`;
    const bad = [
      'void (table[name]);',
      'table[name] = 1;',
      'void (name in table);',
      'void (table[anything as never as string]);',
      'void (table[`${name}`]);',
      'export function f<K extends string>(k: K): number | undefined { return table[k]; }',
      'void (table?.[name.toLowerCase()]);',
      'delete table[name];',
    ];
    const good = [
      "void (table['name']);",
      'void (own[key]);',
      'void (list[index]);',
      'void (table[`prefix ${name}`]);',
      "void ('a' in own);",
      'void (Object.hasOwn(table, name));',
    ];
    assert.deepEqual(await reported([head, ...good, ...bad].join('\n')), bad);
  });
});
