import type { FileType } from '../model/fileType.ts';
import type { About } from './about.ts';

export type Severity = 'error' | 'warning' | 'info';

/** A page of AWS's documentation that states a rule. */
export interface Source {
  readonly title: string;
  readonly url: string;
}

/** A smallest file that breaks a rule, and the same file fixed. */
export interface RuleExample {
  readonly type: FileType;
  readonly wrong: string;
  readonly right: string;
}

/** Says what is wrong with what was found, without a character of it: `About` has nothing else to say. */
export type Message = (about: About) => string;

/**
 * One rule. With its check (in the engine, or in model/ for what concerns the file or its header) that is all there is to
 * write: `node tools/rules.ts` makes the engine's numbers, the list in package.json and the rule page from it.
 */
export interface Rule {
  /** Unless the finding or the user's settings say otherwise. */
  readonly severity: Severity;
  readonly title: string;
  /** What is found, and where it is marked. */
  readonly what: string;
  readonly why: string;
  /** What to do about it. */
  readonly fix: string;
  /** Whether an editor can fix it: `certain` if nobody could have meant anything else, `likely` if somebody has to look. */
  readonly fixability?: 'certain' | 'likely';
  readonly sources: readonly Source[];
  /** If AWS's own pages disagree: what each says. */
  readonly disputed?: string;
  readonly examples: readonly RuleExample[];
  /** One message, or one for each variant by its name; the engine counts variants in this order. */
  readonly message: Message | Readonly<Record<string, Message>>;
  /**
   * What was meant by a value that is a known near-miss of a closed list. The only values that a message may quote are
   * those for which this has an answer; all others are described by their shape.
   */
  readonly nearMiss?: (value: string) => string | undefined;
}

const docs = 'https://docs.aws.amazon.com/pinpoint/latest';

/** The pages that state the rules. */
export const pages = {
  importing: { title: 'User Guide: Importing segments', url: `${docs}/userguide/segments-importing.html` },
  troubleshooting: {
    title: 'User Guide: Troubleshooting segments',
    url: `${docs}/userguide/segments-troubleshooting.html`,
  },
  defineImport: {
    title: 'Developer Guide: Importing segments',
    url: `${docs}/developerguide/audience-define-import.html`,
  },
  quotas: { title: 'Developer Guide: Quotas', url: `${docs}/developerguide/quotas.html` },
  inactive: {
    title: 'Developer Guide: Endpoints that become inactive by themselves',
    url: `${docs}/developerguide/audience-define-auto-inactive.html`,
  },
  endpoint: {
    title: 'API Reference: Endpoint',
    url: `${docs}/apireference/apps-application-id-endpoints-endpoint-id.html`,
  },
  importJobs: {
    title: 'API Reference: Import jobs',
    url: `${docs}/apireference/apps-application-id-jobs-import.html`,
  },
} as const satisfies Record<string, Source>;

/** An example in CSV. */
export const csv = (wrong: string, right: string): RuleExample => ({ type: 'csv', wrong, right });

/** An example in NDJSON. */
export const ndjson = (wrong: string, right: string): RuleExample => ({ type: 'ndjson', wrong, right });

/** A line as messages name it; 0: unknown. */
export function lineOf(number: number): string {
  return number === 0 ? 'an earlier line' : `line ${number}`;
}

/** What the pages say if AWS says nothing. */
export const undocumented = "AWS doesn't document how this is handled";
