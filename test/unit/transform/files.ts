import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { TransformOptions, TransformReport } from '../../../src/endpoints/transform/transform.ts';
import type { DocumentPart, ResultDocument } from '../../../src/endpoints/transform/resultDocuments.ts';

/** A folder that is gone when the test is over. */
export interface Folder {
  readonly path: string;
  readonly write: (name: string, content: string | Uint8Array) => Promise<string>;
  readonly read: (name: string) => Promise<string>;
  readonly names: () => Promise<readonly string[]>;
}

export async function inFolder<T>(work: (folder: Folder) => Promise<T>): Promise<T> {
  const path = await mkdtemp(join(tmpdir(), 'transform-'));
  try {
    return await work({
      path,
      async write(name, content) {
        await writeFile(join(path, name), content);
        return join(path, name);
      },
      read: (name) => readFile(join(path, name), 'utf8'),
      names: async () => (await readdir(path)).sort(),
    });
  } finally {
    await rm(path, { recursive: true });
  }
}

/** Runs a transformation over a text, and gives what it wrote and reported. */
export async function transformed<Options extends TransformOptions, Report extends TransformReport>(
  run: (options: Options) => Promise<Report>,
  name: string,
  content: string | Uint8Array,
  options: Omit<Options, 'source'> = {} as Options,
): Promise<{ readonly text: string; readonly texts: readonly string[]; readonly report: Report }> {
  return inFolder(async (folder) => {
    const report = await run({ source: await folder.write(name, content), ...options } as Options);
    const texts = await Promise.all(report.outputs.map(({ path }) => readFile(path, 'utf8')));
    return { text: texts.join(''), texts, report };
  });
}

/** Several gzip members one after the other, as exports may have them. */
export function gzipped(...members: readonly string[]): Buffer {
  return Buffer.concat(members.map((member) => gzipSync(member)));
}

/** A report's notes as short lines: `reason path × count @ lines`. */
export function notesOf(report: TransformReport): readonly string[] {
  return report.notes.map(
    ({ reason, path, count, lines }) =>
      `${reason}${path === undefined ? '' : ` ${path}`} ×${count} @${lines.join()}`,
  );
}

/** A document as text, with links as `[text](path#line)`. */
export function textOfDocument(document: ResultDocument): string {
  const text = (part: DocumentPart): string =>
    typeof part === 'string'
      ? part
      : `[${part.text}](${part.path}${part.line === undefined ? '' : `#${part.line}`})`;
  return document.map((line) => line.map(text).join('')).join('\n');
}
