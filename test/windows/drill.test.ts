import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import { compareFiles } from '../../src/endpoints/transform/compare.ts';
import { holdOpen, isWindows } from '../support/platform.ts';
import { cli } from '../support/sandboxProcess.ts';
import { Workplace } from '../sandbox/jobs/workplace.ts';

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const endpoints = 500;
const rows = Array.from({ length: endpoints }, (_, n) => `email, planted${n}@example.com,id-${n},all\r\n`);

/** A file from its first check to its comparison with what the service stored, as a person works through it on Windows. */
describe('A file on its way through the service', () => {
  let place: Workplace;
  /** With a space and letters that no code page of Windows has together, in a path of more than 260 characters. */
  let folder: string;
  let commands = 0;

  before(async () => {
    place = await Workplace.open({ now: Date.now });
    folder = join(
      place.folder,
      'Kampagne Frühling 春',
      ...Array.from({ length: 5 }, (_, n) => `${n}`.repeat(50)),
    );
    await mkdir(folder, { recursive: true });
    assert.ok(folder.length > 260);
  });
  after(() => place.close());

  /** Its output goes to files: Wine's pipes between processes lose some. */
  async function run(...args: readonly string[]): Promise<Outcome> {
    const { endpoint, region, accessKeyId, secretAccessKey } = place.sandbox;
    commands += 1;
    const [out, error] = ['out', 'error'].map((name) => join(place.folder, `${commands}.${name}`));
    const [stdout, stderr] = await Promise.all([out, error].map((path) => open(path!, 'w')));
    const child = spawn(process.execPath, [cli, ...args], {
      stdio: ['ignore', stdout!.fd, stderr!.fd],
      cwd: place.folder,
      env: {
        ...process.env,
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      },
    });
    const [code] = (await once(child, 'exit')) as [number | null];
    await Promise.all([stdout!.close(), stderr!.close()]);
    return { code, stdout: await readFile(out!, 'utf8'), stderr: await readFile(error!, 'utf8') };
  }

  it('is validated, fixed, imported, exported, downloaded and compared, while other programs hold files open', async () => {
    const source = join(folder, 'people.csv');
    await writeFile(source, `ChannelType,Address,Id,OptOut\r\n${rows.join('')}`);
    const found = await run('validate', source, '--format', 'json');
    assert.equal(found.code, 1, found.stderr);
    const [{ records, issues }] = JSON.parse(found.stdout) as [
      { readonly records: number; readonly issues: readonly { readonly code: string }[] },
    ];
    assert.equal(records, endpoints);
    assert.ok(issues.some(({ code }) => code === 'channel-type-unknown'));

    if (isWindows) {
      const held = await holdOpen(source);
      for (const args of [
        ['validate', source],
        ['fix', source],
      ]) {
        const { code, stderr } = await run(...args);
        assert.equal(code, 2);
        assert.match(
          stderr,
          /people\.csv: another program is using it.*Close it there, for example in Excel/s,
        );
      }
      assert.deepEqual(await readdir(folder), ['people.csv']);
      await held.release();
    }

    const fixed = await run('fix', source, '--format', 'json');
    assert.equal(fixed.code, 0, fixed.stderr);
    const { files } = JSON.parse(fixed.stdout) as { readonly files: readonly [string] };
    assert.deepEqual(
      files.map((file) => basename(file)),
      ['people.fixed.csv'],
    );
    const clean = await run('validate', files[0]);
    assert.equal(clean.code, 0, clean.stdout);

    const common = ['--project', place.projectId, '--role', place.roleArn, '--format', 'json'];
    const store = ['--store', join(folder, 'records')];
    const imported = await run(
      ...['import', files[0], '--segment-name', 'People', '--bucket', 's3://staging/in/', '--wait'],
      ...[...common, ...store],
    );
    assert.equal(imported.code, 0, imported.stderr);
    const run1 = JSON.parse(imported.stdout) as {
      readonly jobs: readonly [{ readonly processed: number; readonly segmentId: string }];
    };
    assert.equal(run1.jobs[0].processed, endpoints);

    // A download never replaces what is there, and so it needs nobody to close it.
    const target = join(folder, 'back');
    await mkdir(target);
    const taken = join(target, 'People.ndjson');
    await writeFile(taken, 'mine');
    const held = isWindows ? await holdOpen(taken) : undefined;
    const exported = await run(
      ...['export', '--segment', run1.jobs[0].segmentId, '--to', 's3://staging/out', '--download', target],
      ...[...common, ...store],
    );
    assert.equal(exported.code, 0, exported.stderr);
    await held?.release();
    assert.equal(await readFile(taken, 'utf8'), 'mine');
    const run2 = JSON.parse(exported.stdout) as {
      readonly downloads: readonly [{ readonly files: readonly [string] }];
    };
    const [back] = run2.downloads[0].files;
    assert.deepEqual((await readdir(target)).sort(), [basename(back), basename(taken)].sort());

    const {
      before: sent,
      after: stored,
      added,
      removed,
      changed,
      unchanged,
    } = await compareFiles({
      before: files[0],
      after: back,
    });
    assert.deepEqual([sent.records, stored.records], [endpoints, endpoints]);
    assert.deepEqual([added, removed, changed, unchanged], [0, 0, 0, endpoints]);

    const listed = await run('jobs', 'list', '--format', 'json', ...store);
    assert.equal(listed.code, 0, listed.stderr);
    assert.deepEqual(
      (JSON.parse(listed.stdout) as readonly { readonly state: string }[]).map(({ state }) => state),
      ['completed', 'completed'],
    );
  });
});
