import type { FileType } from '../model/fileType.ts';
import type { About } from './about.ts';

export type Severity = 'error' | 'warning' | 'info';

/** A page of AWS's documentation that states a rule. */
export interface Source {
  readonly title: string;
  readonly url: string;
}

/** A minimal file that breaks a rule, and the same file fixed. */
export interface RuleExample {
  readonly type: FileType;
  readonly wrong: string;
  readonly right: string;
}

/** Describes a finding, without any row content: `About` offers none. */
export type Message = (about: About) => string;

/**
 * One rule. Together with its check (in the engine, or in model/ for the file or header), this is everything to write: `node
 * tools/rules.ts` generates the engine's numbers, the list in package.json and the rule page from it.
 */
export interface Rule {
  /** Unless the finding or the user's settings say otherwise. */
  readonly severity: Severity;
  readonly title: string;
  /** What the rule finds, and the marked range. */
  readonly what: string;
  readonly why: string;
  /** What to do about it. */
  readonly fix: string;
  /** Whether an editor can fix it: `certain` if there is only one possible intention, `likely` if it needs a review. */
  readonly fixability?: 'certain' | 'likely';
  readonly sources: readonly Source[];
  /** If AWS's own pages disagree: what each says. */
  readonly disputed?: string;
  readonly examples: readonly RuleExample[];
  /** One message, or one per named variant; the engine numbers variants in this order. */
  readonly message: Message | Readonly<Record<string, Message>>;
  /**
   * The intended value of a known near-miss of a closed list. A message may quote only values for which this has an answer; all
   * others are described by their shape.
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

/** A line in a message; 0: unknown. */
export function lineOf(number: number): string {
  return number === 0 ? 'an earlier line' : `line ${number}`;
}

/** The text for what AWS doesn't document. */
export const undocumented = "AWS doesn't document how this is handled";
