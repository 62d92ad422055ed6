import { appendFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Runnable, Runner, Suite } from 'mocha';

/** What the test run tells of, one JSON line an event. A file of lines survives a crash, and serves a run in another process. */
export type TestEvent =
  | { readonly type: 'suite'; readonly depth: number; readonly title: string }
  | TestOutcome
  | { readonly type: 'end' };

export interface TestOutcome {
  readonly type: 'test';
  readonly depth: number;
  readonly title: string;
  /** With the titles of the suites around it. */
  readonly fullTitle: string;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  readonly ms: number;
  readonly error?: string | undefined;
}

/** A mocha reporter that appends events to the file that its option `file` names. */
export class EventReporter {
  readonly #file: string;

  constructor(runner: Runner, options: { readonly reporterOptions: { readonly file: string } }) {
    this.#file = options.reporterOptions.file;
    runner.on('suite', (suite) => {
      if (!suite.root) this.#tell({ type: 'suite', depth: depthOf(suite) - 1, title: suite.title });
    });
    runner.on('pass', (test) => this.#tellOutcome(test, 'passed'));
    runner.on('pending', (test) => this.#tellOutcome(test, 'skipped'));
    // Also called for a hook that failed.
    runner.on('fail', (test: Runnable, error: unknown) => this.#tellOutcome(test, 'failed', error));
    runner.on('end', () => this.#tell({ type: 'end' }));
  }

  #tell(event: TestEvent): void {
    appendFileSync(this.#file, `${JSON.stringify(event)}\n`);
  }

  #tellOutcome(test: Runnable, outcome: TestOutcome['outcome'], error?: unknown): void {
    this.#tell({
      type: 'test',
      depth: depthOf(test.parent),
      title: test.title,
      fullTitle: test.fullTitle(),
      outcome,
      ms: test.duration ?? 0,
      ...(error === undefined ? {} : { error: describeError(error) }),
    });
  }
}

function depthOf(suite: Suite | undefined): number {
  return suite === undefined || suite.root ? 0 : 1 + depthOf(suite.parent);
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return `Thrown: ${JSON.stringify(error)}`;
  // Playwright colours its messages.
  const stack = stripVTControlCharacters(error.stack ?? error.message);
  return error.cause === undefined ? stack : `${stack}\nCaused by: ${describeError(error.cause)}`;
}
