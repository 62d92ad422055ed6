import { csv, ndjson, pages, type Rule } from './rule.ts';

/** Rules about consent to receive messages. */
export const consentRules = {
  'opt-out-unknown': {
    severity: 'error',
    title: 'Unknown OptOut',
    what: 'An OptOut other than ALL or NONE.',
    why: 'ALL means that the user wants no messages, NONE that all are welcome. There is nothing in between.',
    fix: 'Write ALL or NONE, in upper case.',
    fixability: 'certain',
    sources: [pages.importing, pages.endpoint],
    examples: [
      csv('Id,OptOut\n1,all\n', 'Id,OptOut\n1,ALL\n'),
      ndjson('{"Id":"1","OptOut":"No"}\n', '{"Id":"1","OptOut":"NONE"}\n'),
    ],
    nearMiss: (value) => ['ALL', 'NONE'].find((word) => word === value.trim().toUpperCase()),
    message: ({ near, shape }) =>
      near === undefined
        ? `Unknown OptOut: ${shape}. Expected: ALL or NONE.`
        : `Unknown OptOut "${near.written}". Did you mean ${near.meant}?`,
  },
  'endpoint-inactive': {
    severity: 'warning',
    title: 'Inactive endpoint',
    what: 'A record whose EndpointStatus is INACTIVE, in any case. The value is marked.',
    why: "Exports include inactive endpoints, but imports don't read EndpointStatus: the import makes the endpoint active again, and it receives messages.",
    fix: 'Leave the record out, or set OptOut to ALL. Keep it only if the endpoint should become active again.',
    sources: [pages.importing, pages.inactive, pages.endpoint],
    examples: [
      csv('Id,OptOut,EndpointStatus\n1,NONE,INACTIVE\n2,NONE,ACTIVE\n', 'Id,OptOut\n2,NONE\n'),
      ndjson(
        '{"Id":"1","OptOut":"NONE","EndpointStatus":"INACTIVE"}\n{"Id":"2","OptOut":"NONE"}\n',
        '{"Id":"2","OptOut":"NONE"}\n',
      ),
    ],
    message: () => 'Inactive endpoint: imports ignore EndpointStatus, so this one becomes active again.',
  },
} as const satisfies Readonly<Record<string, Rule>>;
