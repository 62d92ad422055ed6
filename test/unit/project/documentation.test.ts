import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, it } from 'mocha';
import { root } from '../../../tools/paths.ts';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly menus: {
      readonly commandPalette: readonly { readonly command: string; readonly when: string }[];
    };
    readonly configuration: readonly {
      readonly properties: Readonly<
        Record<string, { readonly default: unknown; readonly markdownDescription: string }>
      >;
    }[];
  };
}

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const { contributes } = JSON.parse(read('package.json')) as Manifest;
const texts = JSON.parse(read('package.nls.json')) as Readonly<Record<string, string>>;
const readme = read('README.md');
const pages = globSync('docs/*.md', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
const settings = contributes.configuration.flatMap(({ properties }) => Object.entries(properties));

/** The cells of the first table of a text. */
function tableRows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** The targets of the links and pictures of a Markdown file that lead to files. */
function fileLinks(text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((it) => !/^\w+:/.test(it));
}

/** The anchors of a Markdown file, as GitHub and VS Code make them from its headings. */
function anchorsOf(text: string): Set<string> {
  const headings = text.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/^#+ (.*)$/gm);
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

describe('The README', () => {
  it('fits on a front page, and links to every page of docs/', () => {
    assert.ok(readme.split('\n').length <= 200);
    const linked = new Set(fileLinks(readme).map((target) => target.split('#')[0]));
    assert.deepEqual(
      pages.filter((page) => !linked.has(page)),
      [],
    );
  });

  it('has the two lines that set up, run and test a checkout', () => {
    assert.match(readme, /^```sh\nnpm ci && npm start\nnpm ci && npm test\n```$/m);
    assert.match(read('.ci/run'), /^npm ci && npm test$/m);
  });

  it('names settings that there are', () => {
    const names = new Set(settings.map(([name]) => name));
    for (const [setting] of readme.matchAll(/(?<=`)pinpointAudience\.[\w.]+(?=`)/g))
      assert.ok(names.has(setting), setting);
  });
});

/** Headings of the README of 0.1.0, to which links may exist. */
const oldAnchors = `
  pinpoint-audience try-it the-way-of-the-data the-audience-report files-put-right what-is-in-s3-already
  files-in-another-shape segments mirrors endpoints-and-users one-endpoint-as-json commands connection
  setting-up tasks settings command-line imports-and-exports-in-pipelines the-sandbox
  the-state-of-amazon-pinpoint privacy limits
`.trim();

/** Rules of 0.1.0: settings name their codes, and links their pages. */
const oldRules = `
  address-duplicate address-email address-missing address-phone address-token channel-type-missing
  channel-type-push channel-type-unknown country-alpha3 country-unknown csv-blank-line csv-column-count
  csv-delimiter csv-header-duplicate csv-header-empty csv-header-response-only csv-header-space
  csv-header-unknown csv-line-break csv-quote csv-tab effective-date-form file-bom file-compressed
  file-empty file-encoding file-json-array file-mixed-formats file-too-large id-characters id-duplicate
  id-only json-blank-line json-duplicate-key json-not-object json-response-only json-syntax json-type
  json-unknown-member latitude-range locale-form location-unpaired longitude-range metric-not-number
  name-characters name-too-long opt-out-unknown record-too-large timezone-unknown too-many-attributes
  too-many-endpoints-per-user too-many-values user-ids-spaces value-blanks value-too-long
`.trim();

describe('The documentation', () => {
  it('keeps the anchors of the first README, and the pages of the first rules', () => {
    const anchors = anchorsOf(readme);
    for (const [, id = ''] of readme.matchAll(/<a id="([^"]+)">/g)) anchors.add(id);
    assert.deepEqual(
      oldAnchors.split(/\s+/).filter((anchor) => !anchors.has(anchor)),
      [],
    );
    assert.deepEqual(
      oldRules.split(/\s+/).filter((code) => !existsSync(join(root, `media/rules/${code}.md`))),
      [],
    );
  });

  it('lists the commands of the palette by their titles', () => {
    const hidden = new Set(
      contributes.menus.commandPalette.filter(({ when }) => when === 'false').map(({ command }) => command),
    );
    const offered = contributes.commands
      .filter(({ command }) => !hidden.has(command))
      .map(({ command, title }) => [command, texts[title.slice(1, -1)]]);
    const listed = tableRows(read('docs/commands.md')).map(([title, id = '']) => [
      `pinpointAudience.${id.replaceAll('`', '')}`,
      title,
    ]);
    assert.deepEqual(new Map(listed as [string, string][]), new Map(offered as [string, string][]));
  });

  it('names the commands of the trees', () => {
    for (const { command, when } of contributes.menus.commandPalette) {
      if (when !== 'false' || /showRule|connectionMenu/.test(command)) continue;
      const { title } = contributes.commands.find((one) => one.command === command)!;
      assert.ok(read('docs/commands.md').includes(texts[title.slice(1, -1)]!), command);
    }
  });

  it('lists the settings with their defaults and descriptions', () => {
    const expected = settings.map(([name, { default: value, markdownDescription }]) => [
      `\`${name}\``,
      value === '' ? '' : `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``,
      texts[markdownDescription.slice(1, -1)]!.replaceAll(/`#([\w.]+)#`/g, '`$1`'),
    ]);
    assert.deepEqual(tableRows(read('docs/settings.md')), expected);
  });

  it('leads nowhere that is not there', () => {
    const broken = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...pages].flatMap((page) =>
      fileLinks(read(page))
        .filter((target) => {
          const [path = '', anchor] = target.split('#');
          const file = path === '' ? page : relative(root, join(root, dirname(page), path));
          return (
            !existsSync(join(root, file)) || (anchor !== undefined && !anchorsOf(read(file)).has(anchor))
          );
        })
        .map((target) => `${page}: ${target}`),
    );
    assert.deepEqual(broken, []);
  });
});

describe('The texts of package.json', () => {
  it('have no code spans where VS Code shows backticks as they are', () => {
    const asMarkdown = new Set(
      settings.map(([, { markdownDescription }]) => markdownDescription.slice(1, -1)),
    );
    const literal = Object.entries(texts).filter(([key, text]) => !asMarkdown.has(key) && text.includes('`'));
    assert.deepEqual(literal, []);
  });
});
