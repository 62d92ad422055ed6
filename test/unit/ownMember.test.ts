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
});
