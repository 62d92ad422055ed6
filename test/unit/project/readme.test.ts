import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { root } from '../../../tools/paths.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly menus: {
      readonly commandPalette: readonly { readonly command: string; readonly when: string }[];
    };
    readonly configuration: readonly {
      readonly properties: Readonly<Record<string, { readonly default: unknown }>>;
    }[];
  };
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const { contributes } = JSON.parse(read('package.json')) as Manifest;
const texts = JSON.parse(read('package.nls.json')) as Readonly<Record<string, string>>;
const readme = read('README.md');

/** The cells of the table rows below a heading. */
function tableRows(heading: string): string[][] {
  const [, section = ''] = readme.split(`### ${heading}\n`);
  return section
    .split(/^#/m)[0]!
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) => line.split('|').map((cell) => cell.trim()));
}

describe('The README', () => {
  it('lists the commands of the palette by their titles', () => {
    const hidden = new Set(
      contributes.menus.commandPalette.filter(({ when }) => when === 'false').map(({ command }) => command),
    );
    const offered = contributes.commands
      .filter(({ command }) => !hidden.has(command))
      .map(({ command, title }) => [command, texts[title.slice(1, -1)]]);
    const listed = tableRows('Commands').map(([, cell = '']) => {
      const [, title, id] = /^(.*) `(?:pinpointAudience)?\.(\w+)`$/.exec(cell) ?? [];
      return [`pinpointAudience.${id ?? ''}`, title];
    });
    assert.deepEqual(new Map(listed as [string, string][]), new Map(offered as [string, string][]));
  });

  it('names the commands of the trees', () => {
    for (const { command, when } of contributes.menus.commandPalette) {
      if (when !== 'false' || /showRule|connectionMenu/.test(command)) continue;
      const { title } = contributes.commands.find((one) => one.command === command)!;
      assert.ok(readme.includes(texts[title.slice(1, -1)]!), command);
    }
  });

  it('lists the settings with their defaults', () => {
    const settings = contributes.configuration.flatMap(({ properties }) => Object.entries(properties));
    const expected = settings.map(([name, { default: value }]) => [
      `\`${name}\``,
      value === '' ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``,
    ]);
    assert.deepEqual(
      tableRows('Settings').map((cells) => cells.slice(1, 3)),
      expected,
    );
  });
});
