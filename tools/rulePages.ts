import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rule, ruleCodes, type RuleCode, type RuleExample } from '../src/endpoints/rules/rules.ts';
import { root } from './paths.ts';

/** The page of a rule, to which the code of each finding leads: what, why, how to put it right, and who says so. */
export function rulePage(code: RuleCode): string {
  const { title, severity, what, why, fix, disputed, sources, examples } = rule(code);
  const sections = [
    `# ${title}`,
    `\`${code}\` · ${severity}`,
    what,
    `## Why\n\n${why}`,
    ...(disputed === undefined ? [] : [`**AWS's own pages disagree.** ${disputed}`]),
    `## How to put it right\n\n${fix}`,
    ...(examples.length === 0 ? [] : [`## Example\n\n${examples.map(exampleText).join('\n\n')}`]),
    `## Where it is stated\n\n${sources.map((source) => `- [${source.title}](${source.url})`).join('\n')}`,
    `Change how it is judged with the setting \`pinpointAudience.validation.severity\`, such as \`{ "${code}": "off" }\`.`,
  ];
  return `${sections.join('\n\n')}\n`;
}

function exampleText({ type, wrong, right }: RuleExample): string {
  const language = type === 'csv' ? 'csv' : 'jsonl';
  return [`Wrong:`, block(language, wrong), `Right:`, block(language, right)].join('\n\n');
}

/** Bytes that no page can show are written as escapes. Long lines are cut. */
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

if (import.meta.main) {
  const folder = join(root, 'media', 'rules');
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) await rm(join(folder, name));
  for (const code of ruleCodes) await writeFile(join(folder, `${code}.md`), rulePage(code));
}
