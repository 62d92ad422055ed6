import type { Model } from './explorer.ts';

/**
 * `VersionedFiles.append` step by step: each of its calls of the file system is one step, and a process may stand still between any
 * two of them for as long as it likes, or end.
 */
interface Writer {
  readonly at: 'reading' | 'making' | 'proving' | 'removing' | 'judging' | 'withdrawing' | 'ended';
  /** The version that it read, and writes after. */
  readonly after: number;
  /** Who made that one: its mark. */
  readonly mark: number;
  readonly left: number;
}

interface State {
  /** The versions that are there, ascending, and who made each. */
  readonly files: readonly { readonly number: number; readonly by: number; readonly after: number }[];
  readonly writers: readonly Writer[];
  /** What somebody has taken for the newest: its writer, because `append` said so, or a reader. */
  readonly written: readonly { readonly number: number; readonly after: number; readonly by: number }[];
}

export interface VersionRules {
  /** Leaves out the look at the predecessor. */
  readonly withoutProof?: boolean;
  /** What came too late is removed, whatever came after it. */
  readonly withdrawsAlways?: boolean;
  /** The sweeper removes everything but the newest. */
  readonly sweepsAll?: boolean;
  /** Looks for a predecessor of the number, whoever made it. */
  readonly withoutMark?: boolean;
  /** Removes the predecessor alone, and not what others left that ended before they did. */
  readonly removesOne?: boolean;
}

/** So many processes, each of which writes so many times after what it last read. */
export function versionModel(processes: number, times: number, rules: VersionRules = {}): Model<State> {
  return {
    initial: {
      files: [{ number: 1, by: -1, after: 0 }],
      writers: Array.from({ length: processes }, () => ({ at: 'reading', after: 0, mark: -1, left: times })),
      written: [{ number: 1, after: 0, by: -1 }],
    },
    *steps(state) {
      for (const [index, writer] of state.writers.entries()) {
        if (writer.at === 'ended') continue;
        for (const next of stepsOf(state, index, writer, rules)) yield next;
        yield { what: `${index} ends`, state: withWriter(state, index, { ...writer, at: 'ended', left: 0 }) };
      }
      // The sweeper of any process, which leaves the last two.
      if (state.files.length > (rules.sweepsAll === true ? 1 : 2)) {
        yield { what: 'the oldest is swept', state: { ...state, files: state.files.slice(1) } };
      }
    },
    violation({ written }) {
      for (const [at, { number, after }] of written.entries()) {
        if (at > 0 && after !== written[at - 1]!.number)
          return `${number} was written after ${after}, which was overtaken`;
      }
      return undefined;
    },
    violationAtEnd({ files, written }) {
      // A process may have ended between making a version and reporting it.
      const newest = files.at(-1)?.number ?? 0;
      const last = written.at(-1)!.number;
      return newest < last ? `${last} was written, and ${newest} counts` : undefined;
    },
  };
}

function* stepsOf(
  state: State,
  index: number,
  writer: Writer,
  rules: VersionRules,
): Generator<{ what: string; state: State }> {
  const { files } = state;
  const number = writer.after + 1;
  const isThere = (wanted: number): boolean => files.some((file) => file.number === wanted);
  const again: Writer = {
    at: writer.left > 1 ? 'reading' : 'ended',
    after: 0,
    mark: -1,
    left: writer.left - 1,
  };
  const without = (gone: number): State['files'] => files.filter((file) => file.number !== gone);
  switch (writer.at) {
    case 'reading': {
      const after = files.at(-1)?.number ?? 0;
      const written = files.length === 0 ? state.written : counted(state, files.at(-1)!);
      const reading = { ...writer, at: 'making', after, mark: files.at(-1)?.by ?? -1 } as const;
      yield { what: `${index} reads ${after}`, state: withWriter({ ...state, written }, index, reading) };
      return;
    }
    case 'making': {
      if (isThere(number)) {
        yield { what: `${index} is refused ${number}`, state: withWriter(state, index, again) };
        return;
      }
      const made = [...files, { number, by: index, after: writer.after }].sort((a, b) => a.number - b.number);
      yield {
        what: `${index} makes ${number}`,
        state: withWriter({ ...state, files: made }, index, { ...writer, at: 'proving' }),
      };
      return;
    }
    case 'proving': {
      const predecessor = files.find((file) => file.number === writer.after);
      const isSame =
        predecessor !== undefined && (rules.withoutMark === true || predecessor.by === writer.mark);
      const isNewest = rules.withoutProof === true || isSame;
      if (!isNewest) {
        yield {
          what: `${index} is too late with ${number}`,
          state: withWriter(state, index, { ...writer, at: 'judging' }),
        };
        return;
      }
      const written = counted(state, { number, after: writer.after, by: index });
      yield {
        what: `${index} has written ${number}`,
        state: withWriter({ ...state, written }, index, { ...writer, at: 'removing' }),
      };
      return;
    }
    case 'judging': {
      // Somebody may have read it, and be about to write after it: then it stays.
      const isLast = rules.withdrawsAlways === true || files.at(-1)?.number === number;
      const next = isLast ? ({ ...writer, at: 'withdrawing' } as const) : again;
      yield { what: `${index} judges ${number}`, state: withWriter(state, index, next) };
      return;
    }
    case 'withdrawing':
      yield {
        what: `${index} withdraws ${number}`,
        state: withWriter({ ...state, files: without(number) }, index, again),
      };
      return;
    case 'removing': {
      const [oldest] = rules.removesOne === true ? [{ number: writer.after }] : files;
      if (oldest.number >= number) {
        yield {
          what: `${index} has removed what is older than ${number}`,
          state: withWriter(state, index, again),
        };
        return;
      }
      const next = rules.removesOne === true ? again : writer;
      yield {
        what: `${index} removes ${oldest.number}`,
        state: withWriter({ ...state, files: without(oldest.number) }, index, next),
      };
      return;
    }
    case 'ended':
  }
}

function counted({ written }: State, { number, after, by }: State['written'][number]): State['written'] {
  if (written.some((each) => each.number === number && each.by === by)) return written;
  return [...written, { number, after, by }].sort((a, b) => a.number - b.number);
}

function withWriter(state: State, index: number, writer: Writer): State {
  return { ...state, writers: state.writers.map((each, at) => (at === index ? writer : each)) };
}
