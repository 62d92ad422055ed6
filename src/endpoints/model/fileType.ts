/** What the format of a file is called in the CLI's output and in import jobs (`ndjson` is the service's `JSON`). */
export type FileType = 'csv' | 'ndjson';

const extensions: readonly (readonly [pattern: RegExp, type: FileType])[] = [
  [/\.csv$/i, 'csv'],
  [/\.(json|ndjson|jsonl)$/i, 'ndjson'],
];

/** The format by a file's extension; `undefined` if it isn't one of an endpoint file. */
export function namedFileType(name: string): FileType | undefined {
  return extensions.find(([pattern]) => pattern.test(name))?.[1];
}

/** The format by a file's extension, NDJSON if that says nothing. `.gz` after it doesn't count. */
export function fileTypeOf(name: string): FileType {
  return namedFileType(name.replace(/\.gz$/i, '')) ?? 'ndjson';
}

/** True for NDJSON extensions; `.json` isn't one, because it can be anything. */
export function isNamedNdjson(name: string): boolean {
  return /\.(ndjson|jsonl)$/i.test(name);
}
