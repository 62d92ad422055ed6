import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parseRoleArn } from '../../../src/aws/iam/roleArn.ts';

describe('the ARN of a role', () => {
  const good: readonly (readonly [string, string, string])[] = [
    ['arn:aws:iam::123456789012:role/Import', 'aws', 'Import'],
    ['arn:aws-cn:iam::123456789012:role/service-role/teams/x/Import_1', 'aws-cn', 'Import_1'],
    ['arn:aws-us-gov:iam::123456789012:role/a+b=c,d.e@f-g', 'aws-us-gov', 'a+b=c,d.e@f-g'],
  ];
  for (const [arn, partition, name] of good) {
    it(`is parsed: ${arn}`, () => {
      assert.deepEqual(parseRoleArn(arn, 'import role'), { partition, account: '123456789012', name });
    });
  }

  it('is read quickly, whatever it contains', () => {
    for (const path of ['a/', '/', 'a', '!/']) {
      const before = performance.now();
      assert.throws(() =>
        parseRoleArn(`arn:aws:iam::123456789012:role/${path.repeat(50_000)} `, 'import role'),
      );
      assert.throws(() =>
        parseRoleArn(`arn:aws:iam::123456789012:role/${path.repeat(50_000)}!`, 'import role'),
      );
      assert.ok(performance.now() - before < 2000, path);
    }
  });

  const bad: readonly (readonly [string, RegExp])[] = [
    ['', /no role is specified/],
    ['Import', /isn't an ARN/],
    [' arn:aws:iam::123456789012:role/Import', /spaces/],
    ['arn:aws:iam::123456789012:user/anna', /isn't a role but user/],
    ['arn:aws:sts::123456789012:assumed-role/Import/session', /a role session/],
    ['arn:aws:s3:::bucket', /an ARN of s3/],
    ['arn:aws:iam::12345:role/Import', /12-digit/],
    ['arn:aws:iam::123456789012:role/', /valid role ARN/],
    ['arn:aws:iam::123456789012:role/two words', /valid role ARN/],
    [`arn:aws:iam::123456789012:role/${'a/'.repeat(1000)}!`, /valid role ARN/],
  ];
  for (const [arn, why] of bad) {
    it(`is rejected with the reason: ${arn.slice(0, 60) || '(empty)'}`, () => {
      assert.throws(
        () => parseRoleArn(arn, 'import role'),
        (error: Error) => {
          assert.match(error.message, /^The import role can't be used: /);
          assert.match(error.message, why);
          return 'code' in error && error.code === 'bad-input' && 'help' in error && error.help !== undefined;
        },
      );
    });
  }
});
