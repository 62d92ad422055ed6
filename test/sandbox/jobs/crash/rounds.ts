import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { isDeepStrictEqual } from 'node:util';
import { Bulk } from '../../../../src/jobs/bulk/bulkService.ts';
import { fastClock } from '../fastClock.ts';
import { doublesOf } from '../../../../src/jobs/runs/runRecord.ts';
import type { Runs } from '../../../../src/jobs/runs/runs.ts';
import { createRuns } from '../../../../src/jobs/runs/runsService.ts';
import { noLog } from '../../../../src/log.ts';
import type { Random } from '../../../support/random.ts';
import { temporaryFolder } from '../../../support/sandbox.ts';
import { Workplace } from '../workplace.ts';
import { bundleVariable, bundleVictim } from './bundleVictim.ts';
import type { Errand } from './errand.ts';
import { memoryOf, runErrand } from './errand.ts';
import type { Cell, Scenario } from './scenarios.ts';
import { checkCell, closeCell, newCell } from './scenarios.ts';

/** Speed of the clock of the process that takes over: pauses of a minute and a half last half a second. */
const speed = 200;
const leaseTtlMs = 500;
const wrongClock = new URL('../../cli/wrongClock.ts', import.meta.url).href;
/** Rounds at a time. */
const concurrency = 5;

/** A process that takes over, and the moment in which it is killed or suspended. */
export interface Taker {
  readonly at: number;
  readonly isKilled: boolean;
}

interface Suspended {
  /** Resolves when it is suspended or has ended. */
  readonly stopped: Promise<unknown>;
  readonly said: () => string;
  /** Resolves when it has ended. */
  readonly wake: () => Promise<void>;
  readonly kill: () => void;
}

type Round = (scenario: Scenario, place: Workplace, moment: number) => Promise<void>;

/** Kills and suspends processes while they run errands, lets others take over, and checks what is left. */
export class Rounds {
  readonly shared: Workplace;
  readonly #bundle: { readonly path: string; remove(): Promise<void> };
  killed = 0;
  frozen = 0;
  /** Second jobs that suspended processes created between the last check and the request, all recorded. */
  doubled = 0;

  static async open(): Promise<Rounds> {
    const bundle = await temporaryFolder();
    const made = process.env[bundleVariable];
    if (made === undefined) await bundleVictim(bundle.path);
    else await cp(made, bundle.path, { recursive: true });
    return new Rounds(await openPlace(), bundle);
  }

  private constructor(shared: Workplace, bundle: { readonly path: string; remove(): Promise<void> }) {
    this.shared = shared;
    this.#bundle = bundle;
  }

  async close(): Promise<void> {
    await this.shared.close();
    await this.#bundle.remove();
  }

  /** Kills a process in a moment, perhaps its successor as well; the next one must complete everything once. */
  async kill(scenario: Scenario, place: Workplace, killAt: number, isKilledTwice = false): Promise<void> {
    const cell = await undisturbed(() => newCell(scenario, place));
    if (scenario.faults !== undefined) place.sandbox.faults.set(scenario.faults);
    const said = [await this.#run({ ...cell.errand, killAt })];
    if (said[0]!.startsWith('killed')) this.killed += 1;
    if (isKilledTwice) {
      said.push(await this.#run({ ...cell.errand, killAt: 1 + ((killAt * 7) % 23) }));
      if (said[1]!.startsWith('killed')) this.killed += 1;
    }
    try {
      const runs = await takeOver(cell);
      await undisturbed(() => checkCell(cell, scenario, runs));
      await undisturbed(() => closeCell(cell));
    } catch (error) {
      throw new Error(`Killed at ${killAt}: ${said.join('; ')}`, { cause: error });
    }
  }

  /**
   * Suspends a process in a moment. Another one takes over; after waking, the first one must neither send nor write.
   *
   * @param taker a second process that takes over and is itself suspended or killed, before a third one completes everything
   */
  async freeze(scenario: Scenario, place: Workplace, freezeAt: number, taker?: Taker): Promise<void> {
    const cell = await undisturbed(() => newCell(scenario, place));
    const children = [this.#suspend({ ...cell.errand, killAt: freezeAt, freezes: true })];
    try {
      await children[0]!.stopped;
      const before = await traceOf(cell);
      if (taker !== undefined) {
        const second = { killAt: taker.at, freezes: !taker.isKilled, speed, leaseTtlMs };
        children.push(this.#suspend({ ...cell.errand, ...second }));
        await children[1]!.stopped;
      }
      const moment = children.map(({ said }) => said()).join('');
      this.frozen += moment.match(/^frozen /gm)?.length ?? 0;
      await takeOver(cell);
      const finished = await traceOf(cell);
      for (const child of children) await child.wake();
      const after = await traceOf(cell);
      const woken = createRuns({ folder: cell.errand.folder, log: noLog });
      await woken.ready;
      try {
        // What it hadn't started, it starts after waking, as another command would.
        const { imports = [], exports = 0 } = scenario;
        const wanted = Math.max(1, imports.length + exports);
        const hadStarted = before.length >= wanted || after.length <= finished.length;
        if (hadStarted) {
          // A mirror may have been about to create the record of its export, which repeats a comparison and changes nothing.
          const isStartingExport = scenario.mirror !== undefined && /\d{14}-[0-9a-f]{8}\./.test(moment);
          const kept = isStartingExport
            ? after.filter((each) => finished.some((known) => isDeepStrictEqual(known, each)))
            : after;
          assert.deepEqual(kept, finished, 'no record is overwritten');
          // If the response to a late request was lost as well, the next connection finds its job.
          await woken.resume(place.connection);
          const doubles = woken.list().flatMap(doublesOf).length;
          // Only a request that had passed its last check can arrive late; with several jobs, another one's may be under way.
          const isSingle = imports.length + exports <= 1 && scenario.jobLimits === undefined;
          if (doubles > 0 && isSingle) assert.match(moment, /POST .*\/jobs\//);
          this.doubled += doubles;
          await undisturbed(() => checkCell(cell, scenario, woken));
        }
      } finally {
        woken.dispose();
      }
      await undisturbed(() => closeCell(cell));
    } catch (error) {
      const moments = children.map(({ said }) => said()).join(' | ');
      throw new Error(`Frozen at ${freezeAt}, taken over by ${JSON.stringify(taker)}: ${moments}`, {
        cause: error,
      });
    } finally {
      for (const child of children) child.kill();
    }
  }

  /**
   * Runs a round in moments of a scenario: evenly spread ones, or random ones if there is a `random`.
   *
   * @returns how many there were
   */
  async everywhere(
    scenario: Scenario,
    max: number,
    round: Round,
    {
      random,
      isAlone = false,
      onRound,
    }: {
      readonly random?: Random;
      readonly isAlone?: boolean;
      readonly onRound?: (moment: number, of: number) => void;
    } = {},
  ): Promise<number> {
    // Faults apply to a whole sandbox, so only one process may use it.
    const places = isAlone
      ? await Promise.all(Array.from({ length: concurrency }, openPlace))
      : Array<Workplace>(concurrency).fill(this.shared);
    try {
      const moments = await this.#momentsOf(scenario, places[0]!);
      const all = Array.from({ length: moments }, (_, n) => n + 1);
      const tried = Math.min(max, moments);
      const waiting =
        random === undefined
          ? Array.from({ length: tried }, (_, n) => 1 + Math.floor((n * moments) / tried))
          : random.shuffle(all).slice(0, tried);
      const failures: unknown[] = [];
      const work = async (place: Workplace): Promise<void> => {
        while (failures.length === 0) {
          const next = waiting.shift();
          if (next === undefined) return;
          await round(scenario, place, next).catch((error: unknown) => failures.push(error));
          onRound?.(next, moments);
        }
      };
      await Promise.all(places.map(work));
      if (failures.length > 0) throw failures[0];
      return tried;
    } finally {
      for (const place of places) if (place !== this.shared) await place.close();
    }
  }

  /** The number of moments of a scenario, which must succeed undisturbed. */
  async #momentsOf(scenario: Scenario, place: Workplace): Promise<number> {
    if (scenario.faults !== undefined) place.sandbox.faults.set(scenario.faults);
    const cell = await newCell(scenario, place);
    const survived = /^survived (\d+)$/.exec(await this.#run(cell.errand));
    assert.ok(survived, 'undisturbed, it completes');
    await checkCell(cell, scenario, await takeOver(cell));
    await closeCell(cell);
    return Number(survived[1]);
  }

  /** Runs an errand in its own process; resolves with its last output. */
  async #run(errand: Errand): Promise<string> {
    const child = this.#spawn(errand);
    // Its output ends a moment before the process does; until then it holds its leases.
    const [said] = await Promise.all([text(child.stdout!), once(child, 'close')]);
    return said.trim();
  }

  /** Runs an errand in its own process, which is suspended in the moment that the errand names. */
  #suspend(errand: Errand): Suspended {
    const child = this.#spawn(errand);
    let said = '';
    const ended = once(child, 'close');
    const frozen = new Promise<void>((resolve) => {
      child.stdout!.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (/^frozen .*\n/m.test(said)) resolve();
      });
    });
    return {
      stopped: Promise.race([frozen, ended]),
      said: () => said,
      wake: async () => {
        child.kill('SIGCONT');
        await ended;
      },
      kill: () => child.kill('SIGKILL'),
    };
  }

  #spawn(errand: Errand): ChildProcess {
    const { skewMs = 0 } = errand;
    const clock = skewMs === 0 ? [] : ['--import', wrongClock];
    const victim = join(this.#bundle.path, 'victim.mjs');
    return spawn(process.execPath, [...clock, victim, JSON.stringify(errand)], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        NODE_COMPILE_CACHE: join(this.#bundle.path, 'cache'),
        CLOCK_SKEW_MS: String(skewMs),
        CLOCK_JUMP_MS: String(skewMs),
        CLOCK_JUMPS_AFTER_MS: '5000',
      },
    });
  }
}

const openPlace = (): Promise<Workplace> => Workplace.open({ now: Date.now, paceMs: 4 });

/** Repeats what a test asks the sandbox while its faults, which are for all, hit that as well. */
async function undisturbed<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof assert.AssertionError || attempt === 5) throw error;
    }
  }
}

/** What the next process does: continues what is left, and starts what never started. */
async function takeOver({ errand, place }: Cell): Promise<Runs> {
  const clock = fastClock(Date.now(), speed);
  const runs = createRuns({
    folder: errand.folder,
    log: noLog,
    clock,
    leaseTtlMs,
    maxRunningImports: () => errand.maxRunning,
    jobLimits: errand.jobLimits,
  });
  await runErrand(errand, { runs, connection: place.connection, clock, leaseTtlMs });
  // No process that is gone keeps others from writing. A mirror reports its own runs.
  for (const { id } of runs.list()) assert.ok((await runs.markNotified(id)) || errand.mirror !== undefined);
  await runs.settle();
  runs.dispose();
  return runs;
}

/** Identity and outcome of each record of a cell, by which one that is overwritten or added shows. */
async function traceOf({ errand }: Cell): Promise<readonly (readonly unknown[])[]> {
  const runs = createRuns({ folder: errand.folder, log: noLog });
  await runs.ready;
  const trace: (readonly unknown[])[] = runs.list().map(({ id, state, job }) => [id, state, job?.id]);
  runs.dispose();
  const bulk = new Bulk({ folder: memoryOf(errand), log: noLog });
  for (const { id, state, counts, results } of await bulk.list()) trace.push([id, state, counts, results]);
  bulk.dispose();
  const names = await readdir(memoryOf(errand)).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  const ofOthers = /^(.*)\.(\d+)\.(mirror|erasure)$/;
  const others = names.flatMap((name) => {
    const [, id, , kind] = ofOthers.exec(name) ?? [];
    return id === undefined ? [] : [`${kind} ${id}`];
  });
  // A record may have a version that its writer had no time to remove.
  for (const other of [...new Set(others)].sort()) trace.push([other]);
  return trace;
}
