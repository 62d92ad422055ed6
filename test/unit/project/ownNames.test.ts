import assert from 'node:assert/strict';
import { join } from 'node:path';
import { ESLint } from 'eslint';
import { describe, it } from 'mocha';
import { root } from '../../../tools/paths.ts';

/** The lines of a text that the rule reports, if it is in place of a file of the project. */
async function reported(text: string): Promise<readonly string[]> {
  const eslint = new ESLint({ cwd: root });
  const [result] = await eslint.lintText(text, { filePath: join(root, 'src', 'permissions.ts') });
  const { messages } = result!;
  assert.ok(
    messages.every(({ fatal }) => fatal !== true),
    JSON.stringify(messages),
  );
  const lines = text.split('\n');
  return messages.filter(({ ruleId }) => ruleId === 'audience/own-names').map(({ line }) => lines[line - 1]!);
}

describe('lint of names', () => {
  it('reports an index or an "in" by any text, and nothing else', async function () {
    this.timeout(120_000);
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
