import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { noLog } from '../../../src/log.ts';
import { Leases } from '../../../src/jobs/runs/lease.ts';
import { temporaryFolder } from '../../support/sandbox.ts';

const ttlMs = 200;

describe('leases on runs', () => {
  let folder: string;
  let remove: () => Promise<void>;
  const open: Leases[] = [];

  beforeEach(async () => {
    const place = await temporaryFolder();
    folder = place.path;
    remove = () => place.remove();
  });
  afterEach(async () => {
    for (const leases of open.splice(0)) leases.dispose();
    await remove();
  });

  function process(now?: () => number): Leases {
    const leases = new Leases(folder, { log: noLog, ttlMs, now });
    open.push(leases);
    return leases;
  }

  /** A lease of a process that is no more, or of one that stands still. */
  async function left(id: string, owner: object): Promise<void> {
    await mkdir(join(folder, 'owners'), { recursive: true });
    await writeFile(join(folder, 'owners', 'them'), JSON.stringify({ id: 'them', ...owner }));
    await link(join(folder, 'owners', 'them'), join(folder, `${id}.lease`));
  }

  /** As this process identifies itself: its machine and where its id is unique. */
  async function cardOfThis(): Promise<object> {
    const leases = process();
    await leases.acquire('card');
    const { host, space } = JSON.parse(await readFile(join(folder, 'card.lease'), 'utf8')) as Record<
      string,
      string
    >;
    leases.dispose();
    return { host, space };
  }

  async function endedPid(): Promise<number> {
    const child = spawn(globalThis.process.execPath, ['-e', '']);
    await once(child, 'exit');
    return child.pid!;
  }

  it('have one owner at a time', async () => {
    const [a, b] = [process(), process()];
    const lease = await a.acquire('run');
    assert.ok(lease);
    assert.equal(await b.acquire('run'), undefined);
    assert.equal(await a.acquire('run'), undefined, 'nor to another part of the same process');
    assert.ok(await b.acquire('other'));
    await lease.release();
    assert.ok(await b.acquire('run'));
  });

  it('are won by one of many simultaneous requests', async () => {
    for (let round = 0; round < 20; round += 1) {
      const wanted = await Promise.all(Array.from({ length: 8 }, () => process().acquire(`run${round}`)));
      assert.equal(wanted.filter((lease) => lease !== undefined).length, 1);
    }
  });

  it('belong to a process as long as it lives', async () => {
    const [a, b] = [process(), process()];
    const lease = await a.acquire('run');
    for (let round = 0; round < 4; round += 1) {
      await sleep(ttlMs / 2);
      assert.equal(await b.acquire('run'), undefined);
    }
    await lease!.check();
  });

  it('belong to a process while the machine sleeps and its clock advances', async () => {
    let slept = 0;
    const [a, b] = [process(), process(() => performance.now() + slept)];
    const lease = await a.acquire('run');
    assert.equal(await b.acquire('run'), undefined);
    slept = 3_600_000;
    assert.equal(await b.acquire('run'), undefined);
    await lease!.check();
  });

  it('are taken over at once from an ended process of this machine', async () => {
    await left('run', { ...(await cardOfThis()), pid: await endedPid() });
    const wanted = await Promise.all(Array.from({ length: 8 }, () => process().acquire('run')));
    assert.equal(wanted.filter((lease) => lease !== undefined).length, 1);
  });

  it('are taken over only after a silence from a process that this one does not see', async function () {
    if (globalThis.process.platform !== 'linux') this.skip();
    for (const space of [undefined, 'another boot or namespace']) {
      const name = `run ${space}`;
      await left(name, { pid: await endedPid(), host: hostname(), space });
      const leases = process();
      assert.equal(await leases.acquire(name), undefined);
      await sleep(ttlMs + 50);
      assert.ok(await leases.acquire(name));
      await rm(join(folder, 'owners', 'them'));
    }
  });

  it('are taken over from a process only after it hung for long', async () => {
    await left('run', { pid: 1, host: 'elsewhere' });
    const leases = process();
    assert.equal(await leases.acquire('run'), undefined);
    assert.equal(await leases.acquire('run'), undefined);
    await sleep(ttlMs + 50);
    assert.ok(await leases.acquire('run'));
  });

  it('notify the process that lost them', async () => {
    const lease = await process().acquire('run');
    await lease!.check();
    await rm(join(folder, 'run.lease'));
    await left('run', { pid: 1, host: 'elsewhere' });
    await assert.rejects(lease!.check(), { code: 'conflict' });
    await lease!.release();
    assert.match(await readFile(join(folder, 'run.lease'), 'utf8'), /"them"/, 'what is theirs stays');
  });

  it('are released when a process ends normally', async () => {
    const leases = process();
    await leases.acquire('run');
    leases.dispose();
    assert.deepEqual(await readdir(folder), ['owners']);
    assert.deepEqual(await readdir(join(folder, 'owners')), []);
    assert.ok(await process().acquire('run'));
  });

  it('name their owner from the start', async () => {
    const leases = process();
    for (let round = 0; round < 50; round += 1) {
      const file = join(folder, `run${round}.lease`);
      const seen = new Set<string | undefined>();
      let isDone = false;
      const look = async (): Promise<void> => {
        while (!isDone) seen.add(await readFile(file, 'utf8').catch(() => undefined));
      };
      const looking = look();
      await leases.acquire(`run${round}`);
      isDone = true;
      await looking;
      assert.ok(!seen.has(''));
    }
  });

  it('are free again if a process without links ended between creating the file and writing to it', async () => {
    await writeFile(join(folder, 'run.lease'), '');
    const leases = process();
    assert.equal(await leases.acquire('run'), undefined);
    await sleep(ttlMs + 50);
    assert.ok(await leases.acquire('run'));
  });

  it('are free again if a process ended during a takeover', async () => {
    await left('run', { ...(await cardOfThis()), pid: await endedPid() });
    await writeFile(join(folder, 'run.lease.taking'), '');
    const leases = process();
    assert.equal(await leases.acquire('run'), undefined);
    await sleep(ttlMs + 50);
    assert.equal(await leases.acquire('run'), undefined, 'now the old guard is gone');
    assert.ok(await leases.acquire('run'));
  });
});
