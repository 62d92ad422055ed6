import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { after, before, describe, it } from 'mocha';
import type { RunRecord } from '../../src/jobs/runs/runRecord.ts';
import { jobLimits } from '../../src/jobs/runs/parts.ts';
import { api, connect, files, place, rejects, roles, run } from './support.ts';

const custom = Array.from({ length: 100 }, (_, index) => `Attributes.a${index}`);
const filling = custom.map(() => 'x'.repeat(99)).join(',');

/** A CSV file of right endpoints, a little larger than one import job takes. */
async function writeLarge(path: string): Promise<void> {
  await using file = await open(path, 'w');
  await file.write(`ChannelType,Id,Address,${custom.join(',')}\n`);
  let bytes = 0;
  for (let record = 0; bytes <= jobLimits.bytes;) {
    const rows = Array.from({ length: 800 }, () => {
      record += 1;
      return `EMAIL,id-${record},u${record}@example.com,${filling}\n`;
    });
    bytes += (await file.write(rows.join(''))).bytesWritten;
  }
}

describe('A file that is too large for one import job', () => {
  let given: Awaited<ReturnType<typeof files>>;
  let at: Awaited<ReturnType<typeof place>>;

  before(async () => {
    await connect();
    at = await place('large');
    given = await files('large', {});
    await writeLarge(given.uri('large.csv').fsPath);
  });
  after(async () => {
    await at.remove();
    await given.remove();
  });

  it('is split on request, and its parts are one run', async () => {
    const { jobs } = await api();
    const stop = new AbortController();
    const begun: RunRecord[] = [];
    const subscription = jobs.onDidChange((record) => {
      if (record?.projectId !== at.projectId) return;
      begun.push(record);
      // What is to be seen is there; the upload would take its time.
      stop.abort();
    });
    const { signal } = stop;
    const said = { projectId: at.projectId, bucket: at.bucket, roleArn: roles.import, confirm: false };
    const importing = run('importFile', given.uri('large.csv'), {
      ...said,
      registerEndpoints: true,
      defineSegment: false,
      split: true,
      signal,
    });
    await rejects(importing, 'cancelled', /Cancelled/);
    subscription.dispose();
    const [first] = begun;
    assert.ok(first);
    assert.equal(first.parts?.length, 2);
    const sent = first.import?.files ?? [];
    assert.deepEqual(
      sent.map(({ path }) => basename(path)),
      ['large.part-001.csv', 'large.part-002.csv'],
    );
    assert.ok(sent.every(({ bytes, errors }) => bytes <= jobLimits.bytes && errors === 0));
    const last = jobs.get(first.id);
    assert.equal(last?.state, 'cancelled');
  });
});
