import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Ajv, { type AnySchemaObject } from 'ajv';
import standaloneCode from 'ajv/dist/standalone/index.js';
import * as esbuild from 'esbuild';
import mirrors from '../media/schemas/mirrors.schema.json' with { type: 'json' };
import segment from '../media/schemas/segment.schema.json' with { type: 'json' };
import { policySchema } from '../src/aws/iam/policySchema.ts';
import { newerRecordSchema, runRecordSchema } from '../src/jobs/runs/runRecordSchema.ts';
import { faultsSchema } from '../src/sandbox/http/faultsSchema.ts';
import { root } from './paths.ts';

/*
 * Compiles the JSON schemas by which foreign data is checked to functions, which are in git: the program ships no compiler of schemas,
 * spends no time on one when VS Code starts, and runs from source without a build.
 */

/** A file of validators: the function of each name is true if a value is as the schema says. */
export interface ValidatorFile {
  readonly path: string;
  readonly schemas: Readonly<Record<string, AnySchemaObject>>;
  /** Whether errors carry the schema that was violated, for messages that people read. */
  readonly verbose: boolean;
}

export const validatorFiles: readonly ValidatorFile[] = [
  { path: 'src/endpoints/model/segmentValidator.ts', schemas: { isSegment: segment }, verbose: true },
  { path: 'src/aws/iam/policyValidator.ts', schemas: { isPolicy: policySchema }, verbose: false },
  { path: 'src/jobs/mirror/mirrorsValidator.ts', schemas: { isMirrors: mirrors }, verbose: true },
  {
    path: 'src/jobs/runs/runRecordValidator.ts',
    schemas: { isRunRecord: runRecordSchema, isNewerRecord: newerRecordSchema },
    verbose: false,
  },
  { path: 'src/sandbox/http/faultsValidator.ts', schemas: { isFaultSettings: faultsSchema }, verbose: false },
];

/** What VS Code reads beside the schema itself. */
export const editorKeywords = [
  'enumDescriptions',
  'defaultSnippets',
  'deprecationMessage',
  'markdownDescription',
];

/** What the file must contain. */
export async function validatorText({ schemas, verbose }: ValidatorFile): Promise<string> {
  const ajv = new Ajv({
    ownProperties: true,
    strict: true,
    strictRequired: false,
    strictTypes: true,
    verbose,
    messages: verbose,
    code: { source: true, esm: true },
    keywords: editorKeywords,
    schemas: Object.entries(schemas).map(([name, schema]) => ({ ...schema, $id: name })),
  });
  const names = Object.keys(schemas);
  const { outputFiles } = await esbuild.build({
    stdin: {
      contents: standaloneCode(ajv, Object.fromEntries(names.map((name) => [name, name]))),
      resolveDir: import.meta.dirname,
    },
    bundle: true,
    format: 'iife',
    globalName: 'validators',
    platform: 'node',
    target: 'node22',
    minify: true,
    lineLimit: 160,
    write: false,
  });
  return [
    '// @ts-nocheck',
    '// Made by `node tools/validators.ts`.',
    "import type { ErrorObject } from 'ajv';",
    'interface Validator {',
    '  (value: unknown): boolean;',
    '  readonly errors?: readonly ErrorObject[] | null;',
    '}',
    outputFiles[0]!.text.trim(),
    ...names.map((name) => `export const ${name}: Validator = validators.${name};`),
    '',
  ].join('\n');
}

if (import.meta.main) {
  for (const file of validatorFiles) await writeFile(join(root, file.path), await validatorText(file));
}
