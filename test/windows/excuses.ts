/**
 * Tests that Wine can't run although Windows could, by the reason why; each by its full title. The stage `windows` checks the list:
 * a test in it that passes, or that there is not, fails the stage. On Windows it doesn't apply.
 */
export const excuses: Readonly<Record<string, readonly string[]>> = {
  'Wine makes no symbolic links, though it says so': [
    'output of transformations never goes through a link, not even a dangling one',
    'A report of a file is written over an older one, and never over the file itself, whatever that is called',
    'The file that declares mirrors as the first one of a folder overwrites nothing, and is written through no link',
  ],
  'Wine keeps a removed folder while it is watched': ["the run store explains why it can't write"],
  "Wine can't open connections as fetch does": [
    'Access to the sandbox by a presigned address reads and writes',
    'Access to the sandbox by a presigned address does only what was signed',
    'Access to the sandbox by a presigned address ends',
    'Access to the sandbox with session credentials is that of the role, for every service, until they expire',
  ],
  'esbuild in node_modules is a program of the system that installed it': [
    'src/aws/iam/policyValidator.ts',
    'src/endpoints/model/segmentValidator.ts',
    'src/jobs/mirror/mirrorsValidator.ts',
    'src/jobs/runs/runRecordValidator.ts',
    'src/sandbox/http/faultsValidator.ts',
  ].map((path) => `Validators that are kept compiled are those that their schemas make: ${path}`),
};

/** Tests that would end all of Wine, and other tests with it. They don't run there. */
export const endWine: Readonly<Record<string, readonly string[]>> = {
  'The server of Wine 8 crashes when a process with several threads ends itself': [
    'fix',
    'convert',
    'split',
  ].map(
    (command) =>
      `the output of a command that is killed is complete or missing at any moment, and complete the next time: ${command}`,
  ),
};
