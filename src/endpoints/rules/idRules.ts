import { csv, lineOf, ndjson, pages, type Rule } from './rule.ts';

/** Rules about Id and User.UserId. */
export const idRules = {
  'id-characters': {
    severity: 'error',
    title: 'Forbidden characters in an Id',
    what: 'A dollar sign or a brace in Id or User.UserId. The whole value is marked.',
    why: "The service doesn't allow $, { and } in them.",
    fix: 'Use another Id. Often a placeholder such as ${id} was never filled in.',
    sources: [pages.endpoint],
    examples: [
      csv('Id,OptOut\n${id},ALL\n', 'Id,OptOut\n7,ALL\n'),
      ndjson('{"User":{"UserId":"{7}"}}\n', '{"User":{"UserId":"7"}}\n'),
    ],
    message: ({ subject }) => `${subject} must not contain $, { or }. Was a placeholder never filled in?`,
  },
  'id-duplicate': {
    severity: 'warning',
    title: 'Duplicate Id',
    what: "An Id that an earlier record has as well; case doesn't matter. The later one is marked.",
    why: 'It is one endpoint: the later record overwrites the earlier one.',
    fix: 'Keep one of the records, or give one of them another Id.',
    sources: [pages.endpoint],
    examples: [
      csv('Id,OptOut\na1,ALL\nA1,NONE\n', 'Id,OptOut\na1,ALL\na2,NONE\n'),
      ndjson(
        '{"Id":"1","OptOut":"ALL"}\n{"Id":"1","OptOut":"NONE"}\n',
        '{"Id":"1","OptOut":"ALL"}\n{"Id":"2","OptOut":"NONE"}\n',
      ),
    ],
    message: ({ number }) =>
      `Duplicate Id (not case-sensitive): this record replaces the one in ${lineOf(number)}.`,
  },
  'id-only': {
    severity: 'info',
    title: 'Update by Id alone',
    what: 'A record with an Id, but without a ChannelType and an Address.',
    why: "It changes an existing endpoint. If none has this Id, the import creates one that can't receive messages.",
    fix: 'Nothing, if the endpoints exist. Otherwise add ChannelType and Address.',
    sources: [pages.importing, pages.troubleshooting],
    disputed:
      'The page on importing requires a ChannelType and an Address only for new endpoints. The page on troubleshooting requires both in every import of a segment.',
    examples: [
      csv(
        'Id,Metrics.Visits\n1,12\n',
        'Id,ChannelType,Address,Metrics.Visits\n1,EMAIL,jane@example.com,12\n',
      ),
      ndjson('{"Id":"1"}\n', '{"Id":"1","ChannelType":"EMAIL","Address":"jane@example.com"}\n'),
    ],
    message: () =>
      "Update by Id alone: the endpoint must exist. AWS's pages disagree on whether this is allowed.",
  },
  'user-ids-spaces': {
    severity: 'warning',
    title: 'Several user IDs in one cell',
    what: 'A CSV record with only a User.UserId, which contains spaces.',
    why: 'It may be read as one user ID with spaces or as several: the documentation has shown both.',
    fix: 'Write one user ID per line.',
    fixability: 'likely',
    sources: [pages.importing],
    disputed:
      'Earlier versions of the User Guide had one user ID per line, later ones several in a line with spaces between them; the latest gives no example.',
    examples: [csv('User.UserId\nuser-1 user-2\n', 'User.UserId\nuser-1\nuser-2\n')],
    message: () =>
      "Several user IDs in one cell. Write one per line; AWS's pages disagree on how this is read.",
  },
  'user-ids-columns': {
    severity: 'error',
    title: 'List of user IDs with other columns',
    what: 'A CSV header with User.UserId and other columns, but without ChannelType, Address and Id. The first other column is marked.',
    why: 'A list of user IDs must have no other column. Empty ones are columns, too.',
    fix: 'Remove the other columns, or add ChannelType and Address, or Id.',
    sources: [pages.importing],
    examples: [csv('User.UserId,OptOut\nuser-1,\n', 'User.UserId\nuser-1\n')],
    message: () =>
      'A list of user IDs must have no other column. Remove it, or add ChannelType and Address, or Id.',
  },
} as const satisfies Readonly<Record<string, Rule>>;
