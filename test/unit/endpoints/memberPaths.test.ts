import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { putMember } from '../../../src/endpoints/model/memberPaths.ts';

describe('JSON members by path', () => {
  it('are set at the path, whatever the names', () => {
    const cases: readonly (readonly [path: string, json: string])[] = [
      ['Id', '{"Id":"v"}'],
      ['Location.City', '{"Location":{"City":"v"}}'],
      ['Attributes.a.b', '{"Attributes":{"a.b":"v"}}'],
      ['User.UserAttributes.a.b', '{"User":{"UserAttributes":{"a.b":"v"}}}'],
      ['Attributes.__proto__', '{"Attributes":{"__proto__":"v"}}'],
      ['__proto__.polluted', '{"__proto__":{"polluted":"v"}}'],
      ['constructor.name', '{"constructor":{"name":"v"}}'],
    ];
    for (const [path, json] of cases) {
      const root = {};
      putMember(root, path, 'v');
      assert.equal(JSON.stringify(root), json);
    }
    assert.equal('polluted' in {}, false);
  });

  it('leave other members unchanged', () => {
    const root = { User: { UserId: 'u' } };
    putMember(root, 'User.UserAttributes.Plan', ['v']);
    assert.deepEqual(root, { User: { UserId: 'u', UserAttributes: { Plan: ['v'] } } });
  });
});
