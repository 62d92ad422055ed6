import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateAppCommand, DeleteAppCommand } from '@aws-sdk/client-pinpoint';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { ServiceJob } from '../../../src/aws/pinpoint/audienceService.ts';
import { WakeSignal } from '../../../src/jobs/drive/wakeSignal.ts';
import { Pace, watchJob } from '../../../src/jobs/drive/watchJob.ts';
import { JumpingClock } from '../../unit/jobs/jumpingClock.ts';
import { Workplace } from './workplace.ts';

const minute = 60_000;

describe('the schedule, against the sandbox', () => {
  let place: Workplace;

  beforeEach(async () => {
    place = await Workplace.open({ paceMs: 0 });
  });
  afterEach(() => place.close());

  for (const [lasts, most] of [
    [10 * minute, 45],
    [60 * minute, 65],
  ] as const) {
    it(`polls at most ${most} times for a job of ${lasts / minute} minutes, and notices its end in time`, async () => {
      const { audience, staging } = place.connection;
      const { path } = await place.csv('x.csv', 5);
      await staging.upload(path, { bucket: 'staging', key: 'x.csv' }, { contentType: 'text/csv' });
      const begin = (projectId: string): Promise<ServiceJob> => {
        const source = { format: 'CSV', s3Url: 's3://staging/x.csv', roleArn: place.roleArn } as const;
        return audience.createImportJob(projectId, { ...source, registerEndpoints: true });
      };
      // It waits its turn until the project is gone whose job runs.
      const { pinpoint, faults } = place.sandbox;
      const { ApplicationResponse: other } = await pinpoint.send(
        new CreateAppCommand({ CreateApplicationRequest: { Name: 'Other' } }),
      );
      faults.set({ importConcurrency: 1, paceMs: 60_000 });
      await begin(other!.Id!);
      const { projectId } = place;
      const { id } = await begin(projectId);
      const letItEnd = async (): Promise<void> => {
        faults.set({});
        await pinpoint.send(new DeleteAppCommand({ ApplicationId: other!.Id }));
        while ((await audience.getJob('import', projectId, id)).status !== 'COMPLETED') await sleep(5);
      };

      const clock = new JumpingClock();
      const since = clock.now();
      const statuses: string[] = [];
      await watchJob({
        ask: async () => {
          if (clock.now() - since >= lasts) await letItEnd();
          const job = await audience.getJob('import', projectId, id);
          clock.pass(20);
          statuses.push(job.status);
          return job;
        },
        ageMs: 0,
        atOnce: false,
        clock,
        random: Math.random,
        pace: new Pace(),
        waker: new WakeSignal(),
        isVisible: () => true,
        stop: new AbortController().signal,
        onJob: () => Promise.resolve(),
        onTrouble: () => Promise.resolve(),
      });
      const late = clock.now() - since - lasts;
      assert.deepEqual(new Set(statuses), new Set(['PENDING_JOB', 'COMPLETED']));
      assert.ok(statuses.length <= most, `${statuses.length} questions`);
      assert.ok(late <= lasts * 0.1, `${late} ms late`);
    });
  }
});
