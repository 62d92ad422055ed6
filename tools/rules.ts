import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { format } from 'prettier';
import type { RuleExample } from '../src/endpoints/rules/rule.ts';
import {
  changeableCodes,
  rule,
  ruleCodes,
  variantsOf,
  type RuleCode,
} from '../src/endpoints/rules/ruleTable.ts';
import { root } from './paths.ts';

/*
 * Makes from the rules (src/endpoints/rules) what other places know of them: their pages in media/rules, the engine's
 * numbers in src/endpoints/engine/abi.ts, and the codes in package.json. A test holds them together.
 */

/** The page of a rule, to which the code of each finding links: what, why, how to fix, references. */
export function rulePage(code: RuleCode): string {
  const { title, severity, what, why, fix, disputed, sources, examples } = rule(code);
  const sections = [
    `# ${title}`,
    `\`${code}\` · ${severity}`,
    what,
    `## Why\n\n${why}`,
    ...(disputed === undefined ? [] : [`**AWS's own pages disagree.** ${disputed}`]),
    `## How to fix\n\n${fix}`,
    ...(examples.length === 0 ? [] : [`## Example\n\n${examples.map(exampleText).join('\n\n')}`]),
    ...(sources.length === 0
      ? []
      : [`## References\n\n${sources.map((source) => `- [${source.title}](${source.url})`).join('\n')}`]),
    changeableCodes.includes(code)
      ? `Change the severity with the setting \`pinpointAudience.validation.severity\`, such as \`{ "${code}": "off" }\`.`
      : 'The severity of this rule cannot be changed.',
  ];
  return `${sections.join('\n\n')}\n`;
}

function exampleText({ type, wrong, right }: RuleExample): string {
  const language = type === 'csv' ? 'csv' : 'jsonl';
  return [`Wrong:`, block(language, wrong), `Right:`, block(language, right)].join('\n\n');
}

/** Unprintable bytes are escaped. Long lines are cut. */
function block(language: string, text: string): string {
  const lines = text.split(/\r?\n/).map((line) => (line.length > 200 ? `${line.slice(0, 200)}…` : line));
  const shown = lines
    .slice(0, 12)
    .join('\n')
    .replace(/\n+$/, '')
    .replaceAll('\ufeff', '\\ufeff')
    .replace(/[^\n\P{Cc}]/gu, (character) => JSON.stringify(character).slice(1, -1));
  return `\`\`\`${language}\n${shown}${lines.length > 12 ? '\n…' : ''}\n\`\`\``;
}

/** A code as a constant is named: `csvQuote` for `csv-quote`. */
function constantOf(code: string): string {
  return code.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The engine's numbers of the rules and of their variants. */
export function engineNumbers(): string {
  const lines = ruleCodes.flatMap((code, index) => [
    `export const ${constantOf(code)} = ${index};`,
    ...variantsOf(code).map(
      (variant, number) =>
        `export const ${constantOf(code)}${variant.charAt(0).toUpperCase()}${variant.slice(1)} = ${number};`,
    ),
  ]);
  return [
    '// <rules>',
    '// Made by `node tools/rules.ts` from src/endpoints/rules: the numbers of rules, and of the variants of each.',
    ...lines,
    `export const ruleCount = ${ruleCodes.length};`,
    '// </rules>',
  ].join('\n');
}

/** A file that holds what others know of the rules, and what it must hold. */
export interface RuleFile {
  readonly path: string;
  readonly text: (before: string) => Promise<string>;
}

/** The files, beside the pages, in which a part is made from the rules. */
export const ruleFiles: readonly RuleFile[] = [
  {
    path: join(root, 'src', 'endpoints', 'engine', 'abi.ts'),
    text: (before) => Promise.resolve(before.replace(/\/\/ <rules>[^]*\/\/ <\/rules>/, engineNumbers())),
  },
  {
    path: join(root, 'package.json'),
    text: (before: string): Promise<string> => {
      const manifest = JSON.parse(before) as Manifest;
      severitySetting(manifest).propertyNames.enum = [...changeableCodes];
      return format(JSON.stringify(manifest), { parser: 'json-stringify', printWidth: 110 });
    },
  },
];

interface SeveritySetting {
  readonly propertyNames: { enum: string[] };
}

interface Manifest {
  readonly contributes: {
    readonly configuration: readonly { readonly properties: Readonly<Record<string, unknown>> }[];
  };
}

function severitySetting({ contributes: { configuration } }: Manifest): SeveritySetting {
  for (const { properties } of configuration) {
    const setting = properties['pinpointAudience.validation.severity'];
    if (setting !== undefined) return setting as SeveritySetting;
  }
  throw new Error('package.json has no setting for severities');
}

if (import.meta.main) {
  const folder = join(root, 'media', 'rules');
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) await rm(join(folder, name));
  for (const code of ruleCodes) await writeFile(join(folder, `${code}.md`), rulePage(code));
  for (const { path, text } of ruleFiles) await writeFile(path, await text(await readFile(path, 'utf8')));
}
