import { limits } from '../model/attributes.ts';
import { counted } from './about.ts';
import { csv, lineOf, ndjson, pages, type Rule } from './rule.ts';

/** Rules about names, and about limits of attributes, users and endpoints. */
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
    why: "The Amazon Pinpoint console doesn't show attributes with these names.",
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
    why: 'An attribute may have up to 50 values.',
    fix: 'Remove the values that are no longer needed.',
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
    why: 'A project may have up to 250 of them, and every name that was ever used counts until it is removed.',
    fix: 'Leave out what no segment or template needs.',
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
    what: 'The 16th endpoint of one User.UserId in this file, and each later one. An endpoint with several records counts once, for the user in the last one; without an Id, endpoints are identified by channel and address.',
    why: 'A user may have up to 15 endpoints. Depending on the channel, the service refuses the 16th or makes the oldest one inactive.',
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
      `This user, first in ${lineOf(number)}, has more than ${limits.endpointsPerUser} endpoints in this file.`,
  },
  'record-too-large': {
    severity: 'error',
    title: 'Endpoint is too large',
    what: "An endpoint of more than 15 KB (15,360 bytes), measured as its line of JSON. Lines of more than 4 MiB aren't checked further.",
    why: 'An endpoint may have up to 15 KB.',
    fix: 'Leave out what no segment or template needs.',
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
    what: "A part of the check wasn't possible, such as comparing all records with each other. This is always listed first and as an error, whatever the settings; the command line exits with code 2.",
    why: 'Without it, a file with errors would pass as clean.',
    fix: 'Allow more memory (`pinpointAudience.validation.memory`, `--memory`) or temporary files (`pinpointAudience.validation.spill`, without `--no-spill`), free disk space, or split the file. A header must end within the first MB of the file.',
    sources: [],
    examples: [],
    message: {
      forbidden: ({ number }) =>
        `${incompleteFrom(number)}: memory ran out, and temporary files are turned off.`,
      full: ({ number }) => `${incompleteFrom(number)}: the disk for temporary files is full.`,
      failed: ({ number }) => `${incompleteFrom(number)}: a temporary file can't be written.`,
      tooMany: () => `${incompleteFrom(0)}: there are too many records to compare.`,
      header: () => 'No records were checked: the header is longer than 1 MB.',
    },
  },
} as const satisfies Readonly<Record<string, Rule>>;

function incompleteFrom(line: number): string {
  const from = line === 0 ? '' : ` from ${lineOf(line)} on`;
  return `Duplicate Ids and addresses, and endpoints per user, weren't all checked${from}`;
}
