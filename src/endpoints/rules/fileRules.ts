import { counted } from './about.ts';
import { csv, ndjson, pages, undocumented, type Rule } from './rule.ts';

/** Rules about a file as a whole. */
export const fileRules = {
  'file-empty': {
    severity: 'error',
    title: 'Empty file',
    what: 'The file has no bytes, or it is a CSV file without a header.',
    why: 'There is nothing to import.',
    fix: 'Check that the program that wrote the file finished, and that it is the right file.',
    sources: [pages.importing],
    examples: [csv('', 'User.UserId\nuser-1\n')],
    message: {
      file: () => 'The file is empty.',
      header: () => 'The file has no header. Expected: a line with the column names.',
    },
  },
  'file-encoding': {
    severity: 'error',
    title: "File isn't UTF-8",
    what: "A byte that isn't UTF-8, marked at the first one. UTF-16 and UTF-32 files are named as such and not read.",
    why: 'Import files must be UTF-8. In another encoding, names and addresses arrive damaged.',
    fix: 'Save the file as UTF-8 (in VS Code: "Save with Encoding").',
    sources: [pages.importing],
    examples: [],
    message: {
      byte: () => "The file isn't UTF-8: this byte is invalid.",
      other: ({ word }) => `The file is ${word}. Expected: UTF-8.`,
    },
  },
  'file-bom': {
    severity: 'warning',
    title: 'Byte order mark',
    what: 'The first three bytes are EF BB BF, the mark that some programs write before UTF-8 text.',
    why: `${undocumented}. A reader that doesn't know the mark reads it as part of the first column's name.`,
    fix: 'Save the file as "UTF-8" instead of "UTF-8 with BOM", or write a fixed copy.',
    fixability: 'certain',
    sources: [pages.importing],
    examples: [csv('\uFEFFUser.UserId\nuser-1\n', 'User.UserId\nuser-1\n')],
    message: () => `The file starts with a byte order mark. ${undocumented}.`,
  },
  'file-compressed': {
    severity: 'error',
    title: 'Compressed file',
    what: 'The first bytes are those of a gzip, zip, bzip2, xz or Zstandard file.',
    why: "Compressed files can't be imported, although exports are written as gzip files.",
    fix: 'Unpack the file and import its content. Write Fixed Copy does so for gzip; other archives need their own program.',
    fixability: 'certain',
    sources: [pages.importing],
    examples: [],
    message: ({ word }) => `The file is compressed (${word}). Compressed files can't be imported.`,
  },
  'file-too-large': {
    severity: 'error',
    title: 'File is too large for an import job',
    what: 'The file has more than 1 GiB (1,073,741,824 bytes). From 1,000,000,000 bytes it is a warning, because the quota only says "1 GB".',
    why: 'An import job takes at most 1 GB.',
    fix: 'Split the file and import the parts one after the other. Write Fixed Copy splits files that are too large.',
    fixability: 'certain',
    sources: [pages.quotas, pages.importing],
    disputed:
      'The quotas page limits an import job to 1 GB. The User Guide says to use Amazon S3 for files that are larger than 1 GB.',
    examples: [],
    message: ({ number }) => `The file has ${counted(number, 'byte')}. The limit of an import job is 1 GB.`,
  },
  'file-json-array': {
    severity: 'error',
    title: 'Not one JSON object per line',
    what: "The file is one JSON array, or its objects are spread over several lines (pretty-printed). Its records aren't checked. A first line such as [INFO] counts as invalid JSON, not as an array.",
    why: "The service's JSON format is newline-delimited JSON: one complete object on each line.",
    fix: 'Write each object on one line, without brackets around them or commas between them.',
    fixability: 'certain',
    sources: [pages.importing, pages.importJobs],
    examples: [
      ndjson(
        '[\n  {"User": {"UserId": "user-1"}},\n  {"User": {"UserId": "user-2"}}\n]\n',
        '{"User":{"UserId":"user-1"}}\n{"User":{"UserId":"user-2"}}\n',
      ),
    ],
    message: {
      array: () => 'The file is one JSON array. Expected: one object per line, without brackets and commas.',
      spread: () => 'Objects span several lines. Expected: one object per line.',
    },
  },
  'file-mixed-formats': {
    severity: 'warning',
    title: 'Files have different formats',
    what: 'Files to be imported together are both CSV and JSON.',
    why: 'An import job reads one format.',
    fix: 'Import each format with its own job, from its own folder.',
    sources: [pages.importing, pages.defineImport],
    disputed:
      'The User Guide says that a path should only contain files of one type. The Developer Guide says that only the files of the given format are imported.',
    examples: [],
    message: ({ word }) => `This file is ${word}, the first one isn't. An import job reads one format.`,
  },
} as const satisfies Readonly<Record<string, Rule>>;
