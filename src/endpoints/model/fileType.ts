/** What the format of a file is called in the CLI's output and in import jobs (`ndjson` is the service's `JSON`). */
export type FileType = 'csv' | 'ndjson';
