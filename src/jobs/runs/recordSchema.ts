import { fitsSchema, type Schema } from '../../endpoints/model/schemaCheck.ts';
import type { ExportRun, Placing, RunRecord, RunState } from './runRecord.ts';

const text: Schema = { type: 'string' };
const number: Schema = { type: 'number' };
const flag: Schema = { type: 'boolean' };
/** Milliseconds since 1970 that a date can hold. */
const time: Schema = { type: 'number', minimum: -8.64e15, maximum: 8.64e15 };
const index: Schema = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };

const oneOf = (...values: readonly (string | boolean | number)[]): Schema => ({ enum: values });
const listOf = (items: Schema): Schema => ({ type: 'array', items });
/** Members that aren't named are left alone: a later version of the same schema may have written them. */
const object = (
  required: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema => ({
  type: 'object',
  required: Object.keys(required),
  properties: { ...required, ...optional },
});
/** As `schema`, without members of these names. */
const without = (schema: Schema, ...names: readonly string[]): Schema => ({
  allOf: [schema, ...names.map((name) => ({ not: { required: [name] } }))],
});

const trouble = object({ code: text, message: text }, { help: text });

const begunUpload = object({
  uploadId: text,
  bytes: number,
  modified: time,
  sizes: listOf(object({ first: number, bytes: number })),
});

const sourceFile = object(
  { path: text, bytes: number, modified: time },
  { sha256: text, records: number, errors: number },
);

const importRun = object(
  {
    files: listOf(sourceFile),
    format: oneOf('CSV', 'JSON'),
    bucket: text,
    folder: text,
    staged: listOf(object({ url: text, bytes: number, etag: text })),
    roleArn: text,
    defineSegment: flag,
    registerEndpoints: flag,
  },
  {
    kmsKeyId: text,
    sourceNames: flag,
    deleteAfterImport: flag,
    stagedDeleted: text,
    isFromBucket: flag,
    uploads: { type: 'object', additionalProperties: begunUpload },
    segmentId: text,
    segmentName: text,
    leftovers: flag,
  },
);

const exportRun = object(
  {
    bucket: text,
    folder: text,
    roleArn: text,
    downloads: listOf(object({ folder: text, files: listOf(text), at: text }, { records: index })),
  },
  {
    segmentId: text,
    segmentName: text,
    segmentVersion: number,
    downloadTo: text,
    placings: listOf(object({ folder: text, files: listOf(text), epoch: index })),
    // Of schema 2.
    placing: object({ folder: text, files: listOf(text) }),
  },
);

const serviceJob = object(
  {
    id: text,
    projectId: text,
    kind: oneOf('import', 'export'),
    status: text,
    created: text,
    failures: listOf(text),
  },
  {
    completed: text,
    totalPieces: number,
    completedPieces: number,
    failedPieces: number,
    totalProcessed: number,
    totalFailures: number,
    s3Url: text,
    segmentId: text,
    segmentName: text,
    format: text,
  },
);

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
const noneOf = (...excluded: readonly RunState[]): Schema =>
  oneOf(...states.filter((state) => !excluded.includes(state)));

const runJob = {
  queued: time,
  retryAt: time,
  asked: time,
  attempt: index,
  before: listOf(text),
  doubles: listOf(object({ id: text }, { segmentId: text, segmentName: text })),
  job: serviceJob,
  adopted: flag,
  earlierJobs: listOf(text),
  error: trouble,
} as const satisfies Readonly<Record<string, Schema>>;

const part = object(
  { state: oneOf(...states), first: index, count: index, folder: text },
  { ...runJob, segmentName: text },
);

/** A record with these members and what all records have. */
const recordOf = (
  required: Readonly<Record<string, Schema>>,
  optional: Readonly<Record<string, Schema>> = {},
): Schema =>
  object(
    {
      id: text,
      created: text,
      updated: text,
      account: text,
      region: text,
      projectId: text,
      notified: flag,
      ...required,
    },
    { ...runJob, ended: text, endpointUrl: text, projectName: text, trouble, ...optional },
  );

const importRecord = recordOf(
  { state: oneOf(...states), kind: oneOf('import'), import: importRun },
  { parts: { ...listOf(part), minItems: 1 } },
);
const exportRecord = without(
  recordOf({ state: noneOf('staging', 'queued'), kind: oneOf('export'), export: exportRun }),
  'import',
  'parts',
);
const watchedRecord = without(
  recordOf({
    state: noneOf('staging', 'queued', 'starting'),
    kind: oneOf('import', 'export'),
    watched: oneOf(true),
    job: serviceJob,
  }),
  'import',
  'export',
  'parts',
);

const runRecord: Schema = {
  required: ['schema'],
  properties: { schema: oneOf(1, 2, 3), epoch: index },
  anyOf: [importRecord, exportRecord, watchedRecord],
};
const newerRecord = object({ schema: { type: 'number', exclusiveMinimum: 3 } });

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
  if (fitsSchema(value, newerRecord)) return { fault: 'newer' };
  if (!fitsSchema(value, runRecord)) return { fault: 'broken' };
  const record = withEpoch(value as object);
  if (record?.id !== id || !isUrl(record.endpointUrl)) return { fault: 'broken' };
  return hasAllParts(record) ? { record } : { fault: 'broken' };
}

function isUrl(url: string | undefined): boolean {
  return url === undefined || URL.canParse(url);
}

/** Schema 1 is the same without queue, parts and watched jobs; both older ones have no epoch. */
function withEpoch(value: object): RunRecord | undefined {
  const record = value as Omit<RunRecord, 'schema' | 'epoch'> & { schema: number; epoch?: number };
  if (record.schema < 3) return { ...record, ...placingsOf(record), schema: 3, epoch: 0 };
  return record.epoch === undefined ? undefined : { ...record, schema: 3, epoch: record.epoch };
}

/** Before schema 3 there was room for one download. */
function placingsOf({ export: to }: Pick<RunRecord, 'export'>): Pick<RunRecord, 'export'> {
  if (to === undefined) return {};
  const { placing, ...run } = to as ExportRun & { readonly placing?: Omit<Placing, 'epoch'> };
  return { export: { ...run, ...(placing && { placings: [{ ...placing, epoch: 0 }] }) } };
}

/** A job of ours that runs, is named. */
function hasAllParts({ state, job, parts, import: run }: RunRecord): boolean {
  if (parts === undefined) return state !== 'running' || job !== undefined;
  return parts.every(
    (each) =>
      (each.state !== 'running' || each.job !== undefined) && each.first + each.count <= run!.files.length,
  );
}
