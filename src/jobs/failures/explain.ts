import type { ErrorCode } from '../../errors.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import { aggregateJob } from '../runs/aggregateJob.ts';

/** What the user can do about a failure with one click. */
export type NextStep = 'check-setup' | 'validate' | 'choose-bucket' | 'connect' | 'run-again' | 'what-now';

/** What a failure means and what to do about it. */
interface Explanation {
  readonly what: string;
  readonly next: string;
  readonly step?: NextStep | undefined;
  /** The AWS documentation page about it, if any. */
  readonly page?: string | undefined;
}

interface Known extends Explanation {
  /** A pattern in the service's text. The texts are undocumented, so these are the ones that were observed. */
  readonly says?: RegExp;
  readonly codes?: readonly ErrorCode[];
}

const pages = 'https://docs.aws.amazon.com/pinpoint/latest';
const troubleshooting = `${pages}/userguide/segments-troubleshooting.html`;
const importRole = `${pages}/developerguide/permissions-import-segment.html`;
const quotas = `${pages}/developerguide/quotas.html`;

/** The first match counts: from specific to general. */
const known: readonly Known[] = [
  {
    codes: ['retired'],
    what: 'This account or region no longer serves audiences: Amazon Pinpoint ended support for endpoints, segments and their jobs on 30 October 2026.',
    next: 'Validate files here and run imports and exports in the sandbox. See the migration guide for replacements.',
    step: 'what-now',
    page: `${pages}/userguide/migrate.html`,
  },
  {
    says: /iam:PassRole|PassRole/i,
    what: "You don't have iam:PassRole for this role, so you can't use it for jobs.",
    next: 'Ask for iam:PassRole on the role.',
    step: 'check-setup',
    page: importRole,
  },
  {
    says: /assum(e|ing)\b.*role|role\b.*\bassum|sts:AssumeRole|trust (policy|relationship)/is,
    what: "Amazon Pinpoint can't assume the role: its trust policy doesn't allow pinpoint.amazonaws.com, or its conditions exclude this project.",
    next: 'Run "Check Setup", then correct the trust policy of the role.',
    step: 'check-setup',
    page: importRole,
  },
  {
    says: /maximum endpoints? per user|endpoints? per user count/i,
    what: 'A user would have more than 15 endpoints, the limit per user.',
    next: 'Validate the file: too-many-endpoints-per-user shows the lines. Remove old endpoints of these users first.',
    step: 'validate',
    page: quotas,
  },
  {
    says: /too many custom attributes/i,
    what: 'The project would have more than 250 custom attribute and metric names.',
    next: 'Use fewer names, or remove unused ones from the project.',
    step: 'validate',
    page: quotas,
  },
  {
    says: /unexpected character|was expecting|unrecognized token|unexpected end-of-input|invalid json/i,
    what: "A line of the file isn't valid JSON. The service reads the file when the job is created, and stops there.",
    next: "Validate the file: json-syntax shows the position. If it's a CSV file, import it as CSV.",
    step: 'validate',
    page: troubleshooting,
  },
  {
    says: /match the format we expected|unsupported (attribute|column|header)|unknown (attribute|column|header)|missing required|invalid (header|attribute|channel)/i,
    what: 'The file has an unknown attribute, a name in the wrong case, or no ChannelType and Address.',
    next: 'Validate the file, and check that its format is the one chosen for the import.',
    step: 'validate',
    page: troubleshooting,
  },
  {
    says: /exceeds? the maximum of 1 GB|more than 10,?000 files|file size|too large/i,
    what: 'The import exceeds the limit of one job: 1 GB in at most 10,000 files.',
    next: 'Split the file and import the parts.',
    page: quotas,
  },
  {
    says: /gzip|compressed/i,
    what: "Compressed files can't be imported.",
    next: 'Unpack the file: "Make Export Importable" unpacks a Pinpoint export and removes what imports reject.',
    page: `${pages}/userguide/segments-importing.html`,
  },
  {
    says: /utf-?8/i,
    what: "A line isn't UTF-8, the only encoding that imports accept.",
    next: 'Validate the file: file-encoding shows the position. Save the file as UTF-8.',
    step: 'validate',
    page: `${pages}/userguide/segments-importing.html`,
  },
  {
    says: /is required|must (be|have)\b|can't contain|isn't a supported attribute|exceeds \d+ (characters|values|bytes)|not a valid/i,
    what: "Entries have names or values that the service doesn't accept.",
    next: 'Validate the file to see what is wrong with these lines.',
    step: 'validate',
    page: `${pages}/userguide/segments-importing.html`,
  },
  {
    says: /kms/i,
    what: "The objects are encrypted with a KMS key that you or the role can't use.",
    next: 'Allow the role kms:Decrypt on the key for imports, kms:GenerateDataKey for exports.',
    step: 'check-setup',
  },
  {
    says: /permanentredirect|(another|different|wrong) region|IllegalLocationConstraint/i,
    what: "The bucket isn't in the region of the project.",
    next: 'Use a bucket in the region of the project.',
    step: 'choose-bucket',
  },
  {
    says: /no ?such ?bucket|bucket does not exist/i,
    what: "The bucket doesn't exist.",
    next: 'Choose another bucket, or create this one.',
    step: 'choose-bucket',
  },
  {
    says: /no ?such ?key|no (objects|files) (were )?found|does not contain any/i,
    what: 'The service found nothing to import: the staged objects no longer exist.',
    next: 'Import again. Check whether a lifecycle rule of the bucket deletes them too early.',
    step: 'run-again',
  },
  {
    says: /access ?denied|not authori[sz]ed|forbidden/i,
    what: "The role can't access the bucket: it needs s3:GetObject and s3:ListBucket to import, s3:PutObject to export.",
    next: 'Run "Check Setup", then correct the permissions of the role or the bucket policy.',
    step: 'check-setup',
    page: importRole,
  },
  {
    says: /(limit|quota|maximum)\b.*\bjobs?\b|jobs?\b.*\b(limit|quota) exceeded/i,
    what: 'Too many import jobs run in this account.',
    next: 'Wait until one of them finishes, then import again.',
    step: 'run-again',
    page: quotas,
  },
  {
    says: /resource not found/i,
    what: 'The project, segment or job no longer exists.',
    next: 'Refresh the Audience view and select another.',
  },
  {
    codes: ['throttled'],
    what: 'Throttled: the service kept rejecting requests because of its rate limits.',
    next: 'Wait a moment, then try again.',
    step: 'run-again',
    page: quotas,
  },
  {
    codes: ['access-denied'],
    what: "You don't have a permission that the job needs.",
    next: 'Run "Check Setup", and request the permission named in the message.',
    step: 'check-setup',
    page: `${pages}/developerguide/permissions-actions.html`,
  },
  {
    codes: ['credentials'],
    what: 'The credentials are no longer valid.',
    next: 'Sign in again; jobs resume automatically.',
    step: 'connect',
  },
];

/** What the patterns look at, some of which take time in proportion to the square of it. */
const maxExplained = 2000;

/** Explains a text of the service; `undefined` if it is unknown. */
export function explain(text: string, code?: ErrorCode): Explanation | undefined {
  const beginning = text.slice(0, maxExplained);
  const found = known.find(
    ({ says, codes }) =>
      says?.test(beginning) === true || (code !== undefined && codes?.includes(code) === true),
  );
  return found && { what: found.what, next: found.next, step: found.step, page: found.page };
}

/** All explanations of why a run failed or rejected entries, each once. */
export function explainRun(run: RunRecord): readonly Explanation[] {
  const { error } = run;
  const job = aggregateJob(run);
  const found = [
    error && explain(error.message, error.code),
    ...(job?.failures ?? []).map((failure) => explain(failure)),
  ].filter((explanation) => explanation !== undefined);
  const failed = job?.totalFailures ?? 0;
  if (failed > 0 && found.length === 0) {
    found.push({
      what: `The service rejected ${failed === 1 ? '1 entry' : `${failed} entries`}. It reports reasons for the first 100.`,
      next: 'Validate the file and compare its problems with the reasons.',
      step: 'validate',
      page: troubleshooting,
    });
  }
  return [...new Map(found.map((explanation) => [explanation.what, explanation])).values()];
}
