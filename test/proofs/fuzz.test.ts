import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { describe, it } from 'mocha';
import type { FuzzData, FuzzReport } from './fuzzWorker.ts';
import { proof } from './seeds.ts';

/** The longest that one small file may take before it counts as a hang. */
const hang = 10_000;

describe('Mutated files', function () {
  this.timeout(proof.seconds * 1000 + 60_000);

  it(`do no harm in ${proof.seconds} s: no crash, no hang, bounded memory, positions inside the file, wherever it is cut`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'proofs-'));
    const current = new SharedArrayBuffer(4);
    const worker = new Worker(new URL('fuzzWorker.ts', import.meta.url), {
      workerData: {
        firstSeed: proof.seed,
        milliseconds: proof.seconds * 1000,
        current,
        scratchFile: join(folder, 'mutation'),
      } satisfies FuzzData,
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    });
    const over = new AbortController();
    try {
      const report = await Promise.race([
        once(worker, 'message').then(([message]) => message as FuzzReport),
        once(worker, 'exit', { signal: over.signal }).then(() =>
          Promise.reject(new Error(`The thread ended at PROOF_SEED=${seedIn(current)}`)),
        ),
        stall(current, over.signal),
      ]);
      assert.equal(report.failure, undefined, report.failure);
      assert.ok(report.files > 10 * proof.seconds, `Only ${report.files} files`);
      assert.ok(
        report.slowest.milliseconds < 2000,
        `PROOF_SEED=${report.slowest.seed} took ${report.slowest.milliseconds} ms of CPU`,
      );
      assert.ok(report.buffers < 64 * 1024 * 1024, `${report.buffers} bytes of buffers`);
    } finally {
      over.abort();
      await worker.terminate();
      rmSync(folder, { recursive: true });
    }
  });
});

function seedIn(current: SharedArrayBuffer): number {
  return new Int32Array(current)[0]!;
}

/** Rejects where the same seed is in hand for too long. */
async function stall(current: SharedArrayBuffer, signal: AbortSignal): Promise<never> {
  for (;;) {
    const seed = seedIn(current);
    await delay(hang, undefined, { signal });
    if (seed === seedIn(current)) throw new Error(`PROOF_SEED=${seed} hangs`);
  }
}
