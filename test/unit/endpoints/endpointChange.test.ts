import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { changeOf, parseDocument, seen } from '../../../src/endpoints/editing/endpointChange.ts';
import type { Endpoint } from '../../../src/endpoints/model/endpointDefinition.ts';
import { AudienceError } from '../../../src/errors.ts';

const before: Endpoint = {
  Id: 'e1',
  ChannelType: 'EMAIL',
  Address: 'secret@example.com',
  OptOut: 'NONE',
  EndpointStatus: 'ACTIVE',
  User: { UserId: 'u1', UserAttributes: { Plan: ['gold'], 'a.b': ['1'] } },
  Attributes: { Ride: ['Bus', 'Tram'] },
  Metrics: { visits: 3 },
  Demographic: { Make: 'Apple' },
  EffectiveDate: '2026-11-01T00:00:00.000Z',
  CohortId: '12',
  CreationDate: '2026-11-01T00:00:00.000Z',
  ApplicationId: 'p',
};

function edited(change: (endpoint: Record<string, Record<string, unknown>>) => void): unknown {
  const copy = structuredClone(before) as unknown as Record<string, Record<string, unknown>>;
  change(copy);
  return copy;
}

function refused(after: unknown): AudienceError {
  try {
    changeOf(before, after);
  } catch (error) {
    assert.ok(error instanceof AudienceError);
    assert.equal(error.code, 'bad-input');
    assert.doesNotMatch(`${error.message} ${error.help ?? ''}`, /secret/);
    return error;
  }
  return assert.fail('it was not refused');
}

describe('The update for an edited endpoint', () => {
  it('is empty if nothing differs, whatever the order of members', () => {
    assert.equal(changeOf(before, structuredClone(before)), undefined);
    assert.equal(changeOf(before, Object.fromEntries(Object.entries(before).reverse())), undefined);
  });

  it("contains only the differences, nested as in the service's JSON", () => {
    const change = changeOf(
      before,
      edited((endpoint) => {
        endpoint['OptOut'] = 'ALL' as never;
        endpoint['Attributes']!['Ride'] = ['Bike'];
        endpoint['User']!['UserAttributes'] = { Plan: ['gold'], 'a.b': ['2'] };
        endpoint['Metrics']!['visits'] = 4;
        endpoint['Location'] = { City: 'Ghent' };
      }),
    );
    assert.deepEqual(change?.request, {
      OptOut: 'ALL',
      Attributes: { Ride: ['Bike'] },
      User: { UserAttributes: { 'a.b': ['2'] } },
      Metrics: { visits: 4 },
      Location: { City: 'Ghent' },
    });
    assert.deepEqual(change.removed, []);
  });

  it('removes a multi-value attribute with an empty list', () => {
    const change = changeOf(
      before,
      edited((endpoint) => {
        delete endpoint['Attributes'];
        endpoint['User']!['UserAttributes'] = { Plan: ['gold'] };
      }),
    );
    assert.deepEqual(change?.request, { Attributes: { Ride: [] }, User: { UserAttributes: { 'a.b': [] } } });
    assert.deepEqual(change.removed, ['User.UserAttributes.a.b', 'Attributes.Ride']);
  });

  it('is rejected if AWS documents no way, and if the service would silently drop it', () => {
    assert.match(
      refused(edited((endpoint) => delete endpoint['Demographic'])).message,
      /^Demographic\.Make can't/,
    );
    assert.match(refused(edited((endpoint) => delete endpoint['Metrics'])).message, /^Metrics\.visits can't/);
    const typo = refused(edited((endpoint) => (endpoint['Demographic'] = { Make: 'Apple', Modell: 'X' })));
    assert.match(typo.message, /Unknown attribute: Demographic\.Modell/);
    assert.match(typo.help ?? '', /Demographic\.Model\?/);
    assert.match(
      refused(edited((endpoint) => (endpoint['Id'] = 'e2' as never))).message,
      /Id can't be changed/,
    );
    assert.match(
      refused(edited((endpoint) => (endpoint['Attributes'] = { Ride: 'Bus' }))).message,
      /list of strings/,
    );
    assert.match(
      refused(edited((endpoint) => (endpoint['Metrics'] = { visits: '4' }))).message,
      /must be a number/,
    );
    assert.match(refused([]).message, /JSON object/);
  });

  it('allows members that only the service writes to be absent', () => {
    const after = edited((endpoint) => {
      for (const name of ['CohortId', 'CreationDate', 'ApplicationId'])
        Reflect.deleteProperty(endpoint, name);
    });
    assert.equal(changeOf(before, after), undefined);
  });

  it('is based on what the user saw in the meantime, but never sends an earlier time of the last change', () => {
    const now = { ...before, OptOut: 'ALL', EffectiveDate: '2026-11-02T00:00:00.000Z', RequestId: 'r2' };
    const after = edited((endpoint) => (endpoint['Metrics']!['visits'] = 4));
    assert.deepEqual(changeOf(seen(before, now), after)?.set, ['OptOut', 'Metrics.visits']);
  });

  it('accepts names that every object has', () => {
    const text = '{"Id":"e1","Attributes":{"__proto__":["x"],"constructor":["y"]}}';
    const change = changeOf({ Id: 'e1' }, parseDocument(text));
    assert.equal(JSON.stringify(change?.request), '{"Attributes":{"__proto__":["x"],"constructor":["y"]}}');
  });

  it('gives the position of invalid JSON without quoting it', () => {
    assert.throws(
      () => parseDocument('{"Address": secret@example.com}'),
      (error) => error instanceof AudienceError && !/secret/.test(error.message),
    );
  });
});
