import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from '../../endpoints/editing/endpointChange.ts';
import { checkSchema } from '../../endpoints/model/schemaCheck.ts';
import { badInput } from '../../errors.ts';
import { fileError } from '../../fileErrors.ts';
import { rm } from '../../fileOperations.ts';
import { outputFile } from '../../permissions.ts';
import { publishFile } from '../../publishFile.ts';
import { isMirrors } from './mirrorsValidator.ts';

/** A mirror as `pinpoint-audience.json` declares it: files that are the exact content of an imported segment. */
export interface MirrorDeclaration {
  readonly name: string;
  /** A file or a glob, relative to the declaring file. */
  readonly source: string;
  /** Id or name. */
  readonly project: string;
  readonly segment: string;
  readonly segmentId?: string | undefined;
  /** `Id`, `User.UserId`, `Address` (channel and address), or an attribute with unique values. */
  readonly identifier: string;
  readonly format?: 'CSV' | 'JSON' | undefined;
}

export const mirrorsFile = 'pinpoint-audience.json';

const template = `{
  "mirrors": [
    {
      "name": "Customers",
      "source": "customers.csv",
      "project": "",
      "segment": "Customers",
      "identifier": "Id"
    }
  ]
}
`;

/**
 * Creates a declaring file in a folder and resolves with its path. Never overwrites a file or follows a link.
 *
 * @throws AudienceError `conflict` if the name is taken, or `disk`
 */
export async function createMirrorsFile(folder: string): Promise<string> {
  const path = join(folder, mirrorsFile);
  // Written elsewhere and linked: on Windows, `wx` creates the file that a dangling link leads to.
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(unfinished, template, { flag: 'wx', mode: outputFile() });
    await publishFile(unfinished, path);
    return path;
  } catch (error) {
    throw fileError(error, 'write', path);
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Reads the text of the declaring file. Throws `bad-input` with the position. */
export function readMirrors(text: string): readonly MirrorDeclaration[] {
  const value = parseDocument(text);
  checkSchema(value, isMirrors, mirrorsFile);
  const { mirrors } = value as { readonly mirrors: readonly MirrorDeclaration[] };
  const names = new Set<string>();
  for (const { name } of mirrors) {
    if (names.has(name)) throw badInput(`Two mirrors have the name ${name}`, 'Rename one of them.');
    names.add(name);
  }
  return mirrors;
}
