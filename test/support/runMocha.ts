import Mocha from 'mocha';
import { EventReporter } from './reporter.ts';

/** Milliseconds that a test may take. Generous, since machines that run tests are slow and busy; only a few need more. */
export const testLimit = 180_000;

export interface MochaRun {
  readonly files: readonly string[];
  /** Gets the events of the run (see reporter.ts). */
  readonly events: string;
  readonly grep?: string | undefined;
  /** Factor for the time that each test may take, on a slow system. */
  readonly slowness?: number | undefined;
  /** Full titles of tests to skip. */
  readonly without?: readonly string[];
  /** Only reports the tests, as if they had passed. */
  readonly dryRun?: boolean;
}

/** Runs test files in this process; resolves with the number of failures. */
export async function runMocha(options: MochaRun): Promise<number> {
  const mocha = new Mocha({
    reporter: EventReporter as unknown as Mocha.ReporterConstructor,
    reporterOptions: { file: options.events },
    timeout: testLimit,
    dryRun: options.dryRun ?? false,
    forbidOnly: process.env['CI'] !== undefined,
    ...(options.grep === undefined ? {} : { grep: options.grep }),
  });
  const { slowness = 1, without = [] } = options;
  mocha.rootHooks({
    beforeEach(this: Mocha.Context) {
      const test = this.currentTest!;
      if (without.includes(test.fullTitle())) this.skip();
      if (slowness !== 1) test.timeout(test.timeout() * slowness);
    },
  });
  for (const file of options.files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  return new Promise((resolve) => mocha.run(resolve));
}

if (import.meta.main) {
  // Not awaited: VS Code loads what this file is bundled into by `require`, which takes no top-level await.
  void runMocha(JSON.parse(process.argv[2]!) as MochaRun).then((failures) =>
    process.exit(failures === 0 ? 0 : 1),
  );
}
