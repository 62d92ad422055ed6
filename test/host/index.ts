import { globSync } from 'node:fs';
import { runMocha } from '../support/runMocha.ts';

/** The entry of the tests inside VS Code: its extension host calls `run` and ends with what becomes of it. */
export async function run(): Promise<void> {
  const events = process.env['PINPOINT_AUDIENCE_TEST_EVENTS'];
  if (events === undefined) throw new Error('PINPOINT_AUDIENCE_TEST_EVENTS has to name a file');
  process.setSourceMapsEnabled(true);
  const failures = await runMocha({
    files: globSync('**/*.test.mjs', { cwd: import.meta.dirname }).map(
      (file) => `${import.meta.dirname}/${file}`,
    ),
    events,
    grep: process.env['PINPOINT_AUDIENCE_TEST_GREP'],
  });
  if (failures > 0) throw new Error(`${failures} failed`);
}
