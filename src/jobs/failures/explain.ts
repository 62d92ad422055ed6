import type { ErrorCode } from '../../errors.ts';
import type { RunRecord } from '../runs/runRecord.ts';
import { aggregateJob } from '../runs/aggregateJob.ts';

/** What the user can do about a failure with one click. */
export type NextStep = 'check-setup' | 'validate' | 'choose-bucket' | 'connect' | 'run-again' | 'what-now';

/** What a failure means and what to do about it, in plain words. */
interface Explanation {
  readonly what: string;
  readonly next: string;
  readonly step?: NextStep | undefined;
  /** The page of AWS that says so, where there is one. */
  readonly page?: string | undefined;
}

interface Known extends Explanation {
  /** In the service's own text. Its texts are not documented, so these are those that were seen. */
  readonly says?: RegExp;
  readonly codes?: readonly ErrorCode[];
}

const pages = 'https://docs.aws.amazon.com/pinpoint/latest';
const troubleshooting = `${pages}/userguide/segments-troubleshooting.html`;
const importRole = `${pages}/developerguide/permissions-import-segment.html`;
const quotas = `${pages}/developerguide/quotas.html`;

/** The first that fits is taken: from the particular to the general. */
const known: readonly Known[] = [
  {
    codes: ['retired'],
    what: 'This account or region no longer serves audiences: Amazon Pinpoint ended support for endpoints, segments and their jobs on 30 October 2026.',
    next: 'Validate files here, and run imports and exports in the sandbox; see the migration guide for what takes the place of segments.',
    step: 'what-now',
    page: `${pages}/userguide/migrate.html`,
  },
  {
    says: /iam:PassRole|PassRole/i,
    what: 'You may start jobs, but not hand this role to Amazon Pinpoint.',
    next: 'Ask for iam:PassRole on the role.',
    step: 'check-setup',
    page: importRole,
  },
  {
    says: /assum(e|ing)\b.*role|role\b.*\bassum|sts:AssumeRole|trust (policy|relationship)/is,
    what: 'Amazon Pinpoint may not act as the role: its trust policy does not admit pinpoint.amazonaws.com, or its conditions name another account, region or project.',
    next: 'Check the set-up, then the trust policy of the role.',
    step: 'check-setup',
    page: importRole,
  },
  {
    says: /maximum endpoints? per user|endpoints? per user count/i,
    what: 'A user would have more than 15 endpoints, and no more are possible.',
    next: 'Validate the file: too-many-endpoints-per-user shows the lines. Remove old endpoints of these users first.',
    step: 'validate',
    page: quotas,
  },
  {
    says: /too many custom attributes/i,
    what: 'The project would have more than 250 names of custom attributes and metrics.',
    next: 'Use fewer names, or remove names that are no longer used from the project.',
    step: 'validate',
    page: quotas,
  },
  {
    says: /unexpected character|was expecting|unrecognized token|unexpected end-of-input|invalid json/i,
    what: 'A line of the file is not valid JSON. The service reads the file when the job is created, and stops there.',
    next: 'Validate the file: json-syntax shows the place. Where it is a CSV file, import it as CSV.',
    step: 'validate',
    page: troubleshooting,
  },
  {
    says: /match the format we expected|unsupported (attribute|column|header)|unknown (attribute|column|header)|missing required|invalid (header|attribute|channel)/i,
    what: 'The file is not in the form that the service expects: an attribute it does not know, a name in another case, or no ChannelType and Address.',
    next: 'Validate the file, and check that its format is the one chosen for the import.',
    step: 'validate',
    page: troubleshooting,
  },
  {
    says: /exceeds? the maximum of 1 GB|more than 10,?000 files|file size|too large/i,
    what: 'The import is larger than one job takes: 1 GB in at most 10,000 files.',
    next: 'Split the file, and import the parts.',
    page: quotas,
  },
  {
    says: /gzip|compressed/i,
    what: 'Compressed files cannot be imported.',
    next: 'Unzip the file: "Make Export Importable" unzips what Pinpoint exported, and leaves out what imports do not take.',
    page: `${pages}/userguide/segments-importing.html`,
  },
  {
    says: /utf-?8/i,
    what: 'A line is not UTF-8, the only encoding that imports take.',
    next: 'Validate the file: file-encoding shows the place. Save the file as UTF-8.',
    step: 'validate',
    page: `${pages}/userguide/segments-importing.html`,
  },
  {
    says: /is required|must (be|have)\b|can't contain|isn't a supported attribute|exceeds \d+ (characters|values|bytes)|not a valid/i,
    what: 'Entries hold names or values that the service does not take.',
    next: 'Validate the file: its findings show what is wrong with these lines.',
    step: 'validate',
    page: `${pages}/userguide/segments-importing.html`,
  },
  {
    says: /kms/i,
    what: 'The objects are encrypted with a KMS key that the role or you may not use.',
    next: 'Let the role use the key: kms:Decrypt for imports, kms:GenerateDataKey for exports.',
    step: 'check-setup',
  },
  {
    says: /permanentredirect|(another|different|wrong) region|IllegalLocationConstraint/i,
    what: 'The bucket is in another region than the project.',
    next: 'Stage in a bucket in the region of the project.',
    step: 'choose-bucket',
  },
  {
    says: /no ?such ?bucket|bucket does not exist/i,
    what: 'The bucket is not there.',
    next: 'Choose another bucket, or create this one.',
    step: 'choose-bucket',
  },
  {
    says: /no ?such ?key|no (objects|files) (were )?found|does not contain any/i,
    what: 'The service found nothing to import: the staged objects are gone.',
    next: 'Import again. A lifecycle rule of the bucket may delete them too early.',
    step: 'run-again',
  },
  {
    says: /access ?denied|not authori[sz]ed|forbidden/i,
    what: 'The role may not use the bucket: it needs s3:GetObject and s3:ListBucket to import, s3:PutObject to export.',
    next: 'Check the set-up, then the permissions of the role and the policy of the bucket.',
    step: 'check-setup',
    page: importRole,
  },
  {
    says: /(limit|quota|maximum)\b.*\bjobs?\b|jobs?\b.*\b(limit|quota) exceeded/i,
    what: 'Too many import jobs run in this account.',
    next: 'Wait until one of them has ended, then import again.',
    step: 'run-again',
    page: quotas,
  },
  {
    says: /resource not found/i,
    what: 'The project, the segment or the job is not there any more.',
    next: 'Refresh the Audience view and choose another.',
  },
  {
    codes: ['throttled'],
    what: 'The service was asked too often, and kept refusing.',
    next: 'Wait a moment, then run it again.',
    step: 'run-again',
    page: quotas,
  },
  {
    codes: ['access-denied'],
    what: 'You lack a permission that the job needs.',
    next: 'Check the set-up, and ask for the permission that the message names.',
    step: 'check-setup',
    page: `${pages}/developerguide/permissions-actions.html`,
  },
  {
    codes: ['credentials'],
    what: 'The credentials are not valid any more.',
    next: 'Sign in again; what was begun goes on by itself.',
    step: 'connect',
  },
];

/** Explains a text of the service; `undefined` where it is not known. */
export function explain(text: string, code?: ErrorCode): Explanation | undefined {
  const found = known.find(
    ({ says, codes }) => says?.test(text) === true || (code !== undefined && codes?.includes(code) === true),
  );
  return found && { what: found.what, next: found.next, step: found.step, page: found.page };
}

/** Everything that can be said of why a run failed, or did less than was hoped; each thing once. */
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
      what: `The service did not take ${failed} of the entries. It gives its reasons for the first 100.`,
      next: 'Validate the file, and compare the reasons with its findings.',
      step: 'validate',
      page: troubleshooting,
    });
  }
  return [...new Map(found.map((explanation) => [explanation.what, explanation])).values()];
}
