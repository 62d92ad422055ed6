import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { UpdateEndpointsBatchCommand } from '@aws-sdk/client-pinpoint';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { cli } from '../../support/sandboxProcess.ts';
import { Workplace } from '../jobs/workplace.ts';

const wrongClock = new URL('wrongClock.ts', import.meta.url).href;
const minute = 60_000;
const day = 24 * 60 * minute;

describe('commands with a wrong clock', () => {
  let place: Workplace;

  beforeEach(async () => {
    place = await Workplace.open({ now: Date.now });
  });
  afterEach(() => place.close());

  async function run(clock: { skewMs: number; jumpMs?: number }, ...args: readonly string[]): Promise<void> {
    const child = spawn(process.execPath, ['--import', wrongClock, cli, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...place.environment,
        CLOCK_SKEW_MS: String(clock.skewMs),
        CLOCK_JUMP_MS: String(clock.jumpMs ?? 0),
      },
    });
    const [, stderr, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    assert.equal(code, 0, stderr);
  }
  const importing = async (): Promise<readonly string[]> => [
    ...['import', (await place.csv('people.csv', 9)).path, '--project', place.projectId],
    ...['--segment-name', 'People', '--bucket', 's3://staging/in/', '--role', place.roleArn],
    ...['--store', join(place.folder, 'store'), '--format', 'json', '--wait'],
  ];
  const exporting = (to: string): readonly string[] => [
    ...['export', '--project', place.projectId, '--to', 's3://staging/out', '--role', place.roleArn],
    ...['--store', join(place.folder, 'store'), '--format', 'json', '--download', to],
  ];

  const clocks = {
    'an hour behind': { skewMs: -60 * minute },
    'an hour ahead': { skewMs: 60 * minute },
    'two days ahead': { skewMs: 2 * day },
    'set back by a day meanwhile': { skewMs: 0, jumpMs: -day },
    'set forward by a day meanwhile': { skewMs: 0, jumpMs: day },
  };
  for (const [what, clock] of Object.entries(clocks)) {
    it(`import once, ${what}`, async () => {
      await run(clock, ...(await importing()));
      assert.equal((await place.importJobs()).length, 1);
    });
  }

  it('export once if the response is lost, whether a clock is right or not', async () => {
    const Item = [{ Id: 'e', ChannelType: 'EMAIL' as const, Address: 'e@example.com' }];
    await place.sandbox.pinpoint.send(
      new UpdateEndpointsBatchCommand({ ApplicationId: place.projectId, EndpointBatchRequest: { Item } }),
    );
    for (const [number, skewMs] of [-70_000, 0, 70_000].entries()) {
      place.sandbox.faults.set({
        rules: [
          {
            ...{ service: 'mobiletargeting', method: 'POST', path: '/v1/apps/*/jobs/export' },
            fault: { kind: 'cut-answer' },
          },
        ],
      });
      const to = join(place.folder, `to-${number}`);
      await run({ skewMs }, ...exporting(to));
      assert.equal((await place.exportJobs()).length, number + 1, `${skewMs} ms`);
      const [file, ...others] = await readdir(to);
      assert.deepEqual(others, []);
      assert.equal((await readFile(join(to, file!), 'utf8')).trim().split('\n').length, 1);
    }
  });
});
