import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { AudienceError } from '../../../src/errors.ts';
import type { SourceFile } from '../../../src/jobs/runs/runRecord.ts';
import type { Runs } from '../../../src/jobs/runs/runs.ts';
import type { FaultRule } from '../../../src/sandbox/http/faults.ts';
import { Workplace } from './workplace.ts';

const importer = fileURLToPath(new URL('importer.ts', import.meta.url));
const parts = 3;

/** Imports of a file that goes in parts, from the file to the end of the job. */
describe('uploads of imports over a bad connection', () => {
  let place: Workplace;
  let runs: Runs;
  let file: SourceFile;

  beforeEach(async () => {
    place = await Workplace.open();
    runs = place.window();
    file = await place.largeCsv('large.csv', 2);
  });
  afterEach(() => place.close());

  const faults = (...rules: readonly FaultRule[]): void =>
    place.sandbox.faults.set({
      rules: rules.map((rule) => ({ service: 's3', path: '/staging/**', ...rule })),
    });

  /** The id of an import that is begun. Whoever asked for it is told that it has to wait for a sign-in, and it waits. */
  async function begin(): Promise<string> {
    await runs.startImport(place.connection, place.importPlan([file]), {}).catch((error: unknown) => {
      assert.ok(error instanceof AudienceError);
      assert.equal(error.code, 'credentials');
    });
    return runs.list()[0]!.id;
  }

  /** The import has ended well, of one object that is the file byte for byte, by one job, and there is nothing else. */
  async function assertWhole(id: string, in_ = runs): Promise<void> {
    const { state, trouble, import: run } = await in_.waitFor(id);
    assert.deepEqual([state, trouble, run!.uploads], ['completed', undefined, undefined]);
    faults();
    const [key, ...others] = await place.keys();
    assert.deepEqual(others, []);
    assert.ok((await place.object(key!)).equals(await readFile(file.path)), 'the object is the file');
    assert.equal(await place.unfinishedUploads(), 0);
    assert.equal((await place.importJobs()).length, 1);
  }

  const steps: readonly (readonly [string, FaultRule])[] = [
    ['its beginning', { method: 'POST', fault: { kind: 'throttle' } }],
    ...Array.from({ length: parts }, (_, part): readonly [string, FaultRule] => [
      `part ${part + 1}`,
      { method: 'PUT', skip: part, fault: { kind: 'throttle' } },
    ]),
    ['its end', { method: 'POST', skip: 1, fault: { kind: 'throttle' } }],
  ];
  const kinds: Readonly<Record<string, Pick<FaultRule, 'fault' | 'count'>>> = {
    'is cut': { fault: { kind: 'cut-request', afterBytes: 100 } },
    'loses its answer': { fault: { kind: 'cut-answer' } },
    'and what follows finds the credentials expired': { fault: { kind: 'expired-credentials' }, count: 5 },
  };
  for (const [what, kind] of Object.entries(kinds)) {
    for (const [step, rule] of steps) {
      it(`are complete if ${step} ${what}`, async () => {
        faults({ ...rule, ...kind });
        await assertWhole(await begin());
      });
    }
  }

  const weathers: Readonly<Record<string, readonly FaultRule[]>> = {
    'every third request is refused with 503': [0, 3, 6].map((skip) => ({
      method: 'PUT',
      skip,
      fault: { kind: 'throttle' },
    })),
    'a storm of 503 is longer than a request is repeated': [
      { method: 'PUT', count: 12, fault: { kind: 'throttle' } },
    ],
    'the line is slow': [
      { method: 'PUT', count: null, fault: { kind: 'slow', delayMs: 50, bytesPerSecond: 12_000_000 } },
    ],
  };
  for (const [what, rules] of Object.entries(weathers)) {
    it(`are complete if ${what}`, async () => {
      faults(...rules);
      await assertWhole(await begin());
    });
  }

  it('leave nothing if they are cancelled after the credentials expired halfway', async () => {
    faults({ method: 'PUT', skip: 2, count: null, fault: { kind: 'expired-credentials' } });
    const id = await begin();
    assert.equal(await place.partsOfUnfinished(), 2);
    await runs.cancel(id);
    for (let round = 0; (await place.unfinishedUploads()) > 0 && round < 400; round += 1) await sleep(5);
    assert.deepEqual([await place.keys(), await place.unfinishedUploads()], [[], 0]);
    assert.deepEqual(await place.importJobs(), []);
  });

  for (let sent = 1; sent < parts; sent += 1) {
    it(`resume if the process was killed after ${sent} of ${parts} parts, and send only the others`, async () => {
      faults({ method: 'PUT', skip: sent, count: null, fault: { kind: 'slow', delayMs: 60_000 } });
      const { endpoint, region, accessKeyId, secretAccessKey } = place.sandbox;
      const { projectId, roleArn, start } = place;
      const keys = { endpoint, region, accessKeyId, secretAccessKey };
      const folder = join(place.folder, 'runs');
      const told = { ...keys, folder, projectId, roleArn, start, file: file.path, kind: 'import' };
      const child = spawn(process.execPath, [importer, JSON.stringify(told)], {
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      try {
        while ((await place.partsOfUnfinished()) < sent) await sleep(10);
      } finally {
        child.kill('SIGKILL');
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      assert.deepEqual([(await place.keys()).length, await place.unfinishedUploads()], [0, 1]);

      // One request more than the missing parts would never succeed.
      faults({ method: 'PUT', skip: parts - sent, count: null, fault: { kind: 'server-error' } });
      const next = place.window();
      await next.resume(place.connection);
      await assertWhole(next.list()[0]!.id, next);
    });
  }
});
