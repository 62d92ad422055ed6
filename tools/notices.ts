import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { root } from './paths.ts';

/** What no bundle shows: parts of the standard library in the engine's WebAssembly, and of ajv's code in the validators. */
const compiledIn = ['node_modules/assemblyscript', 'node_modules/ajv'];

/** Packages that come without a license text, and a package of the same owner and license that has it. */
const siblings: ReadonlyMap<string, string> = new Map([
  ['@aws-sdk/credential-provider-http', '@aws-sdk/client-pinpoint'],
  ['@aws-sdk/credential-provider-login', '@aws-sdk/client-pinpoint'],
  ['@aws-sdk/nested-clients', '@aws-sdk/client-pinpoint'],
  ['@nodable/entities', 'fast-xml-parser'],
]);

const rule = '='.repeat(80);

/**
 * The notices of everything that is bundled: name, version and the whole license of each package.
 *
 * @throws Error if a package comes without a license text
 */
export async function thirdPartyNotices(metafiles: readonly Metafile[]): Promise<string> {
  const sections = [];
  for (const folder of bundledPackages(metafiles)) sections.push(await notice(folder));
  return [
    'Pinpoint Audience includes code of the following packages.',
    ...[...new Set(sections)].sort(),
    '',
  ].join(`\n\n${rule}\n`);
}

/** The folders of all packages of which a byte is in the outputs. */
export function bundledPackages(metafiles: readonly Metafile[]): readonly string[] {
  const inputs = metafiles.flatMap(({ outputs }) =>
    Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs)),
  );
  const folders = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  return [...new Set([...folders, ...compiledIn])].sort();
}

async function notice(folder: string): Promise<string> {
  const path = join(root, folder);
  const manifest = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = (await readdir(path)).filter((name) =>
    /^(?:licen[cs]e|copying|notice)(?:[.-]|$)/i.test(name),
  );
  const texts = await Promise.all(files.sort().map((name) => readFile(join(path, name), 'utf8')));
  const { name, version, license } = manifest;
  const sibling = siblings.get(name);
  if (texts.length === 0 && sibling !== undefined) texts.push(await siblingLicense(sibling, license));
  const text = texts.map((each) => each.trim()).join('\n\n');
  if (text === '') throw new Error(`${name} ${version} comes without a license text`);
  return `${name} ${version} (${license ?? 'see below'})\n\n${text}`;
}

async function siblingLicense(name: string, license: string | undefined): Promise<string> {
  const path = join(root, 'node_modules', name);
  const manifest = JSON.parse(await readFile(join(path, 'package.json'), 'utf8')) as { license?: string };
  if (manifest.license !== license) throw new Error(`${name} has another license than ${license ?? 'none'}`);
  return readFile(join(path, 'LICENSE'), 'utf8');
}
