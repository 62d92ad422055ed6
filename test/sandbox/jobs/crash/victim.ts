import { createConnections } from '../../../../src/aws/connection/createConnections.ts';
import { fastClock } from '../fastClock.ts';
import { createRuns } from '../../../../src/jobs/runs/runsService.ts';
import { AudienceError } from '../../../../src/errors.ts';
import { noLog } from '../../../../src/log.ts';
import type { Errand } from './errand.ts';
import { runErrand } from './errand.ts';
import { installKillPoints } from './killPoints.ts';

/** A process that runs an errand, and is killed or suspended in the moment that the errand names. */
const errand = JSON.parse(process.argv[2]!) as Errand;
const { speed = 20, leaseTtlMs } = errand;
const { endpoint, region, accessKeyId, secretAccessKey } = errand.sandbox;
const connection = await createConnections({ log: noLog }).connect({
  endpointUrl: endpoint,
  region,
  credentials: { accessKeyId, secretAccessKey },
});
const points = installKillPoints(errand.killAt, errand.freezes === true);
const clock = fastClock(Date.now(), speed);
const runs = createRuns({
  folder: errand.folder,
  log: noLog,
  clock,
  leaseTtlMs,
  maxRunningImports: () => errand.maxRunning,
  jobLimits: errand.jobLimits,
});
try {
  await runErrand(errand, { runs, connection, clock, leaseTtlMs });
} catch (error) {
  // Another process took over while this one was suspended.
  if (errand.freezes !== true || !(error instanceof AudienceError)) throw error;
  process.stdout.write(`stopped ${error.code}\n`);
}
// As commands do: a request that was under way is reported.
await runs.settle();
runs.dispose();
process.stdout.write(`survived ${points()}\n`);
process.exit();
