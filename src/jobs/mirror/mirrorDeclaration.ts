import schema from '../../../media/schemas/mirrors.schema.json' with { type: 'json' };
import { parseDocument } from '../../endpoints/editing/endpointChange.ts';
import { checkForm } from '../../endpoints/model/schemaCheck.ts';
import { AudienceError } from '../../errors.ts';

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

const identifiers = /^(Id|User\.UserId|Address|Attributes\..+|User\.UserAttributes\..+)$/;

/** Reads the text of the declaring file. Throws `bad-input` with the place. */
export function readMirrors(text: string): readonly MirrorDeclaration[] {
  const value = parseDocument(text);
  checkForm(value, schema, mirrorsFile);
  const { mirrors } = value as { readonly mirrors: readonly MirrorDeclaration[] };
  const names = new Set<string>();
  for (const [index, { name, identifier }] of mirrors.entries()) {
    const place = `mirrors[${index}]`;
    if (names.has(name)) throw refusal(`Two mirrors are called ${name}`, 'Give each a name of its own.');
    names.add(name);
    if (!identifiers.test(identifier)) {
      throw refusal(
        `${place}.identifier cannot be ${identifier}`,
        'Take Id, User.UserId, Address, or an attribute such as Attributes.customer.',
      );
    }
  }
  return mirrors;
}

function refusal(message: string, help: string): AudienceError {
  return new AudienceError('bad-input', message, { help });
}
