import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { fixOf } from '../../../src/endpoints/editing/fixes.ts';
import type { FileType } from '../../../src/endpoints/model/fileType.ts';
import { fixText } from '../../../src/endpoints/transform/fixedText.ts';
import { linesOf } from '../../support/textLines.ts';
import { WorkCounter } from '../../support/work.ts';
import { validate } from '../../proofs/validateInProcess.ts';

/** Lines with `count` findings each. */
const lines: readonly [name: string, type: FileType, line: (count: number) => string][] = [
  ['unknown columns', 'csv', (count) => `Id${',optOut'.repeat(count)}\n1${',ALL'.repeat(count)}\n`],
  ['unknown columns without a near name', 'csv', (count) => `Id${names(count)}\n1${',x'.repeat(count)}\n`],
  ['tabs in column names', 'csv', (count) => `Id${',a\tb'.repeat(count)}\n1${',x'.repeat(count)}\n`],
  ['columns only in exports', 'csv', (count) => `Id${',CohortId'.repeat(count)}\n1${',x'.repeat(count)}\n`],
  ['spaces around names', 'csv', (count) => `Id${', Attributes.a'.repeat(count)}\n1${',x'.repeat(count)}\n`],
  ['tabs in a cell', 'csv', (count) => `Id,Attributes.a\n1,é${'\tx'.repeat(count)}\n`],
  ['line breaks in a cell', 'csv', (count) => `Id,Attributes.a\n1,"é${'\nx'.repeat(count)}"\n`],
  ['carriage returns in a cell', 'csv', (count) => `Id,Attributes.a\n1,"é${'\rx'.repeat(count)}"\n`],
  ['empty lines', 'csv', (count) => `Id,OptOut\n1,ALL\n${'\n'.repeat(count)}2,ALL\n`],
  ['unknown members', 'ndjson', (count) => `{"Id":"1"${',"adress":"x"'.repeat(count)}}\n`],
  ['members only in exports', 'ndjson', (count) => `{"Id":"1"${',"CohortId":"x"'.repeat(count)}}\n`],
  ['wrong types', 'ndjson', (count) => `{"Id":"1","Attributes":{"é":["y"]${attributes(count)}}}\n`],
];

function names(count: number): string {
  return Array.from({ length: count }, (_, index) => `,column number ${index}`).join('');
}

function attributes(count: number): string {
  return Array.from({ length: count }, (_, index) => `,"a${index}":"x"`).join('');
}

describe('The work of fixing', () => {
  const counter = new WorkCounter();
  before(() => counter.start());
  after(() => counter.stop());

  const [few, many] = [200, 1600];
  for (const [name, type, line] of lines) {
    it(`is proportional to the line: ${name}`, async () => {
      const fixAll = (count: number): Promise<number> =>
        counter.workOf(() => fixText({ text: line(count), type }));
      const fixEach = (count: number): Promise<number> => {
        const text = line(count);
        const findings = validate(Buffer.from(text), type).issues;
        assert.ok(findings.length >= Math.min(count, 1000), `${findings.length} findings`);
        const document = linesOf(text, type);
        return counter.workOf(() => findings.map((finding) => fixOf(finding, document)));
      };
      for (const work of [fixAll, fixEach]) {
        const [small, large] = [await work(few), await work(many)];
        assert.ok(
          large <= (1.5 * many * small) / few,
          `${work.name}: ${small} for ${few}, ${large} for ${many}`,
        );
      }
    });
  }
});
