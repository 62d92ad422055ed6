import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { convertFile } from '../../../src/endpoints/transform/convert.ts';
import {
  comparisonDocument,
  fixedCopyDocument,
  transformDocument,
} from '../../../src/endpoints/transform/resultDocuments.ts';
import { writeFixedCopy } from '../../../src/endpoints/transform/fixedCopy.ts';
import type { Comparison } from '../../../src/endpoints/transform/comparisonResult.ts';
import { gzipped, textOfDocument, transformed } from './files.ts';

const file = { path: '/data/a b.csv', type: 'csv', records: 0 } as const;
const none = { count: 0, lines: [] };
const comparison: Comparison = {
  by: 'address',
  before: { ...file, duplicates: { count: 12_345, lines: [3, 4, 5, 6, 7, 8] }, withoutKey: none },
  after: { ...file, path: '/data/b.ndjson.gz', duplicates: none, withoutKey: none },
  added: 0,
  removed: 0,
  changed: 7,
  unchanged: 0,
  attributes: [{ path: 'Location.Latitude', added: 0, removed: 0, changed: 2 }],
  attributesOf: 2,
  ignored: ['Id'],
  assumed: [],
  examples: {
    added: [],
    removed: [],
    changed: [
      {
        key: 'EMAIL a',
        lineBefore: 2,
        lineAfter: 9,
        differences: [{ path: 'Attributes.x', before: [], after: ['`', ' a\nb ', 'x'.repeat(200)] }],
      },
    ],
  },
};

describe('pages about transformations', () => {
  it('say what was fixed in a copy and what remains, with links to the first lines', async () => {
    const { report } = await transformed(
      writeFixedCopy,
      'a.csv',
      'Id,OptOut,CohortId\n1,all,2\n2,secret\n3,none,7\n',
    );
    const copy = report.outputs[0]!.path;
    const document = fixedCopyDocument(report, {
      counts: { 'opt-out-unknown': 1, 'csv-column-count': 3 },
      issues: [{ code: 'csv-column-count', line: 3, file: copy }],
    });
    const page = textOfDocument(document);
    assert.match(page, /^Fixed 2 problems in 2 lines of \[a\.csv\]\([^)]*a\.csv\)/m);
    assert.match(page, /^\| opt-out-unknown \| .*OptOut \| 2 \| \[2\]\(.*a\.csv#2\), \[4\]\(.*#4\) \|$/m);
    assert.match(page, /^\| csv-column-count \| .* \| 3 \| \[3\]\(.*a\.fixed\.csv#3\) \|$/m);
    assert.match(page, /csv-header-response-only\): number of cells differs from the header in line \[3\]/);
    assert.doesNotMatch(page, /secret/);
  });

  it('say that nothing was lost, if nothing was', async () => {
    const { report } = await transformed(convertFile, 'a_b.csv', 'Id\n1\n');
    const page = textOfDocument(transformDocument(report));
    assert.match(page, /^# Conversion: a_b\.csv\n\n1 record, 5 bytes in, 11 bytes out\./);
    assert.match(page, /\| \[a_b\.ndjson\]\([^)]*[\\/]a_b\.ndjson\) \| 1 \| 11 \|/);
    assert.match(page, /Nothing was lost or changed\./);
  });

  it('say what was lost by attribute, with a link to each of the first lines, and no values', async () => {
    const secret = 'someone@example.com';
    const lines = `{"Id":"1","Address":["${secret}"]}\n`.repeat(20);
    const { report } = await transformed(convertFile, 'a.ndjson', lines);
    const page = textOfDocument(transformDocument(report));
    assert.match(
      page,
      /\| Changed \| values of the wrong type \| "Address" \| 20 \| \[1\]\(.*#1\).*\[5\]\(.*#5\), … \|/,
    );
    assert.equal(page.includes(secret) || JSON.stringify(report).includes(secret), false);
  });

  it("don't link to lines of a compressed file", async () => {
    const { report } = await transformed(convertFile, 'a.csv.gz', gzipped('Id,x\n1,2\n'));
    assert.match(textOfDocument(transformDocument(report)), /\| "x" \| 1 \| 2 \|/);
  });

  it('say how much of a comparison they show', () => {
    const page = textOfDocument(comparisonDocument(comparison));
    assert.match(page, /compared by channel and address/);
    assert.match(page, /Of the first 2 changed endpoints\./);
    assert.match(page, /The service rounds Latitude and Longitude to one decimal\./);
    assert.match(page, /The first 1 of 7:/);
    assert.match(page, /12,345 \(\[3\]\(\/data\/a b\.csv#3\), .*\[7\]\([^)]*\), …\)/);
    assert.match(page, /#2\) → 9 \| "EMAIL a" \| "Attributes\.x" \| – \| "`", " a\\nb ", "x{100}…" \|/);
    assert.equal(page.includes('## Added') || page.includes('## Removed'), false);
  });
});
