import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MochaRun } from '../test/support/runMocha.ts';
import { root } from './paths.ts';

/**
 * Imports, exports and downloads at once, and kills and freezes their processes at random moments:
 * `node tools/chaos.ts [MINUTES]`. Ends with the first round that leaves anything out of order.
 */
const minutes = Number(process.argv[2] ?? 30);
const run: MochaRun = {
  files: [join(root, 'test/sandbox/jobs/crash/crash.test.ts')],
  events: join(tmpdir(), `pinpoint-audience-chaos-${process.pid}.json`),
  timeout: 180_000,
  grep: 'whatever happens',
};
const child = spawn(process.execPath, [join(root, 'test/support/runMocha.ts'), JSON.stringify(run)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PINPOINT_AUDIENCE_CHAOS_MINUTES: String(minutes) },
});
const [code] = (await once(child, 'close')) as [number | null];
process.stdout.write(`The events are in ${run.events}\n`);
process.exitCode = code ?? 1;
