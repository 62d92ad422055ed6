import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { UpdateEndpointsBatchCommand } from '@aws-sdk/client-pinpoint';
import { after, before, describe, it } from 'mocha';
import type { Connection } from '../../../src/aws/connection/connection.ts';
import { createConnections } from '../../../src/aws/connection/createConnections.ts';
import type { RunRecord } from '../../../src/jobs/runs/runRecord.ts';
import type { Runs } from '../../../src/jobs/runs/runs.ts';
import { noLog } from '../../../src/log.ts';
import { Gate } from './gate.ts';
import { Workplace } from './workplace.ts';

/** Real milliseconds without network; the clock of the runs is fifty times as fast. */
const downMs = 200;

describe('a network that goes down', () => {
  let place: Workplace;
  let gate: Gate;
  let runs: Runs;
  let connection: Connection;
  let count = 0;

  before(async () => {
    place = await Workplace.open();
    gate = new Gate(place.sandbox.endpoint);
    await gate.open();
    const { region, accessKeyId, secretAccessKey } = place.sandbox;
    connection = await createConnections({ log: noLog }).connect({
      endpointUrl: gate.endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey },
    });
    runs = place.window();
    await place.sandbox.pinpoint.send(
      new UpdateEndpointsBatchCommand({
        ApplicationId: place.projectId,
        EndpointBatchRequest: { Item: [{ Id: 'e', ChannelType: 'EMAIL', Address: 'e@example.com' }] },
      }),
    );
  });
  after(async () => {
    gate.close();
    await place.close();
  });

  /** Starts a run by hand again if it was refused before anything was recorded, as people do. */
  async function insist(start: () => Promise<RunRecord>): Promise<RunRecord> {
    for (let attempt = 1; ; attempt += 1) {
      const known = new Set(runs.list().map(({ id }) => id));
      try {
        return await runs.waitFor((await start()).id);
      } catch (error) {
        const begun = runs.list().find(({ id }) => !known.has(id));
        if (begun !== undefined) return runs.waitFor(begun.id);
        if (attempt === 5) throw error;
        await new Promise((resolve) => setTimeout(resolve, downMs));
      }
    }
  }

  const imports = async (): Promise<void> => {
    const before = (await place.importJobs()).length;
    const file = await place.csv(`${(count += 1)}.csv`, 3);
    const record = await insist(() =>
      runs.startImport(connection, place.importPlan([file], { prefix: `in-${count}` }), {}),
    );
    assert.deepEqual([record.state, record.error, record.trouble], ['completed', undefined, undefined]);
    assert.equal((await place.importJobs()).length, before + 1, 'one job');
    assert.equal((await place.keys(`in-${count}/`)).length, 1, 'one object');
  };
  const exports = async (): Promise<void> => {
    const before = (await place.exportJobs()).length;
    const prefix = `out-${(count += 1)}`;
    const to = join(place.folder, prefix);
    const record = await insist(() => runs.startExport(connection, place.exportPlan({ prefix }), {}));
    assert.deepEqual([record.state, record.error, record.trouble], ['completed', undefined, undefined]);
    assert.equal((await place.exportJobs()).length, before + 1, 'one job');
    let files: readonly string[] | undefined;
    for (let attempt = 1; files === undefined; attempt += 1) {
      files = await runs.download(connection, record.id, to, {}).catch((error: unknown) => {
        if (attempt === 5) throw error;
        return new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), downMs));
      });
    }
    assert.equal((await readdir(to)).length, files.length, 'one copy');
  };

  for (const [what, work] of Object.entries({ imports, exports })) {
    it(`leaves exactly one of everything, whichever call it prevents: ${what}`, async () => {
      gate.plan(Infinity, downMs);
      await work();
      const calls = gate.answers;
      assert.ok(calls >= 5, `${calls}`);
      for (let call = 0; call < calls; call += 1) {
        gate.plan(call, downMs);
        await work().catch((error: unknown) => {
          throw new Error(`Down after ${call} of ${calls} answers`, { cause: error });
        });
        assert.equal(gate.outages, 1, `after ${call} answers`);
      }
    });
  }
});
