import type { RunRecord } from './record.ts';

type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
const isBoolean: Check = (value) => typeof value === 'boolean';
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
/** Members that are not named are left alone: a later version of the same schema may have written them. */
const object =
  (members: Readonly<Record<string, Check>>): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(members).every(([name, check]) => check((value as Record<string, unknown>)[name]));

const trouble = object({ code: isString, message: isString, help: optional(isString) });

const begunUpload = object({
  uploadId: isString,
  bytes: isNumber,
  modified: isNumber,
  sizes: listOf(object({ first: isNumber, bytes: isNumber })),
});

const importRun = object({
  files: listOf(object({ path: isString, bytes: isNumber, modified: isNumber })),
  format: oneOf('CSV', 'JSON'),
  bucket: isString,
  folder: isString,
  staged: listOf(object({ url: isString, bytes: isNumber, etag: isString })),
  kmsKeyId: optional(isString),
  uploads: optional(
    (value) =>
      object({})(value) && !Array.isArray(value) && Object.values(value as object).every(begunUpload),
  ),
  roleArn: isString,
  defineSegment: isBoolean,
  registerEndpoints: isBoolean,
  segmentId: optional(isString),
  segmentName: optional(isString),
});

const exportRun = object({
  bucket: isString,
  folder: isString,
  roleArn: isString,
  segmentId: optional(isString),
  segmentName: optional(isString),
  segmentVersion: optional(isNumber),
  downloads: listOf(object({ folder: isString, files: listOf(isString), at: isString })),
});

const serviceJob = object({
  id: isString,
  projectId: isString,
  kind: oneOf('import', 'export'),
  status: isString,
  created: isString,
  failures: listOf(isString),
});

const common: Readonly<Record<string, Check>> = {
  id: isString,
  state: oneOf('staging', 'starting', 'running', 'completed', 'failed', 'cancelled', 'interrupted'),
  created: isString,
  updated: isString,
  ended: optional(isString),
  asked: optional(isNumber),
  account: isString,
  region: isString,
  endpointUrl: optional(isString),
  projectId: isString,
  projectName: optional(isString),
  job: optional(serviceJob),
  adopted: optional(isBoolean),
  error: optional(trouble),
  trouble: optional(trouble),
  notified: isBoolean,
};

const isImport = object({ ...common, kind: oneOf('import'), import: importRun });
const isExport = object({ ...common, kind: oneOf('export'), export: exportRun });

/** A record, or why there is none: `newer` where a later version of the extension wrote it. */
export type Reading = { readonly record: RunRecord } | { readonly fault: 'newer' | 'broken' };

/** Reads the text of a record's file, and believes nothing of it that it has not looked at. */
export function readRecord(text: string, id: string): Reading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { fault: 'broken' };
  }
  if (object({ schema: (schema) => isNumber(schema) && (schema as number) > 1 })(value)) {
    return { fault: 'newer' };
  }
  const isOurs = object({ schema: (schema) => schema === 1, id: (own) => own === id });
  if (isOurs(value) && (isImport(value) || isExport(value))) return { record: value as RunRecord };
  return { fault: 'broken' };
}
