import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { endpointSchema, storedEndpointSchema } from '../src/endpoints/model/jsonSchema.ts';
import { root } from './paths.ts';

/** The schema that package.json contributes for `*.endpoint.json`. */
export const endpointSchemaFile = join(root, 'media', 'schemas', 'endpoint.schema.json');

/** What that file has to hold. */
export function endpointSchemaText(): string {
  return `${JSON.stringify(endpointSchema(), undefined, 2)}\n`;
}

/** The schema of the documents in which the extension shows endpoints of the service. */
export const storedEndpointSchemaFile = join(root, 'media', 'schemas', 'stored-endpoint.schema.json');

/** What that file has to hold. */
export function storedEndpointSchemaText(): string {
  return `${JSON.stringify(storedEndpointSchema(), undefined, 2)}\n`;
}

if (import.meta.main) {
  await mkdir(dirname(endpointSchemaFile), { recursive: true });
  await writeFile(endpointSchemaFile, endpointSchemaText());
  await writeFile(storedEndpointSchemaFile, storedEndpointSchemaText());
}
