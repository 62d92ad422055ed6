import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, it } from 'mocha';
import { attributes, responseOnly } from '../../../src/endpoints/model/attributes.ts';
import type { RuleCode } from '../../../src/endpoints/rules/ruleTable.ts';
import {
  endpointSchema,
  storedEndpointSchema,
  type JsonSchema,
} from '../../../src/endpoints/model/jsonSchema.ts';
import { root } from '../../../tools/paths.ts';
import { editorKeywords } from '../../../tools/validators.ts';
import {
  endpointSchemaFile,
  endpointSchemaText,
  storedEndpointSchemaFile,
  storedEndpointSchemaText,
} from '../../../tools/schemas.ts';
import { toNdjson, validEndpoints } from '../../support/endpointFiles.ts';
import { seeded } from '../../support/random.ts';
import { defects } from '../../proofs/defects.ts';

const ajv = new Ajv({ allErrors: true, strictTypes: true, keywords: editorKeywords });
const validate = ajv.compile(endpointSchema());

function isValid(line: string): boolean {
  return validate(JSON.parse(line));
}

/** Codes that a schema of one endpoint can see, whatever is wrong by them. */
const seen: readonly RuleCode[] = [
  'address-missing',
  'channel-type-missing',
  'channel-type-unknown',
  'id-characters',
  'json-not-object',
  'json-type',
  'json-unknown-member',
  'latitude-range',
  'locale-form',
  'location-unpaired',
  'longitude-range',
  'name-too-long',
  'opt-out-unknown',
  'too-many-values',
  'value-too-long',
];

describe('The JSON schema of an endpoint', () => {
  it('matches the generated file (otherwise run node tools/schemas.ts), which the manifest contributes', () => {
    assert.equal(readFileSync(endpointSchemaFile, 'utf8'), endpointSchemaText());
    const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      contributes: { jsonValidation: { fileMatch: string[]; url: string }[] };
    };
    const files = manifest.contributes.jsonValidation.find(
      ({ url }) => join(root, url) === endpointSchemaFile,
    );
    assert.ok(files?.fileMatch.includes('*.endpoint.json'));
  });

  it('has a description for every attribute at its path', () => {
    for (const { path, help } of [...attributes, ...responseOnly]) {
      const found = path
        .split('.')
        .reduce<JsonSchema | undefined>(
          (at, name) =>
            name === '*' ? (at?.additionalProperties as JsonSchema | undefined) : at?.properties?.[name],
          endpointSchema(),
        );
      assert.equal(found?.description, help, path);
    }
  });

  it('accepts every valid endpoint', () => {
    for (let seed = 1; seed <= 2000; seed++) {
      const file = toNdjson(validEndpoints(seeded(seed), { users: true }), seeded(seed));
      for (const line of file.lines) {
        assert.ok(isValid(line), `${line}\n${JSON.stringify(validate.errors)}`);
      }
    }
  });

  for (const code of seen) {
    it(`rejects what the rule ${code} finds`, () => {
      const ofCode = defects.filter((defect) => defect.code === code && defect.types.includes('ndjson'));
      assert.ok(ofCode.length > 0);
      for (const defect of ofCode) {
        for (let seed = 1; seed <= 100; seed++) {
          const { wrong, expected } = defect.make(seeded(seed), 'ndjson');
          // Valid endpoints can have infos.
          if (expected.severity === 'info') continue;
          const line = new TextDecoder().decode(wrong).split('\n')[expected.line - 1]!;
          assert.ok(!isValid(line), `${defect.name}, seed ${seed}: ${line}`);
        }
      }
    });
  }

  it('accepts endpoints as the service returns them', () => {
    assert.equal(readFileSync(storedEndpointSchemaFile, 'utf8'), storedEndpointSchemaText());
    assert.match(endpointSchemaText(), /deprecationMessage/);
    assert.doesNotMatch(storedEndpointSchemaText(), /deprecationMessage/);
    const stored = ajv.compile(storedEndpointSchema());
    const told = { Id: '1', EndpointStatus: 'ACTIVE', CohortId: '7', User: {}, ApplicationId: 'p' };
    assert.ok(stored(told), JSON.stringify(stored.errors));
    assert.equal(stored({ ...told, Colour: 'red' }), false);
  });
});
