import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { attributes, channels, limits } from '../../src/endpoints/model/attributes.ts';
import type { FileType } from '../../src/endpoints/model/fileType.ts';
import { toCsv, toNdjson, validEndpoints } from '../support/endpointFiles.ts';
import type { Endpoint, EndpointFile } from '../support/endpointFiles.ts';
import { seeded } from '../support/random.ts';
import type { Random } from '../support/random.ts';
import { validate } from './validateInProcess.ts';
import { proof } from './seeds.ts';

const rounds = Math.ceil(proof.files / 10);

/**
 * Values of all kinds, valid and invalid, for any attribute. Numeric attributes get only numbers: in CSV, `abc` is a metric
 * that isn't a number; in NDJSON it has the wrong type, and `1.` is a number only in CSV.
 */
const oddities = [
  '',
  ' ',
  ' x',
  'x ',
  'EMAIL',
  'email',
  'PUSH',
  'SMS',
  'GCM',
  'jane@example.com',
  'jane@example',
  '+12065550100',
  '12065550100',
  'a b c d e f g h',
  'ALL',
  'all',
  'US',
  'us',
  'USA',
  'UK',
  'en_US',
  'en-US',
  'Europe/Berlin',
  'europe/berlin',
  'US/Pacific',
  '2019-08-23T10:54:35.220Z',
  '23.08.2019',
  '${id}',
  'one two',
  '"',
  '""',
  ',',
  'é😀中',
  '\u00A0x',
  '\u2028',
  '\uFEFF',
  '__proto__',
];
const numbers = ['0', '-0', '90', '-90.5', '180', '181', '1e3', '1E-3', '12.50', '-1234567890123456789'];
const paths = attributes.map(({ path }) => path);

describe('A CSV file and the NDJSON of the same endpoints', function () {
  this.timeout(600_000);

  it(`have the same findings for every record, in ${rounds} pairs of files`, () => {
    let findings = 0;
    for (let index = 0; index < rounds; index++) {
      const seed = proof.seed + index;
      const random = seeded(seed);
      const endpoints = validEndpoints(random, { users: true, records: 1 + random.int(6) }).map((endpoint) =>
        odd(random, endpoint),
      );
      if (endpoints.some(isNothing)) continue;
      const [csv, ndjson] = [toCsv(endpoints, random), toNdjson(endpoints, random)];
      const [ofCsv, ofNdjson] = [verdicts(csv, endpoints.length), verdicts(ndjson, endpoints.length)];
      findings += ofCsv.flat().length;
      assert.deepEqual(ofNdjson, ofCsv, `PROOF_SEED=${seed}\n${csv.text}\n${ndjson.text}`);
    }
    assert.ok(findings > rounds, 'There are hardly any findings to compare');
  });

  it('agree on the size of a record', () => {
    for (let index = 0; index < Math.min(rounds, 400); index++) {
      const seed = proof.seed + index;
      const random = seeded(seed);
      const [endpoint] = validEndpoints(random, { records: 1 }) as [Endpoint];
      const family = random.pick(['Attributes.', 'User.UserAttributes.']);
      const signs = random.pick([
        ['x'],
        ['"', 'x'],
        ['\\'],
        ['é', '中', '😀'],
        ['\u0001', '\u001F'],
        ['\u007F', '\u2028'],
      ]);
      const names = random.int(40);
      for (let name = 0; name < names; name++)
        endpoint.set(
          `${family}${random.text(['n', '中'], 1 + random.int(40))}${name}`,
          Array.from({ length: 1 + random.int(8) }, () =>
            random.text(signs, 1 + random.int(limits.nameLength)),
          ),
        );
      const text = JSON.stringify(JSON.parse(toNdjson([endpoint], random).text));
      const [csv, ndjson] = [
        validate(encode(toCsv([endpoint], random).text), 'csv'),
        validate(encode(text), 'ndjson'),
      ];
      const large = Buffer.byteLength(text) > limits.recordBytes;
      for (const outcome of [csv, ndjson])
        assert.equal(
          outcome.issues.some(({ code }) => code === 'record-too-large'),
          large,
          `PROOF_SEED=${seed}: ${Buffer.byteLength(text)} bytes as JSON`,
        );
    }
  });
});

/** An endpoint with some of its values replaced, and some values more. */
function odd(random: Random, endpoint: Endpoint): Endpoint {
  for (let change = random.int(4); change > 0; change--) {
    const path = random.pick(paths).replace('*', random.pick(['Odd', 'Odder']));
    const type = attributes.find(
      (attribute) => attribute.path === path || attribute.path === path.replace(/[^.]+$/, '*'),
    )!.type;
    const value = random.pick(type === 'number' ? numbers : oddities);
    if (random.chance(0.15)) endpoint.delete(path);
    else
      endpoint.set(path, [
        random.chance(0.05) && type !== 'number' ? random.text(['x', 'é'], 45 + random.int(70)) : value,
      ]);
  }
  if (random.chance(0.1)) endpoint.set('ChannelType', [random.pick(channels).name]);
  return endpoint;
}

/** True where an endpoint has no value at all: as CSV it is a line of commas or an empty one, which has codes of its own. */
function isNothing(endpoint: Endpoint): boolean {
  return [...endpoint.values()].every((values) => values.every((value) => value === ''));
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The findings of each record: their codes and severities. */
function verdicts(file: EndpointFile, records: number): string[][] {
  const { issues } = validate(encode(file.text), file.type);
  return Array.from({ length: records }, (_, record) =>
    issues
      .filter(({ line, code }) => line === file.line(record) && !isOfFormat(code, file.type))
      .map(({ code, severity }) => `${code} ${severity}`)
      .sort(),
  );
}

/** Several user IDs with blanks between them are a custom of CSV files only. */
function isOfFormat(code: string, type: FileType): boolean {
  return type === 'csv' && code === 'user-ids-spaces';
}
