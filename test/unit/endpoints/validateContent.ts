import { after } from 'mocha';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ValidateOptions, ValidationResult } from '../../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../../src/endpoints/model/fileType.ts';
import { createValidator } from '../../../src/endpoints/validation/validator.ts';

export const workerFile = new URL('../../../src/endpoints/validation/worker.ts', import.meta.url);

const folder = await mkdtemp(join(tmpdir(), 'endpoints-'));
const validators = new Map<string, ReturnType<typeof createValidator>>();
let files = 0;

export interface How {
  readonly threads?: number;
  readonly chunkBytes?: number;
}

function validatorFor(how: How): ReturnType<typeof createValidator> {
  const key = JSON.stringify(how);
  const validator = validators.get(key) ?? createValidator({ workerFile, threads: 1, ...how });
  validators.set(key, validator);
  return validator;
}

/** Writes a file and returns its path. */
export async function fileOf(content: string | Uint8Array, type: FileType): Promise<string> {
  const path = join(folder, `${++files}.${type}`);
  await writeFile(path, content);
  return path;
}

/** Validates a file with this content in worker threads, as for users. */
export async function validate(
  content: string | Uint8Array,
  type: FileType,
  options: ValidateOptions = {},
  how: How = {},
): Promise<ValidationResult> {
  const path = await fileOf(content, type);
  try {
    return await validatorFor(how).file(path, options);
  } finally {
    await rm(path);
  }
}

/** Validates a stream with this content in pieces of `pieceBytes`. */
export function validateStream(
  content: Uint8Array,
  type: FileType,
  pieceBytes: number,
  how: How = {},
): Promise<ValidationResult> {
  const pieces = Array.from({ length: Math.ceil(content.length / pieceBytes) }, (_, index) =>
    content.slice(index * pieceBytes, (index + 1) * pieceBytes),
  );
  return validatorFor(how).stream(Readable.from(pieces), { type });
}

/** The findings of a file, each as `line:column-line:column severity code`. */
export async function findings(content: string | Uint8Array, type: FileType): Promise<string[]> {
  return shown(await validate(content, type));
}

export function shown({ issues }: ValidationResult): string[] {
  return issues.map(
    ({ line, column, endLine, endColumn, severity, code }) =>
      `${line}:${column}-${endLine === line ? '' : `${endLine}:`}${endColumn} ${severity} ${code}`,
  );
}

after(async () => {
  await Promise.all([...validators.values()].map((validator) => validator.dispose()));
  await rm(folder, { recursive: true, force: true });
});
