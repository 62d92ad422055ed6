import { parseDocument } from '../../endpoints/editing/endpointChange.ts';
import { checkSchema } from '../../endpoints/model/schemaCheck.ts';
import { badInput } from '../../errors.ts';
import { isMirrors } from './mirrorsValidator.ts';

/** A file that is to be the exact content of an imported segment, as `pinpoint-audience.json` declares it. */
export interface MirrorDeclaration {
  readonly name: string;
  /** A file or a glob, relative to the declaring file. */
  readonly source: string;
  /** Id or name. */
  readonly project: string;
  readonly segment: string;
  readonly segmentId?: string | undefined;
  /** `Id`, `User.UserId`, `Address` (channel and address), or an attribute with values of its own. */
  readonly identifier: string;
  readonly format?: 'CSV' | 'JSON' | undefined;
}

export const mirrorsFile = 'pinpoint-audience.json';

/** Reads the text of the declaring file. Throws `bad-input` with the place. */
export function readMirrors(text: string): readonly MirrorDeclaration[] {
  const value = parseDocument(text);
  checkSchema(value, isMirrors, mirrorsFile);
  const { mirrors } = value as { readonly mirrors: readonly MirrorDeclaration[] };
  const names = new Set<string>();
  for (const { name } of mirrors) {
    if (names.has(name)) throw badInput(`Two mirrors are called ${name}`, 'Rename one of them.');
    names.add(name);
  }
  return mirrors;
}
