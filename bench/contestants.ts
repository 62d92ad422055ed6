import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FileType } from '../src/endpoints/model/fileType.ts';
import { endpointSchema } from './schema.ts';

/** Somebody who reads endpoint files, with as much checking as `does` says. */
export interface Contestant {
  readonly name: string;
  readonly types: readonly FileType[];
  readonly does: string;
  /** Takes a minute for 1 GB: there it runs only once. */
  readonly slow?: boolean;
  /** Also reads 4 GB. */
  readonly readsHuge?: boolean;
  /** Loads what it needs of code, which is not timed. */
  readonly load: () => Run | Promise<Run>;
}

/** Reads the file from disk; resolves with the number of records, so that every contestant shows that it read all of them. */
export type Run = (file: string, type: FileType) => Promise<number>;

/** The worker that build.ts puts beside the bundle of child.ts. */
export const workerFile = new URL('worker.mjs', import.meta.url);

/** Everyone that takes part, ours first. Ids are used between processes. */
export const contestants: Readonly<Record<string, Contestant>> = {
  'validator-1': validator(1),
  'validator-2': validator(2),
  'report-1': validator(1, true),
  'report-2': validator(2, true),
  'duckdb-1': duckdb(1),
  'duckdb-2': duckdb(2),
  papaparse: { name: 'PapaParse', types: ['csv'], does: 'parse only', load: papaparse },
  'csv-parse': { name: 'csv-parse', types: ['csv'], does: 'parse only', slow: true, load: csvParse },
  udsv: { name: 'uDSV', types: ['csv'], does: 'parse only, strings', load: udsv },
  readline: {
    name: 'readline + JSON.parse',
    types: ['ndjson'],
    does: 'parse only',
    load: readlineAndParse,
  },
  ajv: {
    name: 'JSON.parse + ajv',
    types: ['ndjson'],
    does: 'structure and lengths',
    load: parseAndAjv,
  },
  newlines: {
    name: 'newline scan',
    types: ['csv', 'ndjson'],
    does: 'nothing: the limit of one core',
    load: newlines,
  },
};

function validator(threads: number, statistics = false): Contestant {
  return {
    name: `this validator${statistics ? ' with report' : ''}, ${threads} thread${threads === 1 ? '' : 's'}`,
    types: ['csv', 'ndjson'],
    does: statistics ? 'every rule, and counts values' : 'every rule',
    readsHuge: !statistics,
    async load() {
      const { createValidator } = await import('../src/endpoints/validation/validator.ts');
      return async (file, type) => {
        const validator = createValidator({ workerFile, threads });
        try {
          const { records, counts } = await validator.file(file, { type, statistics });
          const found = Object.keys(counts).filter((code) => code !== 'file-too-large');
          if (found.length > 0) throw new Error(`Nothing is wrong with ${file}, but found: ${found.join()}`);
          return records;
        } finally {
          await validator.dispose();
        }
      };
    },
  };
}

/**
 * Loads a peer. Children run in the project's folder. The packages aren't the project's own (see package.json here), so only
 * the parts that are used are declared to the compiler.
 */
const peer: (name: string) => unknown = createRequire(join(process.cwd(), 'bench', 'package.json'));

interface DuckDB {
  readonly DuckDBInstance: {
    create(path: string, options: Record<string, string>): Promise<{ connect(): Promise<DuckDBConnection> }>;
  };
}
interface DuckDBConnection {
  runAndReadAll(sql: string): Promise<{ getRowsJS(): unknown[][] }>;
}

function duckdb(threads: number): Contestant {
  return {
    name: `DuckDB, ${threads} thread${threads === 1 ? '' : 's'}`,
    types: ['csv', 'ndjson'],
    does: 'scan, one regexp, two lengths',
    readsHuge: true,
    load() {
      const { DuckDBInstance } = peer('@duckdb/node-api') as DuckDB;
      return async (file, type) => {
        const database = await DuckDBInstance.create(':memory:', { threads: String(threads) });
        const connection = await database.connect();
        const path = file.replaceAll("'", "''");
        const source =
          type === 'csv'
            ? `read_csv('${path}', header = true, delim = ',', quote = '"', escape = '"', all_varchar = true)`
            : `read_ndjson('${path}')`;
        const [make, city] =
          type === 'csv' ? ['"Demographic.Make"', '"Location.City"'] : ['Demographic.Make', 'Location.City'];
        const result = await connection.runAndReadAll(
          `SELECT count(*),
                  count(*) FILTER (NOT regexp_matches(Address, '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$|^\\+[1-9][0-9]{6,14}$')),
                  count(*) FILTER (length(${make}) > 50),
                  count(*) FILTER (length(${city}) > 75)
           FROM ${source}`,
        );
        return Number(result.getRowsJS()[0]![0]);
      };
    },
  };
}

interface Papa {
  parse(
    source: NodeJS.ReadableStream,
    options: { step(): void; complete(): void; error(error: Error): void; skipEmptyLines: boolean },
  ): void;
}

function papaparse(): Run {
  const papa = peer('papaparse') as Papa;
  return async (file) => {
    let rows = 0;
    await new Promise<void>((resolve, reject) =>
      papa.parse(createReadStream(file), {
        skipEmptyLines: true,
        step: () => {
          rows++;
        },
        complete: resolve,
        error: reject,
      }),
    );
    return rows - 1;
  };
}

interface CsvParse {
  readonly parse: () => NodeJS.ReadWriteStream;
}

function csvParse(): Run {
  const { parse } = peer('csv-parse') as CsvParse;
  return async (file) => {
    const parser = createReadStream(file).pipe(parse());
    let rows = 0;
    await new Promise<void>((resolve, reject) => {
      parser.on('readable', () => {
        while ((parser.read() as unknown) !== null) rows++;
      });
      parser.on('error', reject);
      parser.on('end', resolve);
    });
    return rows - 1;
  };
}

interface Udsv {
  readonly inferSchema: (start: string) => unknown;
  readonly initParser: (schema: unknown) => UdsvParser;
}
interface UdsvParser {
  readonly stringArrs: unknown;
  chunk(text: string, parse: unknown, onRow: () => void): void;
  end(): void;
}

function udsv(): Run {
  const { inferSchema, initParser } = peer('udsv') as Udsv;
  return async (file) => {
    let parser: UdsvParser | undefined;
    let rows = 0;
    const onRow = (): void => {
      rows++;
    };
    for await (const text of createReadStream(file, 'utf8') as AsyncIterable<string>) {
      parser ??= initParser(inferSchema(text));
      parser.chunk(text, parser.stringArrs, onRow);
    }
    parser?.end();
    return rows;
  };
}

function readlineAndParse(): Run {
  return async (file) => {
    let records = 0;
    await new Promise<void>((resolve, reject) => {
      const input = createReadStream(file).on('error', reject);
      createInterface({ input, crlfDelay: Infinity })
        .on('line', (line) => {
          if (typeof JSON.parse(line) === 'object') records++;
        })
        .on('close', resolve);
    });
    return records;
  };
}

interface Ajv {
  readonly Ajv: new () => { compile(schema: object): (value: unknown) => boolean };
}

/** Splits lines itself, which is faster than readline. */
function parseAndAjv(): Run {
  const { Ajv } = peer('ajv') as Ajv;
  const isEndpoint = new Ajv().compile(endpointSchema);
  return async (file) => {
    let records = 0;
    let invalid = 0;
    let rest = '';
    const check = (line: string): void => {
      if (line === '') return;
      records++;
      if (!isEndpoint(JSON.parse(line))) invalid++;
    };
    const pieces = createReadStream(file, { encoding: 'utf8', highWaterMark: 1 << 18 });
    for await (const text of pieces as AsyncIterable<string>) {
      const lines = (rest + text).split('\n');
      rest = lines.pop()!;
      lines.forEach(check);
    }
    check(rest);
    if (invalid > 0) throw new Error(`The schema refuses ${invalid} of ${records} valid records`);
    return records;
  };
}

function newlines(): Run {
  return async (file, type) => {
    const handle = await open(file);
    const buffer = Buffer.allocUnsafe(1 << 20);
    let lines = 0;
    try {
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length);
        if (bytesRead === 0) break;
        const bytes = buffer.subarray(0, bytesRead);
        for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++;
      }
    } finally {
      await handle.close();
    }
    return type === 'csv' ? lines - 1 : lines;
  };
}
