import type { RunState } from './runRecord.ts';

/** A JSON schema, draft 7. */
type Schema = Readonly<Record<string, unknown>>;

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

const importRecord = object(
  { state: oneOf(...states), kind: oneOf('import'), import: importRun },
  { parts: { ...listOf(part), minItems: 1 } },
);
const exportRecord = without(
  object({ state: noneOf('staging', 'queued'), kind: oneOf('export'), export: exportRun }),
  'import',
  'parts',
);
const watchedRecord = without(
  object({
    state: noneOf('staging', 'queued', 'starting'),
    kind: oneOf('import', 'export'),
    watched: oneOf(true),
    job: object({}),
  }),
  'import',
  'export',
  'parts',
);

/** A record as this version writes it, or as an earlier one did. `node tools/validators.ts` compiles it. */
export const runRecordSchema: Schema = {
  ...object(
    {
      schema: oneOf(1, 2, 3),
      id: text,
      created: text,
      updated: text,
      account: text,
      region: text,
      projectId: text,
      notified: flag,
    },
    { ...runJob, epoch: index, ended: text, endpointUrl: text, projectName: text, trouble },
  ),
  anyOf: [importRecord, exportRecord, watchedRecord],
};
/** What a later version wrote. */
export const newerRecordSchema = object({ schema: { type: 'number', exclusiveMinimum: 3 } });
