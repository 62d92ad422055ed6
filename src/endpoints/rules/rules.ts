import type { FileType, Severity } from './finding.ts';

/** A page of AWS's documentation that states a rule. */
export interface Source {
  readonly title: string;
  readonly url: string;
}

/** A smallest file that breaks a rule, and the same file put right. */
export interface RuleExample {
  readonly type: FileType;
  readonly wrong: string;
  readonly right: string;
}

/** What the catalogue says of one rule. Its page in media/rules, its settings and its default severity come from here. */
export interface Rule {
  /** Unless the finding or the user's settings say otherwise. */
  readonly severity: Severity;
  readonly title: string;
  /** What is found, and where it is marked. */
  readonly what: string;
  readonly why: string;
  /** What to do about it. */
  readonly fix: string;
  /** True where an editor can put it right without asking what was meant. */
  readonly fixable: boolean;
  readonly sources: readonly Source[];
  /** Where AWS's own pages disagree: what each says. */
  readonly disputed?: string;
  readonly examples: readonly RuleExample[];
}

const docs = 'https://docs.aws.amazon.com/pinpoint/latest';

const pages = {
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

const csv = (wrong: string, right: string): RuleExample => ({ type: 'csv', wrong, right });
const ndjson = (wrong: string, right: string): RuleExample => ({ type: 'ndjson', wrong, right });

const silent = 'AWS does not say what the service does with it';

/** The catalogue. Codes are public and never change their meaning. */
export const rules = {
  'file-empty': {
    severity: 'error',
    title: 'The file is empty',
    what: 'The file has no bytes, or it is a CSV file without a header.',
    why: 'There is nothing to import.',
    fix: 'Check that the program that wrote the file finished, and that it is the right file.',
    fixable: false,
    sources: [pages.importing],
    examples: [csv('', 'User.UserId\nuser-1\n')],
  },
  'file-encoding': {
    severity: 'error',
    title: 'The file is not UTF-8',
    what: 'A byte that is not UTF-8, marked where it first occurs. UTF-16 and UTF-32 files are named as such and not read any further.',
    why: 'Import files have to be UTF-8. In another encoding, names and addresses arrive damaged.',
    fix: 'Save the file as UTF-8 (in VS Code: "Save with Encoding").',
    fixable: false,
    sources: [pages.importing],
    examples: [],
  },
  'file-bom': {
    severity: 'warning',
    title: 'The file starts with a byte order mark',
    what: 'The first three bytes are EF BB BF, the mark that some programs put before UTF-8 text.',
    why: `${silent}. A reader that does not know the mark takes it for a part of the first column's name.`,
    fix: 'Save the file as "UTF-8" instead of "UTF-8 with BOM", or write a fixed copy.',
    fixable: true,
    sources: [pages.importing],
    examples: [csv('\uFEFFUser.UserId\nuser-1\n', 'User.UserId\nuser-1\n')],
  },
  'file-compressed': {
    severity: 'error',
    title: 'The file is compressed',
    what: 'The first bytes are those of a gzip, zip, bzip2, xz or Zstandard file.',
    why: 'Compressed files cannot be imported, although exports are written as gzip files.',
    fix: 'Unpack the file and import what is in it. Write Fixed Copy does so for gzip; other archives need a program of their own.',
    fixable: true,
    sources: [pages.importing],
    examples: [],
  },
  'file-too-large': {
    severity: 'error',
    title: 'The file is larger than an import job may be',
    what: 'The file has more than 1 GiB (1,073,741,824 bytes). From 1,000,000,000 bytes on it is a warning, because the quota only says "1 GB".',
    why: 'An import job takes 1 GB at most.',
    fix: 'Split the file and import the parts one after the other. Write Fixed Copy splits what is too large.',
    fixable: true,
    sources: [pages.quotas, pages.importing],
    disputed:
      'The quotas page limits an import job to 1 GB. The User Guide says to use Amazon S3 for files that are larger than 1 GB.',
    examples: [],
  },
  'file-json-array': {
    severity: 'error',
    title: 'The file is not one JSON object a line',
    what: 'The file is one JSON array, or its objects are spread over several lines (pretty-printed). Its records are not judged. A first line such as [INFO] is no beginning of an array, but a line that is not JSON.',
    why: 'What the service calls JSON is newline-delimited JSON: one complete object on each line.',
    fix: 'Write each object on one line, without the brackets around them and the commas between them.',
    fixable: true,
    sources: [pages.importing, pages.importJobs],
    examples: [
      ndjson(
        '[\n  {"User": {"UserId": "user-1"}},\n  {"User": {"UserId": "user-2"}}\n]\n',
        '{"User":{"UserId":"user-1"}}\n{"User":{"UserId":"user-2"}}\n',
      ),
    ],
  },
  'file-mixed-formats': {
    severity: 'warning',
    title: 'The files have different formats',
    what: 'Files that are to be imported together are CSV as well as JSON.',
    why: 'An import job reads one format.',
    fix: 'Import each format by a job of its own, from a folder of its own.',
    fixable: false,
    sources: [pages.importing, pages.defineImport],
    disputed:
      'The User Guide says that a path should only contain files of one type. The Developer Guide says that only the files of the given format are imported.',
    examples: [],
  },
  'csv-delimiter': {
    severity: 'error',
    title: 'The columns are not separated by commas',
    what: 'The header splits on semicolons, tabs or vertical bars and not on commas. The rest of the file is judged with the separator that was found.',
    why: 'Columns have to be separated by commas. With another separator the whole header is one unknown column.',
    fix: 'Write the file with commas, and put values that hold a comma between double quotes.',
    fixable: true,
    sources: [pages.importing],
    examples: [
      csv('User.UserId;Location.Country;Id\nu1;US;1\n', 'User.UserId,Location.Country,Id\nu1,US,1\n'),
    ],
  },
  'csv-header-unknown': {
    severity: 'error',
    title: 'The column is no supported attribute',
    what: 'A column name that is not in the list of supported attributes. Names are case-sensitive. Where it differs from a supported name only in case or by a letter, its values count as those of that attribute, so that the mistake is reported once.',
    why: 'Only the listed attributes can be imported; everything else belongs into Attributes, Metrics or User.UserAttributes.',
    fix: 'Use the supported name, or put a prefix before your own: Attributes.Plan, Metrics.Visits, User.UserAttributes.FirstName.',
    fixable: true,
    sources: [pages.importing],
    examples: [csv('Id,Plan\n1,gold\n', 'Id,Attributes.Plan\n1,gold\n')],
  },
  'csv-header-empty': {
    severity: 'error',
    title: 'The column has no name',
    what: 'A column of the header without a name.',
    why: 'A value can only be imported under the name of an attribute.',
    fix: 'Name the column or remove it, with its values. A comma at the end of the header makes such a column, too.',
    fixable: false,
    sources: [pages.importing],
    examples: [csv('Id,\n1,US\n', 'Id,Location.Country\n1,US\n')],
  },
  'csv-header-space': {
    severity: 'warning',
    title: 'Blanks around a column name',
    what: 'A column name that begins or ends with a blank. The column is judged as if there were none.',
    why: `Names have to match the supported attributes; what the service does with blanks, AWS does not say.`,
    fix: 'Remove the blanks.',
    fixable: true,
    sources: [pages.importing],
    examples: [csv('Id, Location.Country\n1,US\n', 'Id,Location.Country\n1,US\n')],
  },
  'csv-header-duplicate': {
    severity: 'error',
    title: 'The column is there twice',
    what: 'A column name that was there before. Only Attributes.* and User.UserAttributes.* may be repeated: that is how several values of one attribute are written.',
    why: 'All other attributes have one value.',
    fix: 'Remove one of the columns.',
    fixable: false,
    sources: [pages.importing],
    examples: [csv('Id,OptOut,OptOut\n1,ALL,ALL\n', 'Id,OptOut\n1,ALL\n')],
  },
  'csv-header-response-only': {
    severity: 'warning',
    title: 'The column cannot be imported',
    what: 'EndpointStatus, ApplicationId, CreationDate or CohortId: what the service writes into exports and does not read from imports.',
    why: 'These are not in the list of supported attributes, and EndpointStatus is named as not supported.',
    fix: 'Remove the column.',
    fixable: true,
    sources: [pages.importing],
    examples: [csv('Id,OptOut,EndpointStatus\n1,ALL,ACTIVE\n', 'Id,OptOut\n1,ALL\n')],
  },
  'csv-column-count': {
    severity: 'error',
    title: 'More or fewer cells than the header',
    what: 'A record with another number of cells than the header has columns. The cells beyond the header are marked, or the whole record where some are missing. Its values are not judged.',
    why: 'It is not certain any more which value belongs to which attribute.',
    fix: 'Add the missing cells (they may be empty), or put a value that holds a comma between double quotes.',
    fixable: false,
    sources: [pages.importing],
    examples: [csv('Id,Location.City\n1,Portland, Oregon\n', 'Id,Location.City\n1,"Portland, Oregon"\n')],
  },
  'csv-quote': {
    severity: 'error',
    title: 'A double quote in the wrong place',
    what: 'A quote that is never closed, a quote inside a value without quotes around it, or text after the closing quote. The quote is marked, or the text after it. The values of the record are not judged. A header has to be on one line.',
    why: 'Quotes decide where a value ends.',
    fix: 'Put the whole value between double quotes and double each quote inside it.',
    fixable: false,
    sources: [pages.importing],
    examples: [csv('Id,Attributes.Size\n1,6" pipe\n', 'Id,Attributes.Size\n1,"6"" pipe"\n')],
  },
  'csv-line-break': {
    severity: 'error',
    title: 'A line break inside a value',
    what: 'A line break between the quotes of a value, or a carriage return alone anywhere in a value or a name, marked at the break. Where all lines of a file end in carriage returns alone, the first is marked, and the file is not looked into any further.',
    why: 'Values must not hold line breaks: the data might not be imported, or the import might fail.',
    fix: 'Replace the line break with a space. Save a file whose lines end in carriage returns with line feeds.',
    fixable: true,
    sources: [pages.importing, pages.defineImport],
    examples: [csv('Id,Attributes.Note\n1,"two\nlines"\n', 'Id,Attributes.Note\n1,"two lines"\n')],
  },
  'csv-tab': {
    severity: 'error',
    title: 'A tab in a value',
    what: 'A tab in a value, or inside a name of the header, marked where it is.',
    why: 'Values must not hold tabs: the data might not be imported, or the import might fail.',
    fix: 'Replace the tab with a space.',
    fixable: true,
    sources: [pages.importing],
    examples: [csv('Id,Attributes.Note\n1,a\tb\n', 'Id,Attributes.Note\n1,a b\n')],
  },
  'csv-blank-line': {
    severity: 'warning',
    title: 'An empty line',
    what: 'A line without anything in it.',
    why: `${silent}.`,
    fix: 'Remove the line.',
    fixable: true,
    sources: [pages.importing],
    examples: [csv('User.UserId\nuser-1\n\nuser-2\n', 'User.UserId\nuser-1\nuser-2\n')],
  },
  'json-syntax': {
    severity: 'error',
    title: 'The line is not JSON',
    what: 'The line stops being valid JSON at the marked character. Its values are not judged.',
    why: 'One line that is not JSON makes the service refuse the import job when it is created.',
    fix: 'Write each endpoint as one complete JSON object on a line of its own, with double quotes around names and strings.',
    fixable: false,
    sources: [pages.importing, pages.troubleshooting],
    examples: [ndjson('{Id:"1","OptOut":"ALL"}\n', '{"Id":"1","OptOut":"ALL"}\n')],
  },
  'json-not-object': {
    severity: 'error',
    title: 'The line is no object',
    what: 'The line is JSON, but a string, a number, an array or a literal and no object.',
    why: 'Each line describes one endpoint, as an object.',
    fix: 'Write the endpoint as an object: {"Id":"…"}.',
    fixable: false,
    sources: [pages.importing],
    examples: [
      ndjson('{"User":{"UserId":"u1"}}\n"u2"\n', '{"User":{"UserId":"u1"}}\n{"User":{"UserId":"u2"}}\n'),
    ],
  },
  'json-duplicate-key': {
    severity: 'warning',
    title: 'A name twice in one object',
    what: 'A name that this object has already.',
    why: 'Most readers keep the last value and drop the others without a word.',
    fix: 'Remove one of them, or write several values as one array.',
    fixable: false,
    sources: [pages.importing],
    examples: [ndjson('{"Id":"1","OptOut":"ALL","OptOut":"NONE"}\n', '{"Id":"1","OptOut":"ALL"}\n')],
  },
  'json-unknown-member': {
    severity: 'error',
    title: 'The member is no supported attribute',
    what: 'A name that is not in the list of supported attributes. Names are case-sensitive. Where it differs from a supported name only in case or by a letter, its value counts as that of that attribute, so that the mistake is reported once.',
    why: 'Only the listed attributes can be imported; everything else belongs into Attributes, Metrics or User.UserAttributes.',
    fix: 'Use the supported name, or put your own into Attributes, Metrics or User.UserAttributes.',
    fixable: true,
    sources: [pages.importing],
    examples: [ndjson('{"Id":"1","optOut":"ALL"}\n', '{"Id":"1","OptOut":"ALL"}\n')],
  },
  'json-response-only': {
    severity: 'warning',
    title: 'The member cannot be imported',
    what: 'EndpointStatus, ApplicationId, CreationDate or CohortId: what the service writes into exports and does not read from imports.',
    why: 'These are not in the list of supported attributes, and EndpointStatus is named as not supported.',
    fix: 'Remove the member.',
    fixable: true,
    sources: [pages.importing],
    examples: [
      ndjson('{"Id":"1","OptOut":"ALL","EndpointStatus":"ACTIVE"}\n', '{"Id":"1","OptOut":"ALL"}\n'),
    ],
  },
  'json-type': {
    severity: 'error',
    title: 'A value of the wrong type',
    what: 'A value that is not of the type that its attribute has: a string where an array of strings is due, a string where a number is due, null, and so on.',
    why: 'Custom attributes are arrays of strings, metrics and coordinates are numbers, everything else is a string.',
    fix: 'Wrap a string in an array, remove the quotes around a number, or add those around a string.',
    fixable: true,
    sources: [pages.importing, pages.endpoint],
    examples: [
      ndjson('{"Id":"1","Attributes":{"Plan":"gold"}}\n', '{"Id":"1","Attributes":{"Plan":["gold"]}}\n'),
    ],
  },
  'json-blank-line': {
    severity: 'warning',
    title: 'An empty line',
    what: 'A line without anything but blanks in it.',
    why: `${silent}.`,
    fix: 'Remove the line.',
    fixable: true,
    sources: [pages.importing],
    examples: [
      ndjson(
        '{"User":{"UserId":"u1"}}\n\n{"User":{"UserId":"u2"}}\n',
        '{"User":{"UserId":"u1"}}\n{"User":{"UserId":"u2"}}\n',
      ),
    ],
  },
  'channel-type-missing': {
    severity: 'error',
    title: 'No ChannelType',
    what: 'A record without a ChannelType, and neither with an Id (which makes it an update) nor with nothing but a User.UserId (which lists a user). The empty value is marked, or the whole record.',
    why: 'A new endpoint needs a ChannelType and an Address.',
    fix: 'Add the ChannelType, or the Id of the endpoint that is to be updated.',
    fixable: false,
    sources: [pages.importing],
    examples: [
      csv('ChannelType,Address\n,jane@example.com\n', 'ChannelType,Address\nEMAIL,jane@example.com\n'),
      ndjson('{"Address":"jane@example.com"}\n', '{"ChannelType":"EMAIL","Address":"jane@example.com"}\n'),
    ],
  },
  'channel-type-unknown': {
    severity: 'error',
    title: 'Unknown ChannelType',
    what: 'A ChannelType that is none of ADM, APNS, APNS_SANDBOX, APNS_VOIP, APNS_VOIP_SANDBOX, BAIDU, CUSTOM, EMAIL, GCM, IN_APP, PUSH, SMS and VOICE.',
    why: 'The service knows these thirteen, in upper case. Firebase tokens go under GCM.',
    fix: 'Use one of the thirteen: GCM instead of FCM, EMAIL instead of Email.',
    fixable: true,
    sources: [pages.endpoint, pages.importing],
    examples: [
      csv('ChannelType,Address\nEmail,jane@example.com\n', 'ChannelType,Address\nEMAIL,jane@example.com\n'),
      ndjson(
        '{"ChannelType":"FCM","Address":"d5e1fb0a91"}\n',
        '{"ChannelType":"GCM","Address":"d5e1fb0a91"}\n',
      ),
    ],
  },
  'channel-type-push': {
    severity: 'warning',
    title: 'ChannelType PUSH',
    what: 'An endpoint whose ChannelType is PUSH.',
    why: 'PUSH is a value of the API, but endpoints must not use it: they are never targeted.',
    fix: 'Use the push service that the token comes from: GCM, APNS, ADM or BAIDU.',
    fixable: false,
    sources: [pages.endpoint],
    examples: [
      csv('ChannelType,Address\nPUSH,d5e1fb0a91\n', 'ChannelType,Address\nGCM,d5e1fb0a91\n'),
      ndjson(
        '{"ChannelType":"PUSH","Address":"d5e1fb0a91"}\n',
        '{"ChannelType":"GCM","Address":"d5e1fb0a91"}\n',
      ),
    ],
  },
  'address-missing': {
    severity: 'error',
    title: 'No Address',
    what: 'A record without an Address, and neither with an Id (which makes it an update) nor with nothing but a User.UserId (which lists a user). With an Id and a ChannelType it is an information. The empty value is marked, or the whole record.',
    why: 'A new endpoint needs a ChannelType and an Address. An endpoint that is created without one is opted out until it has one and OptOut is set to NONE.',
    fix: 'Add the Address, or the Id of the endpoint that is to be updated.',
    fixable: false,
    sources: [pages.importing, pages.endpoint],
    examples: [
      csv('ChannelType,Address\nEMAIL,\n', 'ChannelType,Address\nEMAIL,jane@example.com\n'),
      ndjson('{"ChannelType":"EMAIL"}\n', '{"ChannelType":"EMAIL","Address":"jane@example.com"}\n'),
    ],
  },
  'address-email': {
    severity: 'error',
    title: 'Not an e-mail address',
    what: 'An endpoint of the channel EMAIL whose Address has not the form of an e-mail address, or holds a blank or a sign that cannot be seen, such as a no-break space. Whether the mailbox exists is not checked.',
    why: 'No message can reach it, and it counts as a bounce.',
    fix: 'Correct the address.',
    fixable: false,
    sources: [pages.endpoint],
    examples: [
      csv('ChannelType,Address\nEMAIL,jane.example.com\n', 'ChannelType,Address\nEMAIL,jane@example.com\n'),
      ndjson(
        '{"ChannelType":"EMAIL","Address":"jane@example"}\n',
        '{"ChannelType":"EMAIL","Address":"jane@example.com"}\n',
      ),
    ],
  },
  'address-phone': {
    severity: 'warning',
    title: 'Not a phone number in E.164 form',
    what: 'An endpoint of the channel SMS or VOICE whose Address is not a plus sign followed by up to 15 digits, the country code first, without blanks and other signs.',
    why: 'A number without its country code may reach somebody else or nobody.',
    fix: 'Write +12065550100 instead of (206) 555-0100.',
    fixable: true,
    sources: [pages.importing, pages.defineImport],
    disputed:
      'The User Guide says that phone numbers must have the E.164 form. Examples in the Developer Guide leave out the plus sign.',
    examples: [
      csv('ChannelType,Address\nSMS,1 206 555-0100\n', 'ChannelType,Address\nSMS,+12065550100\n'),
      ndjson(
        '{"ChannelType":"SMS","Address":"12065550100"}\n',
        '{"ChannelType":"SMS","Address":"+12065550100"}\n',
      ),
    ],
  },
  'address-token': {
    severity: 'warning',
    title: 'Not a device token',
    what: 'An endpoint of a push channel (GCM, APNS and its variants, ADM, BAIDU) whose Address holds blanks or has fewer than 8 characters.',
    why: 'Tokens of push services are much longer and hold no blanks. How they look otherwise is theirs to say and not checked.',
    fix: 'Take the token over as the push service gave it.',
    fixable: false,
    sources: [pages.endpoint],
    examples: [
      csv('ChannelType,Address\nGCM,token\n', 'ChannelType,Address\nGCM,d5e1fb0a91\n'),
      ndjson(
        '{"ChannelType":"APNS","Address":"d5e1 fb0a 91c2"}\n',
        '{"ChannelType":"APNS","Address":"d5e1fb0a91c2"}\n',
      ),
    ],
  },
  'address-duplicate': {
    severity: 'warning',
    title: 'The address is there twice',
    what: 'A ChannelType and an Address that an earlier record has as well, where that record has another Id or one of them has none. The later one is marked. It is compared with the first record that has the address, of whose Id only eight bits are remembered: one in 255 later records with another Id is missed where that Id, too, was there before.',
    why: 'Two endpoints with one address: the person is written to twice, or one of the endpoints becomes inactive.',
    fix: 'Keep one of the records, or give both the same Id where they are the same endpoint.',
    fixable: false,
    sources: [pages.endpoint],
    examples: [
      csv(
        'ChannelType,Address,Id\nEMAIL,jane@example.com,1\nEMAIL,jane@example.com,2\n',
        'ChannelType,Address,Id\nEMAIL,jane@example.com,1\nEMAIL,joe@example.com,2\n',
      ),
      ndjson(
        '{"ChannelType":"EMAIL","Address":"jane@example.com"}\n{"ChannelType":"EMAIL","Address":"jane@example.com"}\n',
        '{"ChannelType":"EMAIL","Address":"jane@example.com"}\n{"ChannelType":"EMAIL","Address":"joe@example.com"}\n',
      ),
    ],
  },
  'opt-out-unknown': {
    severity: 'error',
    title: 'Unknown OptOut',
    what: 'An OptOut that is neither ALL nor NONE.',
    why: 'ALL means that the user wants no messages, NONE that all are welcome. There is nothing between.',
    fix: 'Write ALL or NONE, in upper case.',
    fixable: true,
    sources: [pages.importing, pages.endpoint],
    examples: [
      csv('Id,OptOut\n1,all\n', 'Id,OptOut\n1,ALL\n'),
      ndjson('{"Id":"1","OptOut":"No"}\n', '{"Id":"1","OptOut":"NONE"}\n'),
    ],
  },
  'country-unknown': {
    severity: 'error',
    title: 'Unknown country',
    what: 'A Location.Country that is no ISO 3166-1 code. Upper and lower case are not told apart, and XK is taken for Kosovo.',
    why: 'Segments by country find the endpoint only by a known code.',
    fix: 'Write the two letters of ISO 3166-1: US, DE, JP; GB for the United Kingdom.',
    fixable: false,
    sources: [pages.importing, pages.endpoint],
    examples: [
      csv('Id,Location.Country\n1,UK\n', 'Id,Location.Country\n1,GB\n'),
      ndjson('{"Id":"1","Location":{"Country":"Germany"}}\n', '{"Id":"1","Location":{"Country":"DE"}}\n'),
    ],
  },
  'country-alpha3': {
    severity: 'warning',
    title: 'A country of three letters',
    what: 'A Location.Country that is the three-letter code of ISO 3166-1.',
    why: 'A segment that looks for US does not find USA.',
    fix: 'Write the two-letter code.',
    fixable: true,
    sources: [pages.importing, pages.endpoint],
    disputed: 'The User Guide asks for two letters. The API Reference accepts two or three.',
    examples: [
      csv('Id,Location.Country\n1,USA\n', 'Id,Location.Country\n1,US\n'),
      ndjson('{"Id":"1","Location":{"Country":"DEU"}}\n', '{"Id":"1","Location":{"Country":"DE"}}\n'),
    ],
  },
  'locale-form': {
    severity: 'warning',
    title: 'Not a locale',
    what: 'A Demographic.Locale that has not the form of en_US: a language of two or three small letters, an underscore, and a country of two capitals or a region of three digits.',
    why: 'Segments and templates find the endpoint only by the form that the service uses.',
    fix: 'Write en_US instead of en-US or en_us.',
    fixable: true,
    sources: [pages.importing, pages.endpoint],
    disputed:
      'The User Guide asks for a language of ISO 639-1 and a country of ISO 3166-1. The API Reference also accepts es_419 and haw_US.',
    examples: [
      csv('Id,Demographic.Locale\n1,en-US\n', 'Id,Demographic.Locale\n1,en_US\n'),
      ndjson('{"Id":"1","Demographic":{"Locale":"de"}}\n', '{"Id":"1","Demographic":{"Locale":"de_DE"}}\n'),
    ],
  },
  'timezone-unknown': {
    severity: 'warning',
    title: 'Unknown time zone',
    what: 'A Demographic.Timezone that is no name of the tz database, as far as this program knows it.',
    why: "Messages that are sent at the recipient's local time need a known time zone.",
    fix: 'Write a name such as America/Los_Angeles or Europe/Berlin, no offset.',
    fixable: false,
    sources: [pages.importing, pages.endpoint],
    examples: [
      csv('Id,Demographic.Timezone\n1,Europe/Munich\n', 'Id,Demographic.Timezone\n1,Europe/Berlin\n'),
      ndjson(
        '{"Id":"1","Demographic":{"Timezone":"+01:00"}}\n',
        '{"Id":"1","Demographic":{"Timezone":"Europe/Berlin"}}\n',
      ),
    ],
  },
  'latitude-range': {
    severity: 'error',
    title: 'Not a latitude',
    what: 'A Location.Latitude that is no number or lies outside -90 and 90.',
    why: 'There is no such place. Often latitude and longitude are exchanged, or the decimal separator is a comma.',
    fix: 'Write a number of degrees with a decimal point: 47.6.',
    fixable: false,
    sources: [pages.endpoint],
    examples: [
      csv(
        'Id,Location.Latitude,Location.Longitude\n1,122.3,47.6\n',
        'Id,Location.Latitude,Location.Longitude\n1,47.6,122.3\n',
      ),
      ndjson(
        '{"Id":"1","Location":{"Latitude":90.5,"Longitude":0}}\n',
        '{"Id":"1","Location":{"Latitude":90,"Longitude":0}}\n',
      ),
    ],
  },
  'longitude-range': {
    severity: 'error',
    title: 'Not a longitude',
    what: 'A Location.Longitude that is no number or lies outside -180 and 180.',
    why: 'There is no such place.',
    fix: 'Write a number of degrees with a decimal point: -122.3.',
    fixable: false,
    sources: [pages.endpoint],
    examples: [
      csv(
        'Id,Location.Latitude,Location.Longitude\n1,47.6,-122.3W\n',
        'Id,Location.Latitude,Location.Longitude\n1,47.6,-122.3\n',
      ),
      ndjson(
        '{"Id":"1","Location":{"Latitude":0,"Longitude":-181}}\n',
        '{"Id":"1","Location":{"Latitude":0,"Longitude":-180}}\n',
      ),
    ],
  },
  'location-unpaired': {
    severity: 'error',
    title: 'Half a place',
    what: 'A Latitude without a Longitude, or the other way round. The one that is there is marked.',
    why: 'Each of the two is required where the other is given.',
    fix: 'Give both or none.',
    fixable: false,
    sources: [pages.endpoint],
    examples: [
      csv(
        'Id,Location.Latitude,Location.Longitude\n1,47.6,\n',
        'Id,Location.Latitude,Location.Longitude\n1,47.6,-122.3\n',
      ),
      ndjson(
        '{"Id":"1","Location":{"Longitude":-122.3}}\n',
        '{"Id":"1","Location":{"Latitude":47.6,"Longitude":-122.3}}\n',
      ),
    ],
  },
  'effective-date-form': {
    severity: 'error',
    title: 'Not a date of ISO 8601',
    what: 'An EffectiveDate that is no calendar date of ISO 8601 with or without a time, in the extended form (2019-08-23T10:54:35.220Z) or the basic one (20190823T105435Z).',
    why: 'The service reads no other form.',
    fix: 'Write 2019-08-23T10:54:35.220Z, or leave the attribute out.',
    fixable: false,
    sources: [pages.importing],
    disputed:
      'The User Guide lists EffectiveDate among the attributes that can be imported, and on the same page names it as not supported.',
    examples: [
      csv('Id,EffectiveDate\n1,08/23/2019\n', 'Id,EffectiveDate\n1,2019-08-23T10:54:35.220Z\n'),
      ndjson(
        '{"Id":"1","EffectiveDate":"2019-02-30T00:00:00Z"}\n',
        '{"Id":"1","EffectiveDate":"2019-02-28T00:00:00Z"}\n',
      ),
    ],
  },
  'metric-not-number': {
    severity: 'error',
    title: 'The metric is no number',
    what: 'A value of Metrics in a CSV file that is no number. (In JSON it is a value of the wrong type.)',
    why: 'The service calculates with metrics.',
    fix: 'Write a number with a decimal point and without separators, or use Attributes for text.',
    fixable: false,
    sources: [pages.importing, pages.endpoint],
    examples: [csv('Id,Metrics.Visits\n1,many\n', 'Id,Metrics.Visits\n1,12\n')],
  },
  'id-characters': {
    severity: 'error',
    title: 'Forbidden characters in an Id',
    what: 'A dollar sign or a brace in Id or User.UserId. The whole value is marked.',
    why: 'The service does not allow $, { and } there.',
    fix: 'Use another Id. Often a placeholder such as ${id} was never filled in.',
    fixable: false,
    sources: [pages.endpoint],
    examples: [
      csv('Id,OptOut\n${id},ALL\n', 'Id,OptOut\n7,ALL\n'),
      ndjson('{"User":{"UserId":"{7}"}}\n', '{"User":{"UserId":"7"}}\n'),
    ],
  },
  'id-duplicate': {
    severity: 'warning',
    title: 'The Id is there twice',
    what: 'An Id that an earlier record has as well; upper and lower case are not told apart. The later one is marked.',
    why: 'It is one endpoint: the later record overwrites what the earlier one said.',
    fix: 'Keep one of the records, or give one of them another Id.',
    fixable: false,
    sources: [pages.endpoint],
    examples: [
      csv('Id,OptOut\na1,ALL\nA1,NONE\n', 'Id,OptOut\na1,ALL\na2,NONE\n'),
      ndjson(
        '{"Id":"1","OptOut":"ALL"}\n{"Id":"1","OptOut":"NONE"}\n',
        '{"Id":"1","OptOut":"ALL"}\n{"Id":"2","OptOut":"NONE"}\n',
      ),
    ],
  },
  'id-only': {
    severity: 'info',
    title: 'An update by Id alone',
    what: 'A record with an Id and with neither a ChannelType nor an Address.',
    why: 'It changes an endpoint that exists already. If there is none with this Id, there will be one that nothing can be sent to.',
    fix: 'Nothing, where the endpoints exist. Otherwise add ChannelType and Address.',
    fixable: false,
    sources: [pages.importing, pages.troubleshooting],
    disputed:
      'The page on importing asks only new endpoints for a ChannelType and an Address. The page on troubleshooting requires both in every import of a segment.',
    examples: [
      csv(
        'Id,Metrics.Visits\n1,12\n',
        'Id,ChannelType,Address,Metrics.Visits\n1,EMAIL,jane@example.com,12\n',
      ),
      ndjson('{"Id":"1"}\n', '{"Id":"1","ChannelType":"EMAIL","Address":"jane@example.com"}\n'),
    ],
  },
  'user-ids-spaces': {
    severity: 'warning',
    title: 'Several user IDs in one cell',
    what: 'A CSV record that has nothing but a User.UserId, with blanks inside it.',
    why: 'It is read as one user ID with blanks in it, or as several: the documentation has shown both.',
    fix: 'Write one user ID a line.',
    fixable: true,
    sources: [pages.importing],
    disputed:
      'Earlier versions of the User Guide had one user ID a line, later ones several in a line with spaces between them; the latest gives no example.',
    examples: [csv('User.UserId\nuser-1 user-2\n', 'User.UserId\nuser-1\nuser-2\n')],
  },
  'value-too-long': {
    severity: 'error',
    title: 'The value is too long',
    what: 'A value of more than 100 characters, or of more than its attribute allows: 50 for AppVersion, Make, ModelVersion, Platform and PlatformVersion of Demographic, 75 for City and Region of Location. Characters are counted as Unicode code points. An Address has no such limit: push tokens are longer.',
    why: 'The service refuses it.',
    fix: 'Shorten the value.',
    fixable: false,
    sources: [pages.importing, pages.quotas, pages.endpoint],
    examples: [
      csv(`Id,Location.City\n1,${'x'.repeat(76)}\n`, `Id,Location.City\n1,${'x'.repeat(75)}\n`),
      ndjson(
        `{"Id":"1","Attributes":{"Plan":["${'x'.repeat(101)}"]}}\n`,
        `{"Id":"1","Attributes":{"Plan":["${'x'.repeat(100)}"]}}\n`,
      ),
    ],
  },
  'value-blanks': {
    severity: 'info',
    title: 'Blanks around a value',
    what: 'A value that begins or ends with a blank, of an attribute that has a form: Id, User.UserId, Address, ChannelType, OptOut, Country, Locale, Timezone, EffectiveDate, coordinates and metrics. Custom attributes and other text may have blanks.',
    why: `${silent}; it may become a part of the value.`,
    fix: 'Remove the blanks.',
    fixable: true,
    sources: [pages.importing],
    examples: [
      csv('Id,Location.Country\n1, US\n', 'Id,Location.Country\n1,US\n'),
      ndjson('{"User":{"UserId":"user-1 "}}\n', '{"User":{"UserId":"user-1"}}\n'),
    ],
  },
  'name-too-long': {
    severity: 'error',
    title: 'The name is too long',
    what: 'A name in Attributes, Metrics or User.UserAttributes of more than 50 characters (Unicode code points).',
    why: 'The service refuses it.',
    fix: 'Shorten the name.',
    fixable: false,
    sources: [pages.importing, pages.quotas],
    examples: [
      csv(`Id,Attributes.${'x'.repeat(51)}\n1,a\n`, `Id,Attributes.${'x'.repeat(50)}\n1,a\n`),
      ndjson(
        `{"Id":"1","Metrics":{"${'x'.repeat(51)}":1}}\n`,
        `{"Id":"1","Metrics":{"${'x'.repeat(50)}":1}}\n`,
      ),
    ],
  },
  'name-characters': {
    severity: 'warning',
    title: 'A name that the console cannot show',
    what: 'A name in Attributes, Metrics or User.UserAttributes that holds one of # : ? \\ /.',
    why: 'The console of Amazon Pinpoint cannot show attributes with such names.',
    fix: 'Use another name.',
    fixable: false,
    sources: [pages.endpoint],
    examples: [
      csv('Id,Attributes.a/b\n1,x\n', 'Id,Attributes.a_b\n1,x\n'),
      ndjson('{"Id":"1","Attributes":{"a:b":["x"]}}\n', '{"Id":"1","Attributes":{"a_b":["x"]}}\n'),
    ],
  },
  'too-many-values': {
    severity: 'error',
    title: 'Too many values of one attribute',
    what: 'An attribute with more than 50 values. The 51st is marked.',
    why: 'An attribute may have 50 values.',
    fix: 'Keep the values that are needed.',
    fixable: false,
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
  },
  'too-many-attributes': {
    severity: 'error',
    title: 'Too many custom attributes',
    what: 'More than 250 different names in Attributes, Metrics and User.UserAttributes together. The 251st is marked, once.',
    why: 'A project may have 250 of them, and every name that was ever used counts until it is removed.',
    fix: 'Leave out what no segment and no template needs.',
    fixable: false,
    sources: [pages.quotas],
    examples: [
      csv(
        `Id${Array.from({ length: 251 }, (_, n) => `,Metrics.m${n}`).join('')}\n1${',1'.repeat(251)}\n`,
        `Id${Array.from({ length: 250 }, (_, n) => `,Metrics.m${n}`).join('')}\n1${',1'.repeat(250)}\n`,
      ),
    ],
  },
  'too-many-endpoints-per-user': {
    severity: 'error',
    title: 'Too many endpoints of one user',
    what: 'A record that is the 16th or a later one with the same User.UserId in this file.',
    why: 'A user may have 15 endpoints. Depending on the channel, the service refuses the 16th or makes the oldest one inactive.',
    fix: 'Remove endpoints that are not used any more, or correct the user IDs.',
    fixable: false,
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
  },
  'record-too-large': {
    severity: 'error',
    title: 'The endpoint is too large',
    what: 'An endpoint of more than 15 KB (15,360 bytes), measured as its line of JSON. Lines of more than 4 MiB are not looked into any further.',
    why: 'An endpoint may have 15 KB.',
    fix: 'Leave out what no segment and no template needs.',
    fixable: false,
    sources: [pages.quotas],
    examples: [],
  },
} as const satisfies Readonly<Record<string, Rule>>;

export type RuleCode = keyof typeof rules;

/** Every code, in the order of the catalogue. */
export const ruleCodes = Object.keys(rules) as readonly RuleCode[];

/** The catalogue's entry for a code. */
export function rule(code: RuleCode): Rule {
  return rules[code];
}

/** True where `code` is one of the catalogue: for what users and scripts wrote. */
export function isRuleCode(code: string): code is RuleCode {
  return Object.hasOwn(rules, code);
}
