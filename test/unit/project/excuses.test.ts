import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, it } from 'mocha';
import { root } from '../../../tools/paths.ts';
import { withTemporaryFolder } from '../../support/environment.ts';
import type { TestEvent } from '../../support/reporter.ts';
import type { MochaRun } from '../../support/runMocha.ts';
import { endWine, excuses } from '../../windows/excuses.ts';

/** Full titles of the tests in some files, which don't run. */
function titlesIn(files: readonly string[]): Promise<ReadonlySet<string>> {
  return withTemporaryFolder(async (folder) => {
    const run: MochaRun = { files, events: join(folder, 'events.jsonl'), dryRun: true };
    await writeFile(run.events, '');
    // In a process of its own: a file that is loaded here already would define no tests again.
    const program = join(root, 'test', 'support', 'runMocha.ts');
    await promisify(execFile)(process.execPath, [program, JSON.stringify(run)], { cwd: root });
    const events = (await readFile(run.events, 'utf8')).trimEnd().split('\n');
    return new Set(
      events
        .map((line) => JSON.parse(line) as TestEvent)
        .flatMap((event) => (event.type === 'test' ? [event.fullTitle] : [])),
    );
  });
}

describe('Excuses for Wine', () => {
  const titles = [excuses, endWine].flatMap((listed) => Object.values(listed).flat());

  it('each name one test, which exists', async function () {
    assert.deepEqual(titles, [...new Set(titles)]);
    const files = globSync('test/{windows,unit,proofs,sandbox}/**/*.test.ts', { cwd: root })
      .map((file) => join(root, file))
      .filter((file) => {
        const suites = [...readFileSync(file, 'utf8').matchAll(/^describe\('([^']+)'/gm)];
        return suites.some(([, suite]) => titles.some((title) => title.startsWith(`${suite} `)));
      });
    const found = await titlesIn(files);
    assert.deepEqual(
      titles.filter((title) => !found.has(title)),
      [],
    );
  });
});
