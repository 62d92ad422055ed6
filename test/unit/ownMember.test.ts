import { convertFile } from '../../src/endpoints/transform/convert.ts';
import { readSegment } from '../../src/endpoints/model/segmentDefinition.ts';
import type { SeverityOverrides } from '../../src/endpoints/rules/finding.ts';
import { readMirrors } from '../../src/jobs/mirror/mirrorDeclaration.ts';
import { validate } from './endpoints/validateContent.ts';
import { transformed } from './transform/files.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ssoSessionOf } from '../../src/aws/connection/sharedConfig.ts';
import { decide } from '../../src/aws/iam/policy.ts';
import { readArguments } from '../../src/cli/options.ts';
import { putMember } from '../../src/endpoints/model/memberPaths.ts';
import { AudienceError } from '../../src/errors.ts';
import { fileError } from '../../src/fileErrors.ts';
import { getOwn, setOwn } from '../../src/ownMember.ts';
import { matches } from '../../src/sandbox/pinpoint/dimensions.ts';
import { readMetadata } from '../../src/sandbox/s3/request.ts';

/** What every object has without anybody having put it there. */
const inherited = [
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'isPrototypeOf',
  '__defineGetter__',
];

describe('Names that objects inherit, from files, services and requests', () => {
  for (const name of inherited) {
    it(`are names like any other: ${name}`, () => {
      const before = Reflect.ownKeys(Object.prototype).length;

      assert.equal(getOwn({ a: 1 }, name), undefined);
      const table: Record<string, number> = {};
      setOwn(table, name, 1);
      assert.deepEqual([Object.keys(table), getOwn(table, name)], [[name], 1]);

      for (const path of [`Attributes.${name}`, `${name}.inner`, `User.UserAttributes.${name}`]) {
        const record: Record<string, unknown> = {};
        putMember(record, path, ['x']);
        const [first = ''] = path.split('.');
        assert.deepEqual(Object.keys(record), [first], path);
        assert.match(JSON.stringify(record), new RegExp(`"${path.split('.').at(-1) ?? ''}":\\["x"\\]`), path);
      }

      const allow = {
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*', Condition: { [name]: { [name]: 'x' } } },
          { Effect: 'Allow', Action: '*', Resource: `\${${name}}`, Condition: {} },
        ],
      } as const;
      const request = { action: 's3:GetObject', resource: 'x', context: {} };
      // A computed `__proto__` is a member; what is written in a policy comes from JSON anyway.
      assert.equal(decide([allow], request).effect, 'unknown');
      assert.equal(decide([allow], { ...request, context: { known: ['x'] } }).effect, 'unknown');

      assert.equal(ssoSessionOf(name, {}), undefined);
      assert.throws(() => readArguments('validate', [`--${name}`], {}), AudienceError);
      const error = Object.assign(new Error('odd'), { code: name });
      assert.match(fileError(error, 'read', '/a').message, new RegExp(`: ${name}$`));

      const metadata = readMetadata({ headers: { [`x-amz-meta-${name}`]: 'x' } } as never);
      assert.deepEqual(Object.entries(metadata), [[name, 'x']]);

      const endpoint = { Id: '1', EffectiveDate: '2026-01-01', Attributes: {}, Metrics: {} } as never;
      const has = (dimensions: object): boolean => matches(dimensions, endpoint, 0);
      assert.equal(has({ Attributes: { [name]: { AttributeType: 'INCLUSIVE', Values: ['x'] } } }), false);
      assert.equal(has({ Attributes: { [name]: { AttributeType: 'EXCLUSIVE', Values: ['x'] } } }), true);
      assert.equal(has({ Metrics: { [name]: { ComparisonOperator: name, Value: 1 } } }), false);

      assert.equal(Reflect.ownKeys(Object.prototype).length, before, 'nothing reached all objects');
      assert.equal(({} as Record<string, unknown>)['inner'], undefined);
      assert.equal((Object as unknown as Record<string, unknown>)['inner'], undefined);
    });
  }

  it('are columns, keys of settings, dimensions and names of mirrors like any other', async () => {
    const columns = inherited.flatMap((name) => [`Attributes.${name}`, `User.UserAttributes.${name}`]);
    const csv = `Id,ChannelType,Address,${columns.join(',')}\n1,EMAIL,a@example.com${',x'.repeat(columns.length)}\n`;
    const severity = JSON.parse(
      `{${inherited.map((name) => `"${name}":"off"`).join(',')}}`,
    ) as SeverityOverrides;
    const results = [
      await validate(csv, 'csv', { severity }),
      await validate(
        `Id,ChannelType,Address,${inherited.join(',')}\n1,EMAIL,a@example.com${',x'.repeat(inherited.length)}\n`,
        'csv',
      ),
      await validate(`{${inherited.map((name) => `"${name}":"x"`).join(',')}}\n`, 'ndjson'),
    ];
    const [named, unknown, members] = results.map(({ counts }) => counts);
    assert.deepEqual(named, {});
    assert.deepEqual(unknown, { 'csv-header-unknown': inherited.length });
    assert.equal(members!['json-unknown-member'], inherited.length);

    const { text } = await transformed(convertFile, 'a.csv', csv);
    for (const name of inherited) {
      assert.ok(text.includes(`"${name}":["x"]`), name);
      const converted = await transformed(convertFile, 'a.ndjson', text);
      assert.ok(converted.text.split('\n')[0]!.split(',').includes(`Attributes.${name}`), name);
    }

    const dimensions = inherited
      .map((name) => `"${name}":{"AttributeType":"INCLUSIVE","Values":["x"]}`)
      .join(',');
    const segment = `{"Name":"A","Dimensions":{"Attributes":{${dimensions}},"UserAttributes":{${dimensions}}}}`;
    assert.equal(JSON.stringify(readSegment(JSON.parse(segment))), segment);
    for (const name of inherited)
      assert.throws(() => readSegment(JSON.parse(`{"Name":"A","Dimensions":{"${name}":{"a":1}}}`)), {
        code: 'bad-input',
        message: /Unknown property/,
      });

    const mirrors = inherited.map((name) => ({
      name,
      source: `${name}.csv`,
      project: name,
      segment: name,
      identifier: 'Id',
    }));
    assert.deepEqual(readMirrors(JSON.stringify({ mirrors })), mirrors);
  });
});
