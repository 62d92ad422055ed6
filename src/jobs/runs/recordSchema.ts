import type { RunRecord, RunState } from './runRecord.ts';

type Check = (value: unknown) => boolean;

const isString: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
/** Milliseconds since 1970 that a date can hold. */
const isTime: Check = (value) => typeof value === 'number' && !Number.isNaN(new Date(value).getTime());
const isBoolean: Check = (value) => typeof value === 'boolean';
const isIndex: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isAbsent: Check = (value) => value === undefined;
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
  modified: isTime,
  sizes: listOf(object({ first: isNumber, bytes: isNumber })),
});

const sourceFile = object({
  path: isString,
  bytes: isNumber,
  modified: isTime,
  sha256: optional(isString),
  records: optional(isNumber),
  errors: optional(isNumber),
});

const importRun = object({
  files: listOf(sourceFile),
  format: oneOf('CSV', 'JSON'),
  bucket: isString,
  folder: isString,
  staged: listOf(object({ url: isString, bytes: isNumber, etag: isString })),
  kmsKeyId: optional(isString),
  sourceNames: optional(isBoolean),
  deleteAfterImport: optional(isBoolean),
  stagedDeleted: optional(isString),
  isFromBucket: optional(isBoolean),
  uploads: optional(
    (value) =>
      object({})(value) && !Array.isArray(value) && Object.values(value as object).every(begunUpload),
  ),
  roleArn: isString,
  defineSegment: isBoolean,
  registerEndpoints: isBoolean,
  segmentId: optional(isString),
  segmentName: optional(isString),
  leftovers: optional(isBoolean),
});

const exportRun = object({
  bucket: isString,
  folder: isString,
  roleArn: isString,
  segmentId: optional(isString),
  segmentName: optional(isString),
  segmentVersion: optional(isNumber),
  downloadTo: optional(isString),
  downloads: listOf(object({ folder: isString, files: listOf(isString), at: isString })),
  placing: optional(object({ folder: isString, files: listOf(isString) })),
});

const serviceJob = object({
  id: isString,
  projectId: isString,
  kind: oneOf('import', 'export'),
  status: isString,
  created: isString,
  completed: optional(isString),
  totalPieces: optional(isNumber),
  completedPieces: optional(isNumber),
  failedPieces: optional(isNumber),
  totalProcessed: optional(isNumber),
  totalFailures: optional(isNumber),
  failures: listOf(isString),
  s3Url: optional(isString),
  segmentId: optional(isString),
  segmentName: optional(isString),
  format: optional(isString),
});

const states: readonly RunState[] = [
  'staging',
  'queued',
  'starting',
  'running',
  'completed',
  'failed',
  'cancelled',
  'interrupted',
];
const noneOf = (...excluded: readonly RunState[]): Check =>
  oneOf(...states.filter((state) => !excluded.includes(state)));

const runJob: Readonly<Record<string, Check>> = {
  state: oneOf(...states),
  queued: optional(isTime),
  retryAt: optional(isTime),
  asked: optional(isTime),
  job: optional(serviceJob),
  adopted: optional(isBoolean),
  earlierJobs: optional(listOf(isString)),
  error: optional(trouble),
};

const common: Readonly<Record<string, Check>> = {
  ...runJob,
  id: isString,
  created: isString,
  updated: isString,
  ended: optional(isString),
  account: isString,
  region: isString,
  endpointUrl: optional((value) => isString(value) && URL.canParse(value as string)),
  projectId: isString,
  projectName: optional(isString),
  trouble: optional(trouble),
  notified: isBoolean,
};

const part = object({
  ...runJob,
  first: isIndex,
  count: isIndex,
  folder: isString,
  segmentName: optional(isString),
});

const isImport = object({
  ...common,
  kind: oneOf('import'),
  import: importRun,
  parts: optional((parts) => listOf(part)(parts) && (parts as readonly unknown[]).length > 0),
});
const isExport = object({
  ...common,
  kind: oneOf('export'),
  state: noneOf('staging', 'queued'),
  export: exportRun,
  import: isAbsent,
  parts: isAbsent,
});
const isWatched = object({
  ...common,
  kind: oneOf('import', 'export'),
  state: noneOf('staging', 'queued', 'starting'),
  watched: (value) => value === true,
  job: serviceJob,
  import: isAbsent,
  export: isAbsent,
  parts: isAbsent,
});

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
  if (object({ schema: (schema) => isNumber(schema) && (schema as number) > 2 })(value)) {
    return { fault: 'newer' };
  }
  const isOurs = object({ schema: (schema) => schema === 1 || schema === 2, id: (own) => own === id });
  if (!isOurs(value) || !(isImport(value) || isExport(value) || isWatched(value))) return { fault: 'broken' };
  const record = value as RunRecord;
  return hasAllParts(record) ? { record: { ...record, schema: 2 } } : { fault: 'broken' };
}

/** Schema 1 is the same without queue, parts and watched jobs. A job of ours that runs, is named. */
function hasAllParts({ state, job, parts, import: run }: RunRecord): boolean {
  if (parts === undefined) return state !== 'running' || job !== undefined;
  return parts.every(
    (each) =>
      (each.state !== 'running' || each.job !== undefined) && each.first + each.count <= run!.files.length,
  );
}
