import { createRequire } from 'node:module';
import { join } from 'node:path';
import { standardError } from '../src/endpoints/engine/host/distinctEstimate.ts';
import { profileOf } from '../src/endpoints/report/profile.ts';
import { createValidator } from '../src/endpoints/validation/validator.ts';
import { dataFile } from './data.ts';

/*
 * Compares the counts of a report on a CSV file with those of DuckDB: node bench/report.ts. Fails if they differ by more than
 * an estimate may.
 */

interface DuckDB {
  readonly DuckDBInstance: {
    create(path: string): Promise<{ connect(): Promise<Connection> }>;
  };
}
interface Connection {
  runAndReadAll(sql: string): Promise<{ getRowsJS(): unknown[][] }>;
}

const peer: (name: string) => unknown = createRequire(join(import.meta.dirname, 'package.json'));
const { DuckDBInstance } = peer('@duckdb/node-api') as DuckDB;
const { path } = await dataFile('csv', '10 MB');

const validator = createValidator({
  workerFile: new URL('../src/endpoints/validation/worker.ts', import.meta.url),
  threads: 2,
});
const profile = profileOf((await validator.file(path, { type: 'csv', statistics: true })).statistics!);
await validator.dispose();

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const source = `read_csv('${path}', header = true, delim = ',', quote = '"', escape = '"', all_varchar = true)`;
const ask = async (sql: string): Promise<unknown[][]> => (await connection.runAndReadAll(sql)).getRowsJS();

let wrong = 0;
function compare(what: string, counted: number, due: number, error = 0): void {
  const differs = Math.abs(counted - due) > error * due;
  if (differs) wrong++;
  console.log(`${differs ? 'WRONG' : 'right'}  ${what}: ${counted}, DuckDB ${due}`);
}

const [[records] = []] = await ask(`SELECT count(*) FROM ${source}`);
compare('records', profile.records, Number(records));
for (const { path: name, filled, values, distinct, longest, numbers, top } of profile.attributes) {
  // DuckDB renames repeated columns.
  if (values !== filled) continue;
  const column = `"${name}"`;
  const [[count, distinctCount, length, least, most, mean] = []] = await ask(
    `SELECT count(${column}), count(DISTINCT ${column}), max(length(${column})),
            min(TRY_CAST(${column} AS DOUBLE)), max(TRY_CAST(${column} AS DOUBLE)), avg(TRY_CAST(${column} AS DOUBLE)) FROM ${source}`,
  );
  compare(`${name}: filled`, filled, Number(count));
  compare(
    `${name}: distinct${distinct.exact ? '' : ' (estimate)'}`,
    distinct.count,
    Number(distinctCount),
    distinct.exact ? 0 : 4 * standardError,
  );
  compare(`${name}: longest`, longest, Number(length));
  if (numbers !== undefined) {
    compare(`${name}: least`, numbers.least, Number(least));
    compare(`${name}: most`, numbers.most, Number(most));
    compare(`${name}: mean`, numbers.mean, Number(mean), 1e-9);
  }
  for (const { value, count: times } of top?.values ?? []) {
    const [[due] = []] = await ask(
      `SELECT count(*) FROM ${source} WHERE ${column} = '${value.replaceAll("'", "''")}'`,
    );
    compare(`${name}: ${value}`, times, Number(due));
  }
}
const [, ...users] = await ask(
  `SELECT 0, 0 UNION ALL SELECT endpoints, count(*) FROM (SELECT least(count(*), 16) AS endpoints FROM ${source} WHERE "User.UserId" IS NOT NULL GROUP BY "User.UserId") GROUP BY endpoints`,
);
for (const [endpoints, count] of users) {
  compare(
    `users with ${String(endpoints)} endpoints`,
    profile.users.byEndpoints[Number(endpoints) - 1] ?? 0,
    Number(count),
  );
}
if (wrong > 0) process.exitCode = 1;
