import assert from 'node:assert/strict';
import { appendFile, rm, utimes, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { failureTexts, findFailures } from '../../../src/jobs/failures/findFailures.ts';
import type { RunRecord, SourceFile } from '../../../src/jobs/runs/runRecord.ts';
import type { ImportPlan, Runs } from '../../../src/jobs/runs/runs.ts';
import { Workplace } from './workplace.ts';

describe('import failures', () => {
  let place: Workplace;
  let runs: Runs;

  beforeEach(async () => {
    place = await Workplace.open();
    runs = place.window();
    await runs.ready;
  });
  afterEach(() => place.close());

  async function imported(
    files: readonly SourceFile[],
    change: Partial<ImportPlan> = {},
  ): Promise<RunRecord> {
    const { id } = await runs.startImport(place.connection, place.importPlan(files, change), {});
    return runs.waitFor(id);
  }

  async function placesOf(record: RunRecord): Promise<readonly string[]> {
    const { failures, changed, gone } = await findFailures(record.import!, failureTexts(record));
    assert.deepEqual([changed, gone], [[], []]);
    return failures.map(({ place: at }) =>
      at === undefined ? 'nowhere' : `${basename(at.path)}:${at.line}${at.candidates > 1 ? '?' : ''}`,
    );
  }

  it('point to the records of a CSV file, whatever is wrong with them', async () => {
    const file = await place.file(
      'x.csv',
      [
        '\ufeffChannelType,Address,Id,OptOut,Location.Latitude,Location.Longitude,User.UserId',
        'EMAIL,a@example.com,1,NONE,,,',
        'EMAIL,b@example.com,2,NONE,400,1,',
        '"MAIL","c, c@example.com","3","NONE",,,',
        'EMAIL,d@example.com,4,MAYBE,,,u{1}',
        'email,e@example.com,5,NONE,,,',
        'EMAIL,"f',
        'f@example.com",6,NONE,,,',
        'EMAIL,g@example.com,7',
        '',
        'FAX,nobody,8,NONE,,,"Ä ""quoted"" name"',
        'EMAIL,i@example.com,10,NONE,,,',
        '',
      ].join('\r\n'),
    );
    const record = await imported([file]);
    assert.equal(record.state, 'completed');
    assert.deepEqual(
      await placesOf(record),
      ['x.csv:3', 'x.csv:4', 'x.csv:5', 'x.csv:6', 'x.csv:7', 'x.csv:9', 'x.csv:11'],
    ); // prettier-ignore
  });

  it('point to the lines of an NDJSON file, including long ones and invalid JSON after the first MiB', async () => {
    const good = (n: number): string =>
      `{"ChannelType":"EMAIL","Address":"p${n}@example.com","Id":"${n}","Attributes":{"a":["${'x'.repeat(90)}"]}}`;
    const lines = Array.from({ length: 9000 }, (_, n) => good(n));
    lines[10] = '{"ChannelType":"MAIL","Address":"no address","Id":"10"}';
    lines[20] = `{"ChannelType":"EMAIL","Address":"q@example.com","Id":"20","Attributes":{"a":["${'y'.repeat(700)}"]}}`;
    lines[8990] = '{"ChannelType":"EMAIL", Id: "x"}';
    lines[8995] = '{"ChannelType":"EMAIL","Id":"8995"';
    const file = await place.file('x.ndjson', `${lines.join('\n')}\n`);
    const record = await imported([file], { format: 'JSON' });
    assert.deepEqual(await placesOf(record), [
      'x.ndjson:11', 'x.ndjson:21', 'x.ndjson:8991', 'x.ndjson:8996',
    ]); // prettier-ignore
    const { failures } = await findFailures(record.import!, failureTexts(record));
    assert.equal(lines[8990].charAt(failures[2]!.place!.column! - 1), 'I');
  });

  it('point to the position of the error if the service rejects a file', async () => {
    const text = '{"ChannelType":"EMAIL","Address":"a@example.com"}\n\n{"ChannelType":"SMS", Address: 1}\n';
    const file = await place.file('x.ndjson', text);
    await assert.rejects(imported([file], { format: 'JSON' }), { code: 'bad-input' });
    const record = runs.list()[0]!;
    const [failure] = (await findFailures(record.import!, failureTexts(record))).failures;
    assert.equal(failure?.place?.line, 3);
    assert.equal(text.split('\n')[2]?.charAt(failure.place.column! - 1), 'A');
  });

  it('point to the right one of several files, or to none if that is unknown', async () => {
    const header = 'ChannelType,Address,Id\n';
    const one = await place.file('one.csv', `${header}EMAIL,a@example.com,1\nMAIL,wrong,2\n`);
    const two = await place.file(
      'two.csv',
      `${header}EMAIL,b@example.com,3\nEMAIL,"x"y@example.com,4\nBAD,c@example.com,5\n`,
    );
    const three = await place.file('three.csv', `${header}EMAIL,d@example.com,6\nEMAIL,"never closed,7\n`);
    const record = await imported([one, two, three]);
    assert.deepEqual(await placesOf(record), ['one.csv:3', 'two.csv:3', 'two.csv:4', 'nowhere']);
  });

  it('report a changed or missing file, but not one saved without changes', async () => {
    const header = 'ChannelType,Address,Id\n';
    const file = await place.file('x.csv', `${header}EMAIL,a@example.com,1\nMAIL,wrong,2\n`);
    const record = await imported([file]);
    const find = (): ReturnType<typeof findFailures> => findFailures(record.import!, failureTexts(record));
    await utimes(file.path, new Date(), new Date(2_000_000_000_000));
    assert.deepEqual((await find()).changed, []);
    await writeFile(file.path, (await readFile(file.path, 'utf8')).replace('a@example', 'b@example'));
    assert.deepEqual((await find()).changed, [file.path]);
    await writeFile(file.path, `${header}\n\nMAIL,wrong,2\n`);
    const moved = await find();
    assert.deepEqual([moved.changed, moved.failures[0]?.place?.line], [[file.path], 4]);
    await appendFile(file.path, 'x');
    assert.deepEqual((await find()).changed, [file.path]);
    await rm(file.path);
    const lost = await find();
    assert.deepEqual([lost.gone, lost.failures.map(({ place: at }) => at)], [[file.path], [undefined]]);
  });

  it('are no longer looked for once cancelled', async () => {
    const record = await imported([await place.file('x.csv', 'ChannelType,Address,Id\nMAIL,wrong,2\n')]);
    await assert.rejects(findFailures(record.import!, failureTexts(record), AbortSignal.abort()), {
      code: 'cancelled',
    });
  });
});
