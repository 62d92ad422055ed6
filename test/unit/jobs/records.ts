import type { RunRecord } from '../../../src/jobs/runs/runRecord.ts';

/** A record as an import that runs has it. */
export function importRecord(id: string, change: Partial<RunRecord> = {}): RunRecord {
  return {
    schema: 3,
    epoch: 1,
    id,
    kind: 'import',
    state: 'running',
    created: '2026-11-22T12:00:00.000Z',
    updated: '2026-11-22T12:00:05.000Z',
    account: '123456789012',
    region: 'us-east-1',
    projectId: 'project',
    notified: false,
    import: {
      files: [{ path: '/data/people.csv', bytes: 12, modified: 1.5 }],
      format: 'CSV',
      bucket: 'staging',
      folder: 'imports/2026-11-22/0123456789abcdef/',
      staged: [
        { url: 's3://staging/imports/2026-11-22/0123456789abcdef/part-1.csv', bytes: 12, etag: '"e"' },
      ],
      roleArn: 'arn:aws:iam::123456789012:role/Import',
      defineSegment: true,
      registerEndpoints: false,
      segmentName: 'People',
    },
    job: {
      id: 'job',
      projectId: 'project',
      kind: 'import',
      status: 'PROCESSING',
      created: '2026-11-22T12:00:04.000Z',
      failures: [],
    },
    ...change,
  };
}

/** A record of an import in so many parts, each of a file, that were not begun. */
export function partedRecord(id: string, count: number): RunRecord {
  const record = importRecord(id, { state: 'staging', job: undefined });
  const indexes = Array.from({ length: count }, (_, index) => index);
  return {
    ...record,
    import: {
      ...record.import!,
      staged: [],
      files: indexes.map((index) => ({ path: `/data/people-${index}.csv`, bytes: 12, modified: 1.5 })),
    },
    parts: indexes.map((index) => ({
      state: 'staging',
      first: index,
      count: 1,
      folder: `${record.import!.folder}${index + 1}/`,
      segmentName: `People (${index + 1} of ${count})`,
    })),
  };
}
