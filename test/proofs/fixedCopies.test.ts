import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { Finding } from '../../src/endpoints/rules/finding.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import { fixOf, isFixedInPlace } from '../../src/endpoints/editing/fixes.ts';
import { linesOf } from '../support/textLines.ts';
import type { RuleCode } from '../../src/endpoints/rules/ruleTable.ts';
import { writeFixedCopy, type FixedCopyReport } from '../../src/endpoints/transform/fixedCopy.ts';
import { toCsv, toNdjson, validEndpoints, type Endpoint } from '../support/endpointFiles.ts';
import { seeded, type Random } from '../support/random.ts';
import { fixedText } from '../unit/endpoints/changed.ts';
import { defects } from './defects.ts';
import { validate } from './validateInProcess.ts';
import { transformed } from '../unit/transform/files.ts';

const seeds = 5;
const several = 150;

function codesOf(bytes: Uint8Array | string, type: FileType): readonly RuleCode[] {
  const { issues } = validate(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes, type);
  return issues.map(({ code }) => code);
}

/** What could be put right and is still there. */
function fixableStill(text: string, type: FileType): readonly Finding[] {
  return validate(new TextEncoder().encode(text), type).issues.filter(
    (issue) => isFixedInPlace(issue.code) && fixOf(issue, linesOf(text, type))?.safe === true,
  );
}

/** Spoils some values as people and programs do, so that one record may have several things wrong with it. */
function spoilt(endpoint: Endpoint, random: Random): Endpoint {
  for (const [path, values] of endpoint) {
    if (random.chance(0.5)) continue;
    const [value = ''] = values;
    if (path === 'ChannelType' || path === 'OptOut') endpoint.set(path, [value.toLowerCase()]);
    else if (path === 'Demographic.Locale') endpoint.set(path, [value.replace('_', '-')]);
    else if (path === 'Location.Country') endpoint.set(path, ['DEU']);
    else if (path === 'Location.City') endpoint.set(path, [` ${value}\t`]);
  }
  if (random.chance(0.2)) endpoint.set('CohortId', ['7']);
  return endpoint;
}

const copyOf = (
  name: string,
  content: string | Uint8Array,
  options?: Omit<Parameters<typeof writeFixedCopy>[0], 'source'>,
): Promise<{ readonly text: string; readonly texts: readonly string[]; readonly report: FixedCopyReport }> =>
  transformed(writeFixedCopy, name, content, options);

describe('Fixed copies of generated files', () => {
  it('equals Fix All in an editor, for every defect', async () => {
    for (const defect of defects)
      for (const type of defect.types)
        for (let seed = 1; seed <= seeds; seed++) {
          const { wrong } = defect.make(seeded(seed), type);
          if (['file-encoding', 'file-compressed', 'file-empty'].includes(defect.code)) continue;
          const text = new TextDecoder('utf-8', { fatal: true }).decode(wrong);
          const where = `${defect.code} ${defect.name} seed ${seed}`;
          const copy = await copyOf(`f.${type}`, wrong, { chunkBytes: 1 + seed * 7 }).catch(
            (error: unknown) => {
              throw new Error(where, { cause: error });
            },
          );
          assert.equal(copy.text, await fixedText({ text, type }), where);
          assert.deepEqual(fixableStill(copy.text, type), [], where);
        }
  });

  it('has no fixed problem left if records have several defects, and no other change', async () => {
    let fixed = 0;
    for (let seed = 1; seed <= several; seed++) {
      const random = seeded(seed);
      const type = random.pick(['csv', 'ndjson'] as const);
      const right = validEndpoints(random, { records: 1 + random.int(8) });
      const style = random.int(2 ** 32);
      const endpoints = right.map((endpoint) => spoilt(new Map(endpoint), random));
      const write = type === 'csv' ? toCsv : toNdjson;
      const { text } = write(endpoints, seeded(style));
      const { text: copy, report } = await copyOf(`f.${type}`, text, { chunkBytes: 1 + random.int(300) });
      assert.equal(copy, await fixedText({ text, type }), `seed ${seed}`);
      assert.deepEqual(fixableStill(copy, type), [], `seed ${seed}`);
      const before = codesOf(text, type);
      const after = codesOf(copy, type);
      for (const { code, count } of report.fixed) {
        fixed += count;
        assert.ok(before.includes(code), `seed ${seed}: ${code}`);
        assert.ok(!after.includes(code), `seed ${seed}: ${code} is still there`);
      }
      if (report.fixed.length === 0) assert.equal(copy, text, `seed ${seed}`);
      // A copy of the copy has nothing to fix.
      const again = await copyOf(`f.${type}`, copy);
      assert.deepEqual([again.text, again.report.fixed], [copy, []], `seed ${seed}`);
    }
    assert.ok(fixed > several);
  });
});
