import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'mocha';
import { changeableCodes, ruleCodes } from '../../src/endpoints/rules/ruleTable.ts';
import { commandIds } from '../../src/host/commandIds.ts';
import { settingDefaults, settingTrust } from '../../src/host/settings.ts';
import { extension } from './support.ts';

interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
}

interface Setting {
  readonly type: string;
  readonly default: unknown;
  readonly scope?: string;
  readonly markdownDescription?: string;
  readonly propertyNames?: { readonly enum: readonly string[] };
}

interface Manifest {
  readonly displayName: string;
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: {
      readonly supported: string;
      readonly restrictedConfigurations: readonly string[];
    };
    readonly virtualWorkspaces: { readonly supported: string };
  };
  readonly contributes: {
    readonly commands: readonly {
      readonly command: string;
      readonly title: string;
      readonly category: string;
    }[];
    readonly menus: Readonly<Record<string, readonly MenuItem[]>>;
    readonly submenus: readonly { readonly id: string }[];
    readonly keybindings: readonly MenuItem[];
    readonly viewsContainers: { readonly activitybar: readonly { readonly icon: string }[] };
    readonly viewsWelcome: readonly {
      readonly view: string;
      readonly contents: string;
      readonly when: string;
    }[];
    readonly configuration: readonly { readonly properties: Readonly<Record<string, Setting>> }[];
    readonly walkthroughs: readonly {
      readonly steps: readonly {
        readonly media: { readonly image: string };
        readonly description: string;
      }[];
    }[];
    readonly languages?: unknown;
  };
}

const root = (): string => extension().extensionUri.fsPath;
const text = (name: string): string => readFileSync(join(root(), name), 'utf8');
const raw = (): Manifest => JSON.parse(text('package.json')) as Manifest;
const nls = (): Record<string, string> => JSON.parse(text('package.nls.json')) as Record<string, string>;
const settings = (): Record<string, Setting> =>
  Object.assign({}, ...raw().contributes.configuration.map(({ properties }) => properties)) as Record<
    string,
    Setting
  >;

describe('The manifest', () => {
  it('declares every command of the table, each with a title and our category', () => {
    const { commands } = raw().contributes;
    assert.deepEqual(commands.map(({ command }) => command).sort(), [...Object.values(commandIds)].sort());
    for (const { command, title, category } of commands) {
      const key = command.replace('pinpointAudience.', 'command.');
      assert.equal(title, `%${key}%`);
      assert.equal(nls()[category.replaceAll('%', '')], 'Pinpoint Audience');
    }
  });

  it('has a text for every key, and a key for every text', () => {
    const used = new Set([...text('package.json').matchAll(/"%([\w.]+)%"/g)].map((match) => match[1]));
    assert.deepEqual([...used].sort(), Object.keys(nls()).sort());
    for (const [key, value] of Object.entries(nls())) assert.ok(value.trim().length > 1, key);
  });

  it('has every setting of the typed table with the same default, and describes it', () => {
    const declared = settings();
    assert.deepEqual(
      Object.fromEntries(Object.entries(declared).map(([key, setting]) => [key, setting.default])),
      Object.fromEntries(
        Object.entries(settingDefaults).map(([key, value]) => [`pinpointAudience.${key}`, value]),
      ),
    );
    for (const [key, setting] of Object.entries(declared)) {
      const described = nls()[setting.markdownDescription?.replaceAll('%', '') ?? ''];
      assert.ok(described !== undefined && described.length > 30, key);
    }
  });

  it('offers a severity for every rule, and every rule has its page', () => {
    const severity = settings()['pinpointAudience.validation.severity'];
    assert.deepEqual([...(severity?.propertyNames?.enum ?? [])].sort(), [...changeableCodes].sort());
    const without = ruleCodes.filter((code) => !existsSync(join(root(), 'media', 'rules', `${code}.md`)));
    assert.deepEqual(without, []);
  });

  it('names only existing commands and submenus', () => {
    const { menus, submenus, keybindings } = raw().contributes;
    const ids = new Set<string>(Object.values(commandIds));
    const known = new Set(submenus.map(({ id }) => id));
    for (const [menu, items] of Object.entries(menus)) {
      for (const { command, submenu } of items) {
        assert.ok(
          submenu === undefined ? ids.has(command ?? '') : known.has(submenu),
          `${menu}: ${command ?? submenu}`,
        );
      }
    }
    for (const { command } of keybindings) assert.ok(ids.has(command ?? ''));
    for (const link of JSON.stringify(nls()).matchAll(/command:(pinpointAudience\.\w+)/g)) {
      assert.ok(ids.has(link[1] ?? ''), link[1]);
    }
  });

  it('hides commands from the palette that need a node', () => {
    const palette = raw().contributes.menus['commandPalette'] ?? [];
    const hidden = palette
      .filter(({ when }) => when === 'false')
      .map(({ command }) => command?.split('.')[1]);
    assert.deepEqual(hidden.sort(), [
      'connectionMenu',
      'copyArn',
      'copyId',
      'copyS3Url',
      'forgetRun',
      'loadMore',
      'openConsole',
      'retry',
      'showFailures',
      'showRule',
      'watchJob',
      'whatNow',
    ]);
    const when = new Map(palette.map((item) => [item.command?.split('.')[1], item.when]));
    assert.equal(when.get('stopSandbox'), 'pinpointAudience.sandboxRunning');
    assert.equal(when.get('startSandbox'), '!pinpointAudience.sandboxRunning');
    assert.equal(when.get('downloadExport'), 'pinpointAudience.hasExports');
    assert.equal(when.get('showReport'), '!virtualWorkspace');
  });

  it('shows the Explorer submenu on data files in upper or lower case, and on folders', () => {
    const [item] = raw().contributes.menus['explorer/context'] ?? [];
    const pattern = /resourceExtname =~ \/(.*)\/i/.exec(item?.when ?? '')?.[1];
    assert.ok(pattern);
    const matches = (name: string): boolean => new RegExp(pattern, 'i').test(name);
    for (const name of ['.csv', '.CSV', '.ndjson', '.jsonl', '.Json']) assert.ok(matches(name), name);
    for (const name of ['.csvx', '.txt', '.gz', '']) assert.ok(!matches(name), name);
    assert.match(item?.when ?? '', /explorerResourceIsFolder/);
  });

  it('offers for compressed files only a fixed copy and Make Export Importable', () => {
    const { menus } = raw().contributes;
    const shown = menus['explorer/context']?.filter(({ when }) => when?.includes('resourceExtname == .gz'));
    assert.deepEqual(
      shown?.map(({ submenu }) => submenu),
      ['pinpointAudience.file'],
    );
    const onPacked = menus['pinpointAudience.file']?.filter(
      ({ when = '' }) => !/resourceExtname (!= \.gz|=~ )/.test(when),
    );
    assert.deepEqual(
      onPacked?.map(({ command }) => command),
      [commandIds.showReport, commandIds.writeFixedCopy, commandIds.makeImportable],
    );
  });

  it("lists the settings that an untrusted workspace can't change", () => {
    const { untrustedWorkspaces, virtualWorkspaces } = raw().capabilities;
    assert.equal(untrustedWorkspaces.supported, 'limited');
    assert.equal(virtualWorkspaces.supported, 'limited');
    const restricted = withTrust('restricted');
    assert.deepEqual([...untrustedWorkspaces.restrictedConfigurations].sort(), restricted);
    // Where data goes, and what lowers protection.
    for (const key of Object.keys(settings()))
      if (/\.(connection|staging|roles|jobs)\.|severity|max/.test(key))
        assert.ok(restricted.includes(key), key);
  });

  it('has a trust level for every setting, with machine scope for those of the machine', () => {
    const all = (['restricted', 'machine', 'harmless'] as const).flatMap(withTrust);
    assert.deepEqual(all.sort(), Object.keys(settings()).sort());
    const ofMachine = Object.entries(settings()).filter(([, { scope }]) => scope === 'machine');
    assert.deepEqual(ofMachine.map(([key]) => key).sort(), withTrust('machine'));
  });

  function withTrust(trust: (typeof settingTrust)[keyof typeof settingTrust]): string[] {
    return Object.entries(settingTrust)
      .filter(([, of]) => of === trust)
      .map(([key]) => `pinpointAudience.${key}`)
      .sort();
  }

  it('has one welcome for each state, each with one button', () => {
    const { viewsWelcome } = raw().contributes;
    assert.equal(viewsWelcome.length, 5);
    for (const { contents, when } of viewsWelcome) {
      const lines = (nls()[contents.replaceAll('%', '')] ?? '').split('\n');
      assert.equal(lines.filter((line) => /^\[[^\]]+\]\([^)]+\)$/.test(line)).length, 1, contents);
      assert.ok(when.length > 0);
    }
  });

  it('has all pictures that it, the README and docs/ name, and none is large', () => {
    const { viewsContainers, walkthroughs } = raw().contributes;
    const icon = text(viewsContainers.activitybar[0]?.icon ?? '');
    assert.match(icon, /width="24" height="24"/);
    assert.match(icon, /currentColor/);
    for (const { media } of walkthroughs.flatMap(({ steps }) => steps)) assertPicture(media.image);
    for (const page of ['README.md', ...globSync('docs/*.md', { cwd: root() })])
      for (const [, picture = ''] of text(page).matchAll(/!\[[^\]]+\]\(([^)]+)\)/g))
        assertPicture(join(dirname(page), picture));
  });

  function assertPicture(path: string): void {
    const bytes = readFileSync(join(root(), path));
    assert.equal(bytes.toString('latin1', 1, 4), 'PNG', path);
    assert.ok(bytes.length <= 150_000, `${path} has ${bytes.length} bytes`);
  }

  it('contributes no language, so that it works with CSV extensions', () => {
    const manifest = raw();
    for (const point of ['languages', 'grammars', 'customEditors', 'configurationDefaults'])
      assert.ok(!(point in manifest.contributes), point);
    // Nothing waits for a language that only another extension defines.
    assert.ok(!manifest.activationEvents.some((event) => event.startsWith('onLanguage')));
    assert.doesNotMatch(text('package.json'), /LangId|languageId|"language"/);
  });

  it('is activated for reports that are restored after a reload', () => {
    assert.ok(raw().activationEvents.includes('onWebviewPanel:pinpointAudience.report'));
  });
});
