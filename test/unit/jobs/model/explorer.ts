/** A system of processes as a table of states and steps. States are plain values, compared by their JSON. */
export interface Model<S> {
  readonly initial: S;
  /** Every step that some process can take, and where it leads. */
  readonly steps: (state: S) => Iterable<{ readonly what: string; readonly state: S }>;
  /** What must not be in any state; `undefined` where all is well. */
  readonly violation: (state: S) => string | undefined;
  /** What must not be where nobody can take a step any more. */
  readonly violationAtEnd: (state: S) => string | undefined;
}

export interface Exploration {
  readonly states: number;
  readonly ends: number;
}

/** Visits every state that can be reached; throws with the steps that lead to the first one that must not be. */
export function explore<S>(model: Model<S>): Exploration {
  const first = JSON.stringify(model.initial);
  const from = new Map<string, readonly [before: string, what: string] | undefined>([[first, undefined]]);
  const waiting = [first];
  let ends = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const state = JSON.parse(next) as S;
    let hasNext = false;
    for (const step of model.steps(state)) {
      hasNext = true;
      const key = JSON.stringify(step.state);
      if (from.has(key)) continue;
      from.set(key, [next, step.what]);
      waiting.push(key);
    }
    if (!hasNext) ends += 1;
    const wrong = model.violation(state) ?? (hasNext ? undefined : model.violationAtEnd(state));
    if (wrong !== undefined) throw new Error(`${wrong}\n${traceTo(next, from).join('\n')}\n${next}`);
  }
  return { states: from.size, ends };
}

function traceTo(
  state: string,
  from: ReadonlyMap<string, readonly [before: string, what: string] | undefined>,
): readonly string[] {
  const steps: string[] = [];
  for (let at = from.get(state); at !== undefined; at = from.get(at[0])) steps.unshift(at[1]);
  return steps;
}
