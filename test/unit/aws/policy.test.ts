import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import type { AccessRequest, PolicyDocument, Statement } from '../../../src/aws/iam/policy.ts';
import { decide, parseEncodedPolicy, parsePolicy } from '../../../src/aws/iam/policy.ts';
import { evaluatePolicies } from '../../../src/sandbox/iam/evaluatePolicy.ts';
import { matchesPattern } from '../../../src/sandbox/iam/policyConditions.ts';

const account = '111122223333';
const project = `arn:aws:mobiletargeting:eu-west-1:${account}:apps/0123456789abcdef0123456789abcdef`;

const assume: AccessRequest = {
  requester: { service: 'pinpoint.amazonaws.com' },
  action: 'sts:AssumeRole',
  context: { 'aws:sourceaccount': [account], 'aws:sourcearn': [project] },
};
const read: AccessRequest = {
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::bucket/folder/file.csv',
  context: {},
};

const one = (statement: Partial<Statement>): PolicyDocument => ({
  Statement: [{ Effect: 'Allow', ...statement }],
});
const trust = (
  Condition?: Record<string, Record<string, string | string[]>>,
  more: Partial<Statement> = {},
): PolicyDocument =>
  one({
    Principal: { Service: 'pinpoint.amazonaws.com' },
    Action: 'sts:AssumeRole',
    ...(Condition && { Condition }),
    ...more,
  });
const effect = (policy: PolicyDocument, request: AccessRequest): string => decide([policy], request).effect;

describe('The policy evaluator', () => {
  it('reads principals in all their forms', () => {
    const table: readonly (readonly [Statement['Principal'], string])[] = [
      ['*', 'allow'],
      [{ AWS: '*' }, 'allow'],
      [{ Service: 'pinpoint.amazonaws.com' }, 'allow'],
      [{ Service: ['s3.amazonaws.com', 'pinpoint.amazonaws.com'] }, 'allow'],
      [{ Service: 'pinpoint.us-east-1.amazonaws.com' }, 'none'],
      [{ Service: 'PINPOINT.amazonaws.com' }, 'none'],
      [{ AWS: `arn:aws:iam::${account}:root` }, 'none'],
      [{ Federated: 'pinpoint.amazonaws.com' }, 'none'],
    ];
    for (const [Principal, expected] of table) {
      assert.equal(
        effect(trust(undefined, { Principal: Principal! }), assume),
        expected,
        JSON.stringify(Principal),
      );
    }
    const notUs = one({ NotPrincipal: { Service: 'pinpoint.amazonaws.com' }, Action: '*' });
    assert.equal(effect(notUs, assume), 'none');
  });

  it('treats the account as its roles in a Deny, and if the caller says that it delegates', () => {
    const role: AccessRequest = {
      ...read,
      requester: { arn: `arn:aws:iam::${account}:role/Import`, account },
    };
    for (const AWS of [account, `arn:aws:iam::${account}:root`, `arn:aws-cn:iam::${account}:root`]) {
      const policy = (Effect: 'Allow' | 'Deny'): PolicyDocument =>
        one({ Effect, Principal: { AWS }, Action: '*', Resource: '*' });
      assert.equal(effect(policy('Deny'), role), 'deny');
      assert.equal(effect(policy('Allow'), role), 'none');
      assert.equal(decide([policy('Allow')], role, { accountAllows: true }).effect, 'allow');
    }
  });

  it('supports the operators, with and without IfExists, and with absent keys', () => {
    const present = {
      ...read,
      context: { 'a:k': ['Abc'], 'a:n': ['5'], 'a:d': ['2026-11-22T00:00:00Z'], 'a:ip': ['10.1.2.3'] },
    };
    const table: readonly (readonly [
      operator: string,
      key: string,
      wanted: string,
      fits: boolean,
      absent: boolean,
    ])[] = [
      ['StringEquals', 'a:k', 'Abc', true, false],
      ['StringEquals', 'A:K', 'abc', false, false],
      ['StringEqualsIgnoreCase', 'a:k', 'aBC', true, false],
      ['StringNotEquals', 'a:k', 'Abc', false, true],
      ['StringLike', 'a:k', 'A?c', true, false],
      ['StringLike', 'a:k', 'A', false, false],
      ['StringNotLike', 'a:k', 'B*', true, true],
      ['NumericLessThan', 'a:n', '6', true, false],
      ['NumericGreaterThanEquals', 'a:n', '6', false, false],
      ['NumericNotEquals', 'a:n', '5.0', false, true],
      ['DateLessThan', 'a:d', '2027-01-01T00:00:00Z', true, false],
      ['DateGreaterThan', 'a:d', '4102444800', false, false],
      ['IpAddress', 'a:ip', '10.1.0.0/16', true, false],
      ['NotIpAddress', 'a:ip', '10.1.0.0/16', false, true],
      ['Bool', 'a:k', 'ABC', true, false],
      ['StringEqualsIfExists', 'a:k', 'Abc', true, true],
      ['ForAllValues:StringEquals', 'a:k', 'Abc', true, true],
      ['ForAnyValue:StringEquals', 'a:k', 'Abc', true, false],
      ['Null', 'a:k', 'false', true, false],
      ['Null', 'a:k', 'true', false, true],
    ];
    for (const [operator, key, wanted, whenPresent, whenAbsent] of table) {
      const policy = one({ Action: '*', Resource: '*', Condition: { [operator]: { [key]: wanted } } });
      const name = `${operator} ${key} ${wanted}`;
      assert.equal(effect(policy, present), whenPresent ? 'allow' : 'none', name);
      const absent = { ...read, context: { [key.toLowerCase()]: [] } };
      assert.equal(effect(policy, absent), whenAbsent ? 'allow' : 'none', `${name}, absent`);
      assert.equal(effect(policy, read), 'unknown', `${name}, not known`);
    }
  });

  it('ignores an invalid range of addresses', () => {
    const from = { ...read, context: { 'a:ip': ['10.1.2.3'] } };
    for (const range of ['1.2.3.4/99', '1.2.3.4/x', '1.2.3.4/-1', '1.2.3.4/', 'everywhere', '::1/129'])
      for (const operator of ['IpAddress', 'NotIpAddress']) {
        const policy = one({ Action: '*', Resource: '*', Condition: { [operator]: { 'a:ip': range } } });
        assert.equal(effect(policy, from), 'unknown', `${operator} ${range}`);
      }
  });

  it('compares ARNs part by part', () => {
    const like = (pattern: string): string =>
      effect(trust({ ArnLike: { 'aws:SourceArn': pattern } }), assume);
    assert.equal(like(project), 'allow');
    assert.equal(like(`arn:aws:mobiletargeting:*:${account}:apps/*`), 'allow');
    assert.equal(like(`arn:aws:mobiletargeting:eu-west-1:${account}:*`), 'allow');
    assert.equal(like('arn:aws:*'), 'none', 'a star does not reach over parts');
    assert.equal(like(`arn:aws:mobiletargeting:eu-west-?:${account}:apps/0*`), 'allow');
    assert.equal(like(project.replace('eu-west-1', 'us-east-1')), 'none');
    assert.equal(
      effect(trust({ StringEquals: { 'aws:SourceArn': `${project.slice(0, -1)}*` } }), assume),
      'none',
    );
  });

  it('decides quickly, however many wildcards, variables and spaces a policy has', () => {
    const resource = `arn:aws:s3:::bucket/${'a'.repeat(300)}`;
    const patterns = ['*?', '*a*', '?*', '**', '*a?', 'a*'].map(
      (piece) => `arn:aws:s3:::${piece.repeat(40)}Z`,
    );
    const texts = [
      ...patterns,
      `\${${' '.repeat(20_000)}`,
      '${'.repeat(10_000),
      `\${a${" , 'b'".repeat(3000)}`,
    ];
    for (const text of texts) {
      const before = performance.now();
      for (const policy of [
        one({ Action: 's3:GetObject', Resource: text }),
        one({ Action: text, Resource: '*' }),
        one({ Action: '*', Resource: '*', Condition: { StringLike: { 's3:prefix': text } } }),
        one({ Action: '*', Resource: '*', Condition: { ArnLike: { 'aws:sourcearn': text } } }),
      ]) {
        const request = {
          action: 's3:GetObject',
          resource,
          context: { 's3:prefix': [resource], 'aws:sourcearn': [resource] },
        };
        assert.notEqual(effect(policy, request), 'allow', text.slice(0, 60));
      }
      assert.ok(performance.now() - before < 2000, text.slice(0, 60));
    }
  });

  it('matches wildcards as the sandbox does, and literal ones as themselves', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?', '👩', '\n'), maxLength: 12 });
    fc.assert(
      fc.property(text, text, (pattern, resource) => {
        const decided = effect(one({ Action: '*', Resource: pattern }), { ...read, resource });
        assert.equal(
          decided === 'allow',
          matchesPattern(pattern.replaceAll('👩', 'w'), resource.replaceAll('👩', 'w')),
        );
      }),
      { numRuns: 2000 },
    );
    const literal = one({ Action: '*', Resource: 'a${*}b${?}c' });
    assert.equal(effect(literal, { ...read, resource: 'a*b?c' }), 'allow');
    assert.equal(effect(literal, { ...read, resource: 'axbyc' }), 'none');
  });

  it("resolves policy variables, and doesn't guess unknown ones", () => {
    const policy = (Resource: string): PolicyDocument => one({ Action: '*', Resource });
    const mine: AccessRequest = { ...read, context: { 'aws:username': ['folder'], 'aws:gone': [] } };
    assert.equal(effect(policy('arn:aws:s3:::bucket/${aws:username}/*'), mine), 'allow');
    assert.equal(effect(policy("arn:aws:s3:::bucket/${aws:gone, 'folder'}/*"), mine), 'allow');
    assert.equal(effect(policy('arn:aws:s3:::bucket/${aws:PrincipalTag/x}/*'), mine), 'unknown');
    assert.equal(effect(policy('arn:aws:s3:::bucket/folder/file${?}csv'), mine), 'none');
  });

  it('reads Action and Resource, their opposites, and a statement outside of a list', () => {
    assert.equal(effect(one({ Action: 'S3:get*', Resource: 'arn:aws:s3:::bucket/*' }), read), 'allow');
    assert.equal(effect(one({ Action: 's3:GetObjectAcl', Resource: '*' }), read), 'none');
    assert.equal(effect(one({ NotAction: ['iam:*', 's3:Put*'], Resource: '*' }), read), 'allow');
    assert.equal(effect(one({ NotAction: 's3:*', Resource: '*' }), read), 'none');
    assert.equal(effect(one({ Action: '*', NotResource: 'arn:aws:s3:::bucket/*' }), read), 'none');
    assert.equal(effect(one({ Action: '*', NotResource: 'arn:aws:s3:::other*' }), read), 'allow');
    assert.equal(effect(one({ Action: '*', Resource: 'ARN:AWS:S3:::bucket/*' }), read), 'none');
    const text = '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';
    assert.equal(effect(parsePolicy(text), read), 'allow');
    for (const statement of [null, 5, 'x', {}, { Effect: 'Maybe' }, { Effect: 'Allow', Action: { a: 1 } }])
      assert.throws(() => parsePolicy(JSON.stringify({ Statement: [statement] })), { code: 'service' });
    for (const odd of [
      { Principal: null },
      { Principal: { AWS: null } },
      { NotPrincipal: 'somebody' },
      { Resource: [null] },
      { Condition: null },
      { Condition: { StringLike: null } },
      { Condition: { StringLike: { a: [null] } } },
    ])
      assert.throws(() => parsePolicy(JSON.stringify(one(odd as object))), { code: 'service' });
    for (const text of ['{', '[]', 'null', '{}', JSON.stringify(one({ Sid: 'x'.repeat(64 * 1024) }))])
      assert.throws(() => parsePolicy(text), { code: 'service' });
    assert.deepEqual(parseEncodedPolicy(encodeURIComponent('{"Statement":[]}')), { Statement: [] });
    for (const encoded of ['%', '%ff', '%7B', '%20'.repeat(300_000)])
      assert.throws(() => parseEncodedPolicy(encoded), { code: 'service' });
  });

  it('reports which statement decided', () => {
    const policies = [
      one({ Sid: 'a', Action: '*', Resource: '*' }),
      one({ Sid: 'b', Effect: 'Deny', Action: 's3:*', Resource: '*' }),
    ];
    assert.deepEqual([decide(policies, read).effect, decide(policies, read).by?.Sid], ['deny', 'b']);
    assert.equal(decide(policies, { ...read, action: 'kms:Decrypt' }).by?.Sid, 'a');
  });
});

// Few words, so that policies and requests often meet.
const word = fc.constantFrom('a', 'b', 'ab', 'B');
const pattern = fc.oneof(word, fc.constantFrom('*', 'a*', '*b', '?', 'a?', '??'));
const some = fc.oneof(pattern, fc.array(pattern, { minLength: 1, maxLength: 2 }));
const condition = fc.dictionary(
  fc.constantFrom(
    'StringEquals',
    'StringNotEquals',
    'StringLike',
    'StringNotLike',
    'StringEqualsIgnoreCase',
    'StringEqualsIfExists',
    'StringNotLikeIfExists',
    'Bool',
    'ArnLike',
    'ArnNotLike',
    'Null',
  ),
  fc.dictionary(fc.constantFrom('k:one', 'K:Two'), fc.oneof(some, fc.constantFrom('true', 'false')), {
    minKeys: 1,
    maxKeys: 2,
  }),
  { maxKeys: 2 },
);
const statement = fc
  .record({
    Effect: fc.constantFrom<'Allow' | 'Deny'>('Allow', 'Deny'),
    action: fc.tuple(fc.boolean(), some),
    resource: fc.tuple(fc.boolean(), some),
    Condition: fc.option(condition, { nil: undefined }),
  })
  .map(({ Effect, action, resource, Condition }): Statement => ({
    Effect,
    [action[0] ? 'Action' : 'NotAction']: action[1],
    [resource[0] ? 'Resource' : 'NotResource']: resource[1],
    ...(Condition && { Condition }),
  }));
const policy = fc.array(statement, { maxLength: 4 }).map((Statement): PolicyDocument => ({ Statement }));
const request = fc
  .record({ action: word, resource: word, one: fc.option(word), two: fc.option(word) })
  .map(({ action, resource, one, two }): AccessRequest => ({
    action,
    resource,
    context: { 'k:one': one === null ? [] : [one], 'k:two': two === null ? [] : [two] },
  }));
const runs = { numRuns: 2000 };

describe('The policy evaluator, for random policies', () => {
  it("agrees with the sandbox's independent implementation", () => {
    const names = { allow: 'allowed', deny: 'explicitDeny', none: 'implicitDeny', unknown: '?' };
    fc.assert(
      fc.property(policy, request, (document, asked) => {
        const { action, resource, context } = asked;
        const keys = Object.fromEntries(
          Object.entries(context).flatMap(([key, [value]]) => (value === undefined ? [] : [[key, value]])),
        );
        const theirs = evaluatePolicies([JSON.stringify(document)], { action, resource, keys });
        assert.equal(names[decide([document], asked).effect], theirs);
      }),
      runs,
    );
  });

  it('grants no more with another Deny, and no less with another Allow', () => {
    fc.assert(
      fc.property(policy, statement, request, (document, more, asked) => {
        const before = decide([document], asked).effect;
        const after = decide([document, { Statement: [more] }], asked).effect;
        if (more.Effect === 'Deny') assert.ok(after === before || after === 'deny');
        else assert.ok(after === before || (before === 'none' && after === 'allow'));
      }),
      runs,
    );
  });

  it("doesn't depend on the order of statements or their division into policies", () => {
    fc.assert(
      fc.property(policy, request, (document, asked) => {
        const apart = document.Statement.toReversed().map((one) => ({ Statement: [one] }));
        assert.equal(decide(apart, asked).effect, decide([document], asked).effect);
      }),
      runs,
    );
  });

  it('is never certain of a decision that missing keys could change', () => {
    fc.assert(
      fc.property(policy, request, (document, asked) => {
        const unsure = decide([document], { ...asked, context: {} }).effect;
        const sure = decide([document], asked).effect;
        // What is not allowed for sure may be denied for sure, too.
        if (unsure === 'allow' || unsure === 'deny') assert.equal(sure, unsure);
        if (unsure === 'none') assert.notEqual(sure, 'allow');
      }),
      runs,
    );
  });

  it('allows without a key whatever it allows with it', () => {
    fc.assert(
      fc.property(policy, request, (document, asked) => {
        if (decide([document], asked).effect !== 'allow') return;
        assert.equal(decide([document], asked, { ignoring: ['k:one'] }).effect, 'allow');
      }),
      runs,
    );
  });
});
