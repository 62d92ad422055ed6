import type { RunState } from '../../../../src/jobs/runs/runRecord.ts';
import type { Model } from './explorer.ts';

/**
 * The protocol of an import's record between processes that share it: lease, epoch, `asked`, the request, the record's states, and
 * what is told of a second job. Each step is one write, one look or one request; between any two a process may stand still, while
 * others believe that it is gone and take over, or it may end. Writes are as `versionModel` proves them: refused where a newer one is.
 */
interface Record {
  readonly number: number;
  readonly epoch: number;
  readonly state: Extract<RunState, 'starting' | 'running' | 'completed'>;
  readonly asked: boolean;
  readonly job?: number;
  readonly doubles: readonly number[];
}

interface Process {
  readonly at:
    | 'idle'
    | 'leased'
    | 'taking'
    | 'starting'
    | 'looking'
    | 'sending'
    | 'searching'
    | 'deciding'
    | 'naming'
    | 'running'
    | 'completing'
    | 'reporting'
    | 'ended'
    | 'killed';
  /** Under which it acts. */
  readonly epoch: number;
  /** The record as it last read it. */
  readonly seen?: Record;
  /** The job that it made or found, and whether it made it. */
  readonly job?: number;
  readonly made?: boolean;
}

interface Job {
  readonly by: number;
  /** The request left although somebody had taken over: between the last look and the sending. */
  readonly late: boolean;
  /** Its maker had no answer to report. */
  readonly unheard?: boolean;
}

interface State {
  readonly record: Record;
  readonly lease?: number;
  readonly processes: readonly Process[];
  readonly jobs: readonly Job[];
  /** Requests that were lost. */
  readonly lost: number;
  readonly setBack?: boolean;
}

/** Parts of the protocol that can be left out, to see that the model notices. */
export interface RunRules {
  readonly withoutEpoch?: boolean;
  readonly withoutLook?: boolean;
  readonly withoutAsked?: boolean;
  readonly withoutReport?: boolean;
}

/**
 * @param kills how many processes may be killed
 * @param losses how many requests or answers may be lost
 */
export function runModel(
  processes: number,
  kills: number,
  losses: number,
  rules: RunRules = {},
): Model<State> {
  return {
    initial: {
      record: { number: 1, epoch: 0, state: 'starting', asked: false, doubles: [] },
      processes: Array.from({ length: processes }, () => ({ at: 'idle', epoch: 0 })),
      jobs: [],
      lost: 0,
    },
    *steps(state) {
      const killed = state.processes.filter(({ at }) => at === 'killed').length;
      for (const [index, process] of state.processes.entries()) {
        if (process.at === 'ended' || process.at === 'killed') continue;
        yield* stepsOf(state, index, process, losses, rules);
        if (killed < kills) {
          yield { what: `${index} is killed`, state: put(state, index, { at: 'killed', epoch: 0 }) };
        }
      }
    },
    violation({ record, jobs, setBack }) {
      if (setBack === true) return 'A record was set back';
      const inTime = jobs.filter(({ late }) => !late).length;
      if (inTime > 1) return `${inTime} jobs, of which none left after a takeover`;
      return record.state === 'completed' && record.job === undefined ? 'Completed without a job' : undefined;
    },
    violationAtEnd({ record, jobs, processes: all }) {
      if (record.state !== 'completed') {
        return all.every(({ at }) => at === 'killed') ||
          jobs.length === 0 ||
          all.some(({ at }) => at === 'killed')
          ? undefined
          : 'Nobody saw it to its end';
      }
      // Whoever was killed right after a request that left late, or had no answer, could tell nobody: see `docs/guarantees.md`.
      const untold = jobs.filter(({ by, late, unheard }, id) => {
        if (id === record.job || record.doubles.includes(id)) return false;
        return !(late && (all[by]!.at === 'killed' || unheard === true));
      });
      return untold.length === 0 ? undefined : `${untold.length} jobs that nobody is told of`;
    },
  };
}

function* stepsOf(
  state: State,
  index: number,
  process: Process,
  losses: number,
  rules: RunRules,
): Generator<{ what: string; state: State }> {
  const { record, jobs } = state;
  const to = (what: string, next: Process, changed: Partial<State> = {}): { what: string; state: State } => ({
    what: `${index} ${what}`,
    state: put({ ...state, ...changed }, index, next),
  });
  const isOurs = (read: Record): boolean => rules.withoutEpoch === true || read.epoch === process.epoch;
  /** `Guard.update`: reads, and writes after what was read; refused where a newer version is there, and then read again. */
  const write = function* (
    what: string,
    change: (read: Record) => Partial<Record>,
    next: Process,
    outside: Process,
    unguarded = false,
  ): Generator<{ what: string; state: State }> {
    const { seen, ...plain } = process;
    if (seen === undefined) {
      yield unguarded || isOurs(record)
        ? to(`reads ${record.number}`, { ...process, seen: record })
        : to(`finds that it was overtaken (${what})`, outside);
      return;
    }
    if (seen.number !== record.number && rules.withoutEpoch !== true) {
      yield to(`is refused (${what})`, plain);
      return;
    }
    const written = { ...seen, ...change(seen), number: record.number + 1 };
    const setBack =
      order(written) < order(record) || (record.job !== undefined && written.job !== record.job);
    yield to(what, next, { record: written, ...(setBack && { setBack }) });
  };
  const out: Process = { at: 'ended', epoch: process.epoch };
  const found: Process = { at: 'naming', epoch: process.epoch };
  switch (process.at) {
    case 'idle':
      // Free, or its holder is believed to be gone: which may be wrong at any time.
      yield to('gets the lease', { at: 'leased', epoch: 0 }, { lease: index });
      return;
    case 'leased':
      yield record.state === 'completed'
        ? to('finds it completed', out)
        : to(`reads ${record.number}`, { at: 'taking', epoch: 0, seen: record });
      return;
    case 'taking': {
      const seen = process.seen!;
      if (seen.number !== record.number) {
        yield to('is refused the epoch', { at: 'leased', epoch: 0 });
        return;
      }
      const epoch = seen.epoch + 1;
      const at = seen.state === 'running' ? 'running' : seen.asked ? 'searching' : 'starting';
      const job = seen.job === undefined ? {} : { job: seen.job };
      yield to(
        `takes over with epoch ${epoch}`,
        { at, epoch, ...job },
        {
          record: { ...seen, epoch, number: seen.number + 1 },
        },
      );
      return;
    }
    case 'starting':
      yield* write(
        'writes that it asks',
        () => ({ asked: rules.withoutAsked !== true }),
        { at: 'looking', epoch: process.epoch },
        out,
      );
      return;
    case 'looking':
      yield rules.withoutLook === true || isOurs(record)
        ? to('looks', { at: 'sending', epoch: process.epoch })
        : to('looks, and was overtaken', out);
      return;
    case 'sending': {
      const late = record.epoch !== process.epoch;
      const made = { jobs: [...jobs, { by: index, late }] };
      yield to('sends', { ...found, job: jobs.length, made: true }, made);
      if (state.lost >= losses) return;
      const searching: Process = { at: 'searching', epoch: process.epoch };
      const unheard = { jobs: [...jobs, { by: index, late, unheard: true }] };
      yield to('sends, and the answer is lost', searching, { ...unheard, lost: state.lost + 1 });
      yield to('sends, and the request is lost', searching, { lost: state.lost + 1 });
      return;
    }
    case 'searching':
      if (jobs.length > 0) yield to('finds a job', { ...found, job: 0 });
      else yield to('finds none', { at: 'deciding', epoch: process.epoch });
      return;
    case 'deciding':
      yield* write(
        'writes that there is none',
        () => ({ asked: false }),
        { at: 'starting', epoch: process.epoch },
        out,
      );
      return;
    case 'naming': {
      const { job = 0, made = false } = process;
      const reporting: Process = { at: 'reporting', epoch: process.epoch, job };
      yield* write(
        `names job ${job}`,
        (read) => ({ state: 'running', job, doubles: read.doubles.filter((id) => id !== job) }),
        { at: 'running', epoch: process.epoch, job },
        made && rules.withoutReport !== true ? reporting : out,
      );
      return;
    }
    case 'running':
      yield to('sees the job end', { at: 'completing', epoch: process.epoch, job: process.job! });
      return;
    case 'completing':
      yield* write(
        'completes it',
        (read) => ({
          state: 'completed',
          doubles: [...new Set([...read.doubles, ...jobs.keys()])].filter((id) => id !== read.job),
        }),
        out,
        out,
      );
      return;
    case 'reporting': {
      const { job = 0 } = process;
      yield* write(
        `reports job ${job}`,
        (read) => ({ doubles: [...new Set([...read.doubles, job])].filter((id) => id !== read.job) }),
        out,
        out,
        true,
      );
      return;
    }
    case 'ended':
    case 'killed':
  }
}

function order({ state }: Record): number {
  return ['starting', 'running', 'completed'].indexOf(state);
}

function put(state: State, index: number, process: Process): State {
  return { ...state, processes: state.processes.map((each, at) => (at === index ? process : each)) };
}
