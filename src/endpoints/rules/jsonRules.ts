import { ndjson, pages, undocumented, type Message, type Rule } from './rule.ts';

const invalid =
  (expected: string): Message =>
  () =>
    `Invalid JSON from here. Expected: ${expected}.`;

/** Rules about the structure of NDJSON: lines, objects, members, types. */
export const jsonRules = {
  'json-syntax': {
    severity: 'error',
    title: "Line isn't JSON",
    what: "The line stops being valid JSON at the marked character. Its values aren't checked.",
    why: "One line that isn't JSON makes the service refuse the import job when it is created.",
    fix: 'Write each endpoint as one complete JSON object on its own line, with double quotes around names and strings.',
    sources: [pages.importing, pages.troubleshooting],
    examples: [ndjson('{Id:"1","OptOut":"ALL"}\n', '{"Id":"1","OptOut":"ALL"}\n')],
    message: {
      cut: () => 'The line ends inside the JSON object. Expected: one complete object per line.',
      object: invalid('an object, which begins with {'),
      name: invalid('a name between double quotes'),
      colon: invalid('a colon between name and value'),
      value: invalid('a value: a string between double quotes, a number, an array or an object'),
      member: invalid('a comma before the next name, or } at the end of the object'),
      element: invalid('a comma before the next value, or ] at the end of the array'),
      string: invalid('an escape such as \\t or \\u0000 for a control character'),
      escape: invalid('after a backslash, one of " \\ / b f n r t, or u and four hex digits'),
      digit: invalid('a digit'),
      lineEnd: invalid('the end of the line, because there is one object per line'),
      lineFeed: invalid("a line feed, because a carriage return alone doesn't end a line"),
    },
  },
  'json-not-object': {
    severity: 'error',
    title: "Line isn't an object",
    what: 'The line is valid JSON, but a string, a number, an array or a literal.',
    why: 'Each line describes one endpoint, as an object.',
    fix: 'Write the endpoint as an object: {"Id":"…"}.',
    sources: [pages.importing],
    examples: [
      ndjson('{"User":{"UserId":"u1"}}\n"u2"\n', '{"User":{"UserId":"u1"}}\n{"User":{"UserId":"u2"}}\n'),
    ],
    message: () => 'The line is JSON, but not an object. Expected: one endpoint, as an object.',
  },
  'json-duplicate-key': {
    severity: 'warning',
    title: 'Duplicate name in an object',
    what: 'A name that this object already has.',
    why: 'Most readers keep the last value and silently drop the others.',
    fix: 'Remove one of them, or write several values as one array.',
    sources: [pages.importing],
    examples: [ndjson('{"Id":"1","OptOut":"ALL","OptOut":"NONE"}\n', '{"Id":"1","OptOut":"ALL"}\n')],
    message: () => 'Duplicate name in this object. Most readers keep the last value.',
  },
  'json-unknown-member': {
    severity: 'error',
    title: 'Unknown member',
    what: "A name that isn't in the list of supported attributes. Names are case-sensitive. If it differs from a supported name only in case or by a letter, its value counts as that of that attribute, so that the mistake is reported only once.",
    why: 'Only the listed attributes can be imported; everything else belongs in Attributes, Metrics or User.UserAttributes.',
    fix: 'Use the supported name, or move your own into Attributes, Metrics or User.UserAttributes.',
    fixability: 'likely',
    sources: [pages.importing],
    examples: [ndjson('{"Id":"1","optOut":"ALL"}\n', '{"Id":"1","OptOut":"ALL"}\n')],
    message: {
      unknown: ({ meant }) =>
        meant === undefined
          ? 'Unknown member. Move your own into Attributes, Metrics or User.UserAttributes.'
          : `Unknown member. Did you mean ${meant}? Names are case-sensitive.`,
      dotted: ({ word }) => `Unknown member. Expected: an object in an object, such as {"${word}":{…}}.`,
    },
  },
  'json-response-only': {
    severity: 'warning',
    title: "Member can't be imported",
    what: "EndpointStatus, ApplicationId, CreationDate or CohortId: the service writes them into exports and doesn't read them from imports.",
    why: "They aren't in the list of supported attributes, and AWS names EndpointStatus as not supported.",
    fix: 'Remove the member.',
    fixability: 'certain',
    sources: [pages.importing],
    examples: [ndjson('{"Id":"1","OptOut":"ALL","CohortId":"42"}\n', '{"Id":"1","OptOut":"ALL"}\n')],
    message: ({ attribute }) => `${attribute!.path} is only in exports and can't be imported.`,
  },
  'json-type': {
    severity: 'error',
    title: 'Wrong type',
    what: "A value whose type isn't that of its attribute: a string where an array of strings is expected, a string where a number is expected, null, and so on.",
    why: 'Custom attributes are arrays of strings, metrics and coordinates are numbers, everything else is a string.',
    fix: 'Wrap a string in an array, remove the quotes around a number, or add those around a string.',
    fixability: 'certain',
    sources: [pages.importing, pages.endpoint],
    examples: [
      ndjson('{"Id":"1","Attributes":{"Plan":"gold"}}\n', '{"Id":"1","Attributes":{"Plan":["gold"]}}\n'),
    ],
    message: {
      value: ({ subject, kind, attribute }) =>
        `${subject} is ${kind}. Expected: ${expectedTypes[attribute?.type ?? 'string']}.`,
      element: ({ subject, kind }) => `The array ${subject} contains ${kind}. Expected: strings.`,
      object: ({ subject, kind }) => `${subject} is ${kind}. Expected: an object.`,
    },
  },
  'json-blank-line': {
    severity: 'warning',
    title: 'Empty line',
    what: 'A line that is empty or contains only spaces.',
    why: `${undocumented}.`,
    fix: 'Remove the line.',
    fixability: 'certain',
    sources: [pages.importing],
    examples: [
      ndjson(
        '{"User":{"UserId":"u1"}}\n\n{"User":{"UserId":"u2"}}\n',
        '{"User":{"UserId":"u1"}}\n{"User":{"UserId":"u2"}}\n',
      ),
    ],
    message: () => `Empty line. ${undocumented}.`,
  },
} as const satisfies Readonly<Record<string, Rule>>;

const expectedTypes = { string: 'a string', number: 'a number', strings: 'an array of strings' } as const;
