import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { UpdateEndpointsBatchCommand } from '@aws-sdk/client-pinpoint';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { AudienceError } from '../../../src/errors.ts';
import { Bulk } from '../../../src/jobs/bulk/bulkService.ts';
import { Erasure } from '../../../src/jobs/erasure.ts';
import { Mirrors } from '../../../src/jobs/mirror/mirrors.ts';
import { noLog } from '../../../src/log.ts';
import { cli } from '../../support/sandboxProcess.ts';
import { Workplace } from './workplace.ts';

describe('run records', function () {
  let place: Workplace;
  let disk: string;
  let isMounted: boolean;
  let unhandled: unknown[];
  const noteUnhandled = (reason: unknown): void => void unhandled.push(reason);
  const mount = (...options: readonly string[]): boolean =>
    spawnSync('mount', [...options, disk], { stdio: 'ignore' }).status === 0;

  beforeEach(async function () {
    place = await Workplace.open();
    disk = join(place.folder, 'disk');
    await mkdir(disk);
    isMounted = mount('-t', 'tmpfs', '-o', 'size=256k', 'none');
    unhandled = [];
    process.on('unhandledRejection', noteUnhandled);
    // Only root mounts.
    if (!isMounted) this.skip();
  });
  afterEach(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', noteUnhandled);
    if (isMounted) spawnSync('umount', ['-l', disk]);
    await place.close();
    assert.deepEqual(unhandled, []);
  });

  /** How a disk refuses, and how that ends. */
  const troubles = {
    'is full': {
      message: /the disk is full/,
      begin: () => fill(),
      end: () => rm(join(disk, 'filler')),
    },
    'is read-only': {
      message: /the disk is read-only/,
      begin: () => remount('ro'),
      end: () => remount('rw'),
    },
  };

  async function remount(how: 'ro' | 'rw'): Promise<void> {
    // A write that ends meanwhile keeps a disk busy.
    for (let attempt = 1; !mount('-o', `remount,${how}`); attempt += 1) {
      assert.ok(attempt < 20);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function fill(): Promise<void> {
    for (const size of [65_536, 4096, 1]) {
      for (;;) {
        try {
          await writeFile(join(disk, 'filler'), Buffer.alloc(size), { flag: 'a' });
        } catch (error) {
          if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') break;
          throw error;
        }
      }
    }
  }

  async function finished(args: readonly string[]): Promise<{ code: number | null; stderr: string }> {
    const child = spawn(process.execPath, [cli, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: place.environment,
    });
    const [stderr, [code]] = await Promise.all([
      text(child.stderr),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    return { code, stderr };
  }

  async function refused(work: Promise<unknown>, message: RegExp, refusal = 'disk'): Promise<void> {
    await assert.rejects(work, (error: unknown) => {
      assert.ok(error instanceof AudienceError, String(error));
      assert.equal(error.code, refusal, error.message);
      assert.match(error.message, message);
      return true;
    });
  }

  async function endpoints(): Promise<void> {
    const Item = ['a', 'b'].map((Id) => ({
      Id,
      ChannelType: 'EMAIL' as const,
      Address: `${Id}@example.com`,
      User: { UserId: 'someone' },
    }));
    await place.sandbox.pinpoint.send(
      new UpdateEndpointsBatchCommand({ ApplicationId: place.projectId, EndpointBatchRequest: { Item } }),
    );
  }

  for (const [what, { message, begin, end }] of Object.entries(troubles)) {
    it(`are rejected with one message on a disk that ${what}, and accepted once it isn't`, async () => {
      await endpoints();
      const file = await place.csv('people.csv', 3);
      const ids = await place.file('ids.txt', 'a\n');
      const runs = place.window({ folder: join(disk, 'runs') });
      await runs.ready;
      await begin();

      await refused(runs.startImport(place.connection, place.importPlan([file]), {}), message);
      await refused(runs.startExport(place.connection, place.exportPlan(), {}), message);
      const bulk = new Bulk({ folder: join(disk, 'bulk'), log: noLog, clock: place.clock });
      const { projectId } = place;
      const deletion = { kind: 'delete-endpoints', projectId, source: ids.path } as const;
      await refused(bulk.start(place.connection, deletion, {}), message);
      const erasure = new Erasure({ folder: join(disk, 'erasures'), log: noLog });
      const request = { projectId, userId: 'someone' };
      await refused(erasure.erase(place.connection, request), message);
      const mirrors = new Mirrors({ folder: join(disk, 'mirrors'), runs, log: noLog, clock: place.clock });
      const resources = {
        bucket: place.bucket,
        prefix: 'mirror',
        importRoleArn: place.roleArn,
        exportRoleArn: place.roleArn,
      };
      const declaration = {
        name: 'M',
        source: 'people.csv',
        project: projectId,
        segment: 'M',
        identifier: 'Id',
      };
      const mirror = { declaration, declaredIn: join(place.folder, 'mirrors.json'), files: [file] };
      const plan = await mirrors.plan(place.connection, mirror, resources, {});
      await refused(mirrors.run(place.connection, plan, resources, {}), message);
      assert.deepEqual(await place.keys(), [], 'nothing was sent');
      assert.equal((await place.importJobs()).length + (await place.exportJobs()).length, 0);

      await end();
      const started = await runs.startImport(place.connection, place.importPlan([file]), {});
      assert.equal((await runs.waitFor(started.id)).state, 'completed');
      assert.equal((await bulk.start(place.connection, deletion, {})).state, 'completed');
      assert.equal((await mirrors.run(place.connection, plan, resources, {})).outcome, 'mirrored');
      assert.equal((await erasure.erase(place.connection, request)).verified, true);
      for (const part of [bulk, erasure, mirrors]) part.dispose();
    });

    it(`don't lose an import if the disk ${what} while it runs: it continues once it isn't`, async () => {
      place.sandbox.faults.set({ paceMs: 150 });
      const file = await place.csv('people.csv', 3);
      const runs = place.window({ folder: join(disk, 'runs') });
      const started = await runs.startImport(place.connection, place.importPlan([file]), {});
      await begin();
      await new Promise((resolve) => setTimeout(resolve, 1200));
      assert.equal(runs.get(started.id)?.state, 'running');
      await end();
      assert.equal((await runs.waitFor(started.id)).state, 'completed');
      assert.equal((await place.importJobs()).length, 1);
    });

    it(`on a disk that ${what} cost each command one line without a stack trace, and exit code 2`, async () => {
      const file = await place.csv('people.csv', 3);
      await begin();
      const project = ['--project', place.projectId, '--role', place.roleArn, '--store', join(disk, 'store')];
      const commands = [
        ['import', file.path, '--endpoints-only', '--bucket', 's3://staging/in/', ...project],
        ['export', '--to', 's3://staging/out/', ...project],
        ['fix', file.path, '-o', join(disk, 'fixed.csv')],
        ['validate', file.path, '--report', join(disk, 'report.md')],
        ['sandbox', '--data', join(disk, 'sandbox')],
      ];
      for (const command of commands) {
        const { code, stderr } = await finished(command);
        assert.equal(code, 2, `${command[0]!}: ${stderr}`);
        assert.match(stderr, message);
        assert.doesNotMatch(stderr, /^\s+at /m);
        assert.equal(stderr.split('\n').filter((line) => message.test(line)).length, 1, stderr);
      }
      assert.deepEqual(await place.keys(), []);
    });
  }

  it("are rejected while a file has their folder's name, and accepted once it is gone", async () => {
    const folder = join(disk, 'runs');
    await writeFile(folder, '');
    const file = await place.csv('people.csv', 3);
    const runs = place.window({ folder });
    await refused(
      runs.startImport(place.connection, place.importPlan([file]), {}),
      /Could not create runs: it already exists/,
      'conflict',
    );
    await rm(folder);
    const started = await runs.startImport(place.connection, place.importPlan([file]), {});
    assert.equal((await runs.waitFor(started.id)).state, 'completed');
  });
});
