import { limits } from '../model/attributes.ts';
import { counted } from './about.ts';
import { csv, lineOf, ndjson, pages, type Rule } from './rule.ts';

/** Rules of names, and of how much an attribute, a user or an endpoint may have. */
export const limitRules = {
  'name-too-long': {
    severity: 'error',
    title: 'Name is too long',
    what: 'A name in Attributes, Metrics or User.UserAttributes of more than 50 characters (Unicode code points).',
    why: 'The service refuses it.',
    fix: 'Shorten the name.',
    sources: [pages.importing, pages.quotas],
    examples: [
      csv(`Id,Attributes.${'x'.repeat(51)}\n1,a\n`, `Id,Attributes.${'x'.repeat(50)}\n1,a\n`),
      ndjson(
        `{"Id":"1","Metrics":{"${'x'.repeat(51)}":1}}\n`,
        `{"Id":"1","Metrics":{"${'x'.repeat(50)}":1}}\n`,
      ),
    ],
    message: ({ number }) =>
      `The name has ${counted(number, 'character')}. The limit is ${limits.nameLength}.`,
  },
  'name-characters': {
    severity: 'warning',
    title: "Name that the console can't show",
    what: 'A name in Attributes, Metrics or User.UserAttributes that contains one of # : ? \\ /.',
    why: "The console of Amazon Pinpoint can't show attributes with such names.",
    fix: 'Use another name.',
    sources: [pages.endpoint],
    examples: [
      csv('Id,Attributes.a/b\n1,x\n', 'Id,Attributes.a_b\n1,x\n'),
      ndjson('{"Id":"1","Attributes":{"a:b":["x"]}}\n', '{"Id":"1","Attributes":{"a_b":["x"]}}\n'),
    ],
    message: ({ word }) => `The console can't show names with "${word}".`,
  },
  'too-many-values': {
    severity: 'error',
    title: 'Too many values of one attribute',
    what: 'An attribute with more than 50 values. The 51st is marked.',
    why: 'An attribute may have 50 values.',
    fix: 'Keep the values that are needed.',
    sources: [pages.quotas],
    examples: [
      csv(
        `Id${',Attributes.a'.repeat(51)}\n1${',x'.repeat(51)}\n`,
        `Id${',Attributes.a'.repeat(50)}\n1${',x'.repeat(50)}\n`,
      ),
      ndjson(
        `{"Id":"1","Attributes":{"a":["x"${',"x"'.repeat(50)}]}}\n`,
        `{"Id":"1","Attributes":{"a":["x"${',"x"'.repeat(49)}]}}\n`,
      ),
    ],
    message: ({ subject }) => `${subject} has more than ${limits.values} values. This is the 51st.`,
  },
  'too-many-attributes': {
    severity: 'error',
    title: 'Too many custom attributes',
    what: 'More than 250 different names in Attributes, Metrics and User.UserAttributes together. The 251st is marked, once.',
    why: 'A project may have 250 of them, and every name that was ever used counts until it is removed.',
    fix: 'Leave out what no segment and no template needs.',
    sources: [pages.quotas],
    examples: [
      csv(
        `Id${Array.from({ length: 251 }, (_, n) => `,Metrics.m${n}`).join('')}\n1${',1'.repeat(251)}\n`,
        `Id${Array.from({ length: 250 }, (_, n) => `,Metrics.m${n}`).join('')}\n1${',1'.repeat(250)}\n`,
      ),
    ],
    message: () => `This is the 251st custom attribute. A project may have ${limits.customNames}.`,
  },
  'too-many-endpoints-per-user': {
    severity: 'error',
    title: 'Too many endpoints of one user',
    what: 'The 16th endpoint of one User.UserId in this file, and each later one. An endpoint that several records describe counts once, for the user that the last of them names; without an Id, its channel and address tell which endpoint it is.',
    why: 'A user may have 15 endpoints. Depending on the channel, the service refuses the 16th or makes the oldest one inactive.',
    fix: 'Remove endpoints that are no longer used, or correct the user IDs.',
    sources: [pages.quotas, pages.inactive],
    examples: [
      csv(
        `Id,User.UserId\n${Array.from({ length: 16 }, (_, n) => `${n},u\n`).join('')}`,
        `Id,User.UserId\n${Array.from({ length: 15 }, (_, n) => `${n},u\n`).join('')}`,
      ),
      ndjson(
        Array.from({ length: 16 }, (_, n) => `{"Id":"${n}","User":{"UserId":"u"}}\n`).join(''),
        Array.from({ length: 15 }, (_, n) => `{"Id":"${n}","User":{"UserId":"u"}}\n`).join(''),
      ),
    ],
    message: ({ number }) =>
      `This user, first in ${lineOf(number)}, has more than ${limits.endpointsPerUser} endpoints in this file, the limit of a user.`,
  },
  'record-too-large': {
    severity: 'error',
    title: 'Endpoint is too large',
    what: "An endpoint of more than 15 KB (15,360 bytes), measured as its line of JSON. Lines of more than 4 MiB aren't read any further.",
    why: 'An endpoint may have 15 KB.',
    fix: 'Leave out what no segment and no template needs.',
    sources: [pages.quotas],
    examples: [],
    message: {
      tooLarge: () => 'The endpoint has more than 15,360 bytes (15 KB) as a line of JSON.',
      notRead: () => "The endpoint has far more than 15,360 bytes (15 KB). The line isn't checked.",
    },
  },
  'check-incomplete': {
    severity: 'error',
    title: 'Not everything was checked',
    what: 'Something that the check promises could not be done, such as comparing all records with each other. It is listed first, and always as an error, whatever the settings say; the command line ends with exit code 2.',
    why: 'Without it, a file with errors would pass as clean.',
    fix: 'Allow more memory (`pinpointAudience.validation.memory`, `--memory`) or temporary files (`pinpointAudience.validation.spill`, without `--no-spill`), make room on the disk, or split the file. A header must end within the first MB of the file.',
    sources: [],
    examples: [],
    message: {
      forbidden: ({ number }) =>
        `${incompleteFrom(number)}: memory is used up, and temporary files are turned off.`,
      full: ({ number }) => `${incompleteFrom(number)}: the disk for temporary files is full.`,
      failed: ({ number }) => `${incompleteFrom(number)}: a temporary file can't be written.`,
      tooMany: () => `${incompleteFrom(0)}: there are too many records to compare.`,
      header: () => 'No record was checked: the header ends after more than 1 MB.',
    },
  },
} as const satisfies Readonly<Record<string, Rule>>;

function incompleteFrom(line: number): string {
  const from = line === 0 ? '' : ` from ${lineOf(line)} on`;
  return `Duplicate Ids and addresses, and endpoints per user, weren't all checked${from}`;
}
