import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { root } from '../../../tools/paths.ts';

/**
 * Phrases that read like a translation, or have a common word in VS Code, AWS or English, each with the better word.
 * They are samples of kinds: reword the sentence if the better word alone doesn't fit.
 */
const phrases: readonly (readonly [phrase: RegExp, better: string])[] = [
  [/(?<!\bthere )\bis no (?!longer\b)/i, "isn't a"],
  [/\bare no (?!longer\b)(?<!\bthere are no )/i, "aren't"],
  [/\bwhere there\b|\bwhere (?:it|no|nothing|something) (?:is|was|has|can)\b/i, 'if'],
  [/(?:^|[.:;*] |\/\/ ?)Where (?!to\b)[^.]*,/, 'If'],
  [/\bany ?more\b(?! (?:than|\w+s\b))/i, 'no longer'],
  [/\bgo(?:es|ing)? on\b|\bwent on\b/i, 'continue'],
  [/\bcannot be told\b/i, 'is unknown'],
  [/\btold\b/i, 'notified, reported, passed'],
  [/\b(?:tell|tells|telling) (?:of|it|them|people|the (?:user|person|editor))\b/i, 'notify, report'],
  [/\bmend(?:s|ed|ing)?\b/i, 'fix'],
  [/\bput(?:s|ting)? right\b/i, 'fix'],
  [/(?<![-'])\bblanks\b/i, 'spaces'],
  [/\b(?:one|\d+|several|requests?|batch(?:es)?) a (?:line|record|file|second|request|row|run)\b/i, 'per'],
  [/\be-mails?\b/i, 'email'],
  [/\bset-ups?\b/i, 'setup'],
  [/\bhints?\b/i, 'info'],
  [/\banew\b/i, 'again'],
  [/\bat hand\b/i, 'available'],
  [/\ball the same\b/i, 'anyway'],
  [/\bfor good\b/i, 'permanently'],
  [/\bnobody\b/i, 'no one else, or the passive'],
  [/\bsomebody\b|\bsomeone else's\b/i, 'a person, another process, another user'],
  [/\bwhoever\b/i, 'anyone who, the caller'],
  [/\bwhat is there\b/i, 'existing'],
  [/\bhas to be\b|\bhave to be\b|\bhad to be\b/i, 'must be'],
  [/\bso many\b/i, 'the number of'],
  [/\bsuch a\b/i, 'a … like this'],
  [/\bleftovers\b/i, 'what remains, pendingCleanup'],
  [/\bcareful:/i, 'caution'],
  [/'Careful'/, 'Caution'],
  [/\bbroken off\b/i, 'interrupted'],
  [/\bout of reach\b/i, 'network error'],
  [/\basked too often\b/i, 'throttled'],
  [/\bwholly\b/i, 'completely, fully'],
  [/\bjudg(?:e|es|ed|ing|e?ments?)\b/i, 'validate, result'],
];

/** Names in code, each with the standard word. */
const names: readonly (readonly [name: RegExp, better: string])[] = [
  [/\bplaceOf\b/, 'positionOf'],
  [/\bleftovers?\b|Leftovers?\b/, 'pendingCleanup'],
  [/\b(?:fix)?[wW]ishes\b|Wishes\b/, 'options'],
  [/\bjudge|Judge(?!d)/, 'validate, Validator'],
  [/\b(?:hire|lend|lent|borrow)\w*\(/, 'spawn, acquire, release'],
  [/\bseats?\b/, 'workerIndex, workerCount'],
  [/\b[sS]tretch(?:es)?\b/, 'chunk'],
  [/: Means\b/, 'Context'],
  [/\bgravest\b/, 'mostSevere'],
  [/\b(?:tell|told)[A-Z]\w*/, 'notify, notified'],
  [/[#.]hear\(/, 'onMessage'],
  [/\bdeedOf\b/, 'activityLabel'],
  [/\bstanding\b/, 'status'],
  [/\bfates\b/, 'outcomes'],
  [/\btake(?:Back|Up)\b/, 'rollback, resume'],
  [/\babandon[A-Z]\w*/, 'abort'],
  [/\blookUntil\b/, 'pollUntil'],
  [/\bhasHalves\b/, 'hasLoneSurrogates'],
  [/\bawkward\w*/i, 'charactersHiddenInConsole'],
  [/\bsendTurn\b/, 'limiter'],
  [/\baside\b/, 'secondary'],
  [/\bmost(?!Severe)[A-Z]\w*|\bmaximum(?!FractionDigits|SignificantDigits)[A-Z]\w*/, 'max…'],
  [/\b(?:byProgram|mayAsk)\b/, 'isProgrammatic, isInteractive'],
];

/** Lines that may have one of them, in a file or all files of a folder. */
const exceptions: readonly { readonly file: string; readonly text: string; readonly why: string }[] = [
  { file: 'src/jobs/', text: 'leftovers', why: 'a member of the records on disk' },
  {
    file: 'src/endpoints/rules/addressRules.ts',
    text: '` E-mail`',
    why: 'a misspelling in files, which the rule recognizes',
  },
  {
    file: 'src/sandbox/pinpoint/jacksonError.ts',
    text: 'has to be escaped using backslash',
    why: "the text of the service's JSON parser",
  },
];

/** Made by tools, from sources that are checked here. */
const isGenerated = (file: string): boolean =>
  /engineCode\.ts$|\w+Validator\.ts$/.test(file) && !/fileValidator|documentValidator/.test(file);

const isCode = (file: string): boolean => file.endsWith('.ts');

const files = globSync(
  [
    'src/**/*.ts',
    'docs/*.md',
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'package.json',
    'package.nls.json',
  ],
  { cwd: root },
)
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => !isGenerated(file))
  .sort();

interface Occurrence {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  readonly phrase: string;
  readonly better: string;
}

function occurrencesIn(file: string): Occurrence[] {
  const banned = isCode(file) ? [...phrases, ...names] : phrases;
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  return lines.flatMap((text, index) =>
    banned.flatMap(([pattern, better]) => {
      const phrase = pattern.exec(text)?.[0];
      return phrase === undefined ? [] : [{ file, line: index + 1, text, phrase, better }];
    }),
  );
}

describe('The words', () => {
  const found = files.flatMap(occurrencesIn);
  const isException = ({ file, text }: Occurrence): boolean =>
    exceptions.some((exception) => file.startsWith(exception.file) && text.includes(exception.text));

  it('are plain: those that read like a translation have a better one', () => {
    const report = found
      .filter((occurrence) => !isException(occurrence))
      .map(({ file, line, phrase, better }) => `${file}:${line}: "${phrase}" → ${better}`);
    assert.deepEqual(report, [], `\n${report.join('\n')}\n`);
  });

  it('have no exceptions that no longer occur', () => {
    const unused = exceptions.filter(
      (exception) =>
        !found.some(({ file, text }) => file.startsWith(exception.file) && text.includes(exception.text)),
    );
    assert.deepEqual(unused, []);
  });
});
