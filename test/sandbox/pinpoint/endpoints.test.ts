import assert from 'node:assert/strict';
import type { EndpointBatchItem, EndpointRequest, EndpointResponse } from '@aws-sdk/client-pinpoint';
import {
  BadRequestException,
  DeleteEndpointCommand,
  DeleteUserEndpointsCommand,
  GetUserEndpointsCommand,
  PutEventsCommand,
  NotFoundException,
  RemoveAttributesCommand,
  UpdateEndpointCommand,
  UpdateEndpointsBatchCommand,
} from '@aws-sdk/client-pinpoint';
import { after, before, beforeEach, describe, it } from 'mocha';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox } from '../../support/sandbox.ts';
import { Project } from './project.ts';

describe('Pinpoint endpoints', () => {
  let sandbox: TestSandbox;
  let project: Project;
  before(async () => {
    sandbox = await startTestSandbox();
  });
  after(() => sandbox.close());
  beforeEach(async () => {
    project = await Project.create(sandbox);
  });

  const put = async (EndpointId: string, request: EndpointRequest): Promise<void> => {
    await sandbox.pinpoint.send(
      new UpdateEndpointCommand({ ApplicationId: project.id, EndpointId, EndpointRequest: request }),
    );
  };
  const email = (name: string): EndpointRequest => ({
    ChannelType: 'EMAIL',
    Address: `${name}@example.com`,
  });
  const ofUser = async (UserId: string): Promise<EndpointResponse[]> => {
    const answer = await sandbox.pinpoint.send(
      new GetUserEndpointsCommand({ ApplicationId: project.id, UserId }),
    );
    return answer.EndpointsResponse!.Item!;
  };
  const refused = (request: EndpointRequest, message: RegExp): Promise<void> =>
    assert.rejects(put('x', request), (error) => {
      assert.ok(error instanceof BadRequestException);
      assert.match(error.message, message);
      return true;
    });

  it("are created with the service's additions", async () => {
    await put('Mixed-Case', { ...email('a'), EffectiveDate: '20260228T101112Z' });
    const endpoint = await project.endpoint('mixed-case');
    assert.match(endpoint.CohortId!, /^\d\d?$/);
    assert.match(endpoint.CreationDate!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(endpoint.RequestId!, /^[0-9a-f-]{36}$/);
    const { CohortId, CreationDate, RequestId, ...rest } = endpoint;
    assert.deepEqual(rest, {
      ApplicationId: project.id,
      Id: 'Mixed-Case',
      ChannelType: 'EMAIL',
      Address: 'a@example.com',
      EffectiveDate: '2026-02-28T10:11:12.000Z',
      EndpointStatus: 'ACTIVE',
      OptOut: 'NONE',
    });
  });

  it('are stored as given if AWS checks no format', async () => {
    const given: Record<string, EndpointRequest> = {
      email: { ChannelType: 'EMAIL', Address: 'nobody' },
      phone: { ChannelType: 'SMS', Address: '9077462155' },
      digits: { ChannelType: 'SMS', Address: '4000000000000002' },
      country: { ...email('c'), Location: { Country: 'USA' } },
    };
    for (const [id, request] of Object.entries(given)) {
      await put(id, request);
      const { Address, Location, EndpointStatus } = await project.endpoint(id);
      assert.deepEqual([Address, Location, EndpointStatus], [request.Address, request.Location, 'ACTIVE']);
    }
  });

  it('name the last request that wrote them, and their platform in lower case', async () => {
    const requestId = async (): Promise<string | undefined> => (await project.endpoint('a')).RequestId;
    await put('a', { ...email('a'), Demographic: { Platform: 'iOS' } });
    assert.equal((await project.endpoint('a')).Demographic?.Platform, 'ios');
    const first = await requestId();
    await put('a', { OptOut: 'ALL' });
    assert.notEqual(await requestId(), first);
    await put('a', { RequestId: 'mine' });
    assert.equal(await requestId(), 'mine');
    const { Id } = await project.createSegment({
      Name: 's',
      Dimensions: { Demographic: { Platform: { DimensionType: 'INCLUSIVE', Values: ['iOS'] } } },
    });
    assert.deepEqual(await project.exportedIds({ SegmentId: Id }), ['a']);
  });

  it('count characters, not UTF-16 code units', async () => {
    await put('a', { ...email('a'), Attributes: { x: ['😀'.repeat(100)] } });
    await refused({ ...email('x'), Attributes: { x: ['😀'.repeat(101)] } }, /exceeds 100 characters/);
  });

  it('are written or rejected one by one by PutEvents', async () => {
    const event = { EventType: 'open', Timestamp: '2026-01-01T00:00:00Z' };
    const { EventsResponse } = await sandbox.pinpoint.send(
      new PutEventsCommand({
        ApplicationId: project.id,
        EventsRequest: {
          BatchItem: {
            a: { Endpoint: email('a'), Events: { one: event } },
            b: {
              Endpoint: { ChannelType: 'FCM' as 'GCM' },
              Events: { two: { ...event, EventType: undefined } },
            },
            c: { Endpoint: {}, Events: {} },
          },
        },
      }),
    );
    const results = EventsResponse!.Results!;
    assert.deepEqual(results['a'], {
      EndpointItemResponse: { Message: 'Accepted', StatusCode: 202 },
      EventsItemResponse: { one: { Message: 'Accepted', StatusCode: 202 } },
    });
    assert.equal(results['b']!.EndpointItemResponse!.StatusCode, 400);
    assert.match(results['b']!.EndpointItemResponse!.Message!, /^ChannelType must be one of/);
    assert.equal(results['b']!.EventsItemResponse!['two']!.StatusCode, 400);
    assert.equal((await project.endpoint('a')).Address, 'a@example.com');
    await assert.rejects(project.endpoint('c'), NotFoundException);
  });

  it('are updated: new values replace all old ones of an attribute, and other members stay', async () => {
    await put('a', {
      ...email('a'),
      Attributes: { likes: ['tea', 'rain'], plan: ['basic'] },
      Metrics: { age: 1, visits: 2 },
      Demographic: { Make: 'Acme', Timezone: 'US/Pacific-New' },
      Location: { City: 'Lyon', Latitude: 45.7589, Longitude: 4.8414 },
    });
    await put('A', {
      Attributes: { likes: ['snow'], plan: [] },
      Metrics: { visits: 3 },
      Demographic: { Model: 'One' },
    });
    const endpoint = await project.endpoint('a');
    assert.deepEqual(endpoint.Attributes, { likes: ['snow'] });
    assert.deepEqual(endpoint.Metrics, { age: 1, visits: 3 });
    assert.deepEqual(endpoint.Demographic, { Make: 'Acme', Timezone: 'America/Los_Angeles', Model: 'One' });
    assert.deepEqual(endpoint.Location, { City: 'Lyon', Latitude: 45.8, Longitude: 4.8 });
    assert.equal(endpoint.Address, 'a@example.com');
  });

  it('are opted out if they are created without an address, until they are opted in', async () => {
    await put('a', { ChannelType: 'EMAIL' });
    assert.equal((await project.endpoint('a')).OptOut, 'ALL');
    await put('a', email('a'));
    assert.equal((await project.endpoint('a')).OptOut, 'ALL');
    await put('a', { OptOut: 'NONE' });
    assert.equal((await project.endpoint('a')).OptOut, 'NONE');
  });

  it('become inactive when another endpoint with their address is updated', async () => {
    await put('a', email('same'));
    await put('b', email('same'));
    assert.equal((await project.endpoint('a')).EndpointStatus, 'INACTIVE');
    assert.equal((await project.endpoint('b')).EndpointStatus, 'ACTIVE');
    await put('A', { Attributes: { x: ['1'] } });
    assert.equal((await project.endpoint('a')).EndpointStatus, 'ACTIVE');
    assert.equal((await project.endpoint('b')).EndpointStatus, 'INACTIVE');
  });

  it("share their user's attributes", async () => {
    await put('a', { ...email('a'), User: { UserId: 'u', UserAttributes: { name: ['Ada'], level: ['1'] } } });
    await put('b', { ...email('b'), User: { UserId: 'u', UserAttributes: { level: ['2'] } } });
    const expected = { UserId: 'u', UserAttributes: { name: ['Ada'], level: ['2'] } };
    assert.deepEqual((await project.endpoint('a')).User, expected);
    assert.deepEqual((await project.endpoint('b')).User, expected);
    await put('a', { User: { UserId: 'v' } });
    assert.deepEqual((await project.endpoint('a')).User, { UserId: 'v' });
    assert.deepEqual(
      (await ofUser('u')).map(({ Id }) => Id),
      ['b'],
    );
  });

  it('are found and deleted by their user', async () => {
    await put('a', { ...email('a'), User: { UserId: 'u' } });
    await put('b', { ...email('b'), User: { UserId: 'u' } });
    await put('c', { ...email('c'), User: { UserId: 'U' } });
    const deleted = await sandbox.pinpoint.send(
      new DeleteUserEndpointsCommand({ ApplicationId: project.id, UserId: 'u' }),
    );
    assert.deepEqual(
      deleted.EndpointsResponse?.Item?.map(({ Id }) => Id),
      ['a', 'b'],
    );
    await assert.rejects(project.endpoint('a'), NotFoundException);
    await assert.rejects(ofUser('u'), NotFoundException);
    assert.equal((await project.endpoint('c')).User?.UserId, 'U');
  });

  it('are deleted, whatever the case of their Id, and can be created again', async () => {
    await put('a', { ...email('a'), Attributes: { old: ['1'] } });
    const deleted = await sandbox.pinpoint.send(
      new DeleteEndpointCommand({ ApplicationId: project.id, EndpointId: 'A' }),
    );
    assert.equal(deleted.EndpointResponse?.Address, 'a@example.com');
    await assert.rejects(project.endpoint('a'), NotFoundException);
    await assert.rejects(
      sandbox.pinpoint.send(new DeleteEndpointCommand({ ApplicationId: project.id, EndpointId: 'a' })),
      NotFoundException,
    );
    await put('a', email('again'));
    assert.equal((await project.endpoint('a')).Attributes, undefined);
  });

  it('are at most 15 per user: a 16th email is rejected, a 16th token replaces the oldest', async () => {
    const day = (index: number): string => `2026-01-${String(index + 1).padStart(2, '0')}T00:00:00.000Z`;
    const of = (index: number, ChannelType: 'EMAIL' | 'GCM'): EndpointBatchItem => ({
      Id: `e${index}`,
      ChannelType,
      Address: ChannelType === 'EMAIL' ? `e${index}@example.com` : `token-of-device-${index}`,
      EffectiveDate: day(index),
      User: { UserId: 'u', UserAttributes: { name: ['Ada'] } },
    });
    const emails = Array.from({ length: 13 }, (_, index) => of(index, 'EMAIL'));
    await project.put(...emails, of(13, 'GCM'), of(14, 'GCM'));
    await assert.rejects(project.put(of(15, 'EMAIL')), /Exceeded maximum endpoint per user count: 15/);
    await project.put(of(3, 'EMAIL'));
    await project.put(of(16, 'GCM'));
    const oldest = await project.endpoint('e13');
    assert.equal(oldest.EndpointStatus, 'INACTIVE');
    assert.equal(oldest.User, undefined);
    assert.equal((await ofUser('u')).length, 15);

    const others = Array.from({ length: 15 }, (_, index) => ({
      ...of(index, 'EMAIL'),
      Id: `f${index}`,
      Address: `f${index}@example.com`,
      User: { UserId: 'v' },
    }));
    await project.put(...others);
    await assert.rejects(
      project.put({ ...of(20, 'GCM'), User: { UserId: 'v' } }),
      /Exceeded maximum endpoint per user count/,
    );
  });

  it('have at most 250 custom names in a project, until names are removed', async () => {
    const attributes = (from: number, count: number): Record<string, string[]> =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${from + index}`, ['1']]));
    await put('a', { ...email('a'), Attributes: attributes(0, 120), Metrics: { m: 1 } });
    await put('b', { ...email('b'), User: { UserId: 'u', UserAttributes: attributes(0, 129) } });
    await put('c', { ...email('c'), Attributes: attributes(0, 100) });
    await refused({ ...email('x'), Metrics: { another: 1 } }, /^Too many custom attributes$/);

    const removed = await sandbox.pinpoint.send(
      new RemoveAttributesCommand({
        ApplicationId: project.id,
        AttributeType: 'endpoint-custom-attributes',
        UpdateAttributesRequest: { Blacklist: ['n11*'] },
      }),
    );
    assert.deepEqual(removed.AttributesResource, {
      ApplicationId: project.id,
      AttributeType: 'endpoint-custom-attributes',
      Attributes: Array.from({ length: 129 }, (_, n) => `n${n}`)
        .filter((name) => !name.startsWith('n11'))
        .slice(0, 109),
    });
    assert.ok('n110' in (await project.endpoint('a')).Attributes!);
    await put('d', { ...email('d'), Metrics: { another: 1 }, Attributes: { n111: ['2'], n1: ['2'] } });
    assert.deepEqual((await project.endpoint('d')).Attributes, { n1: ['2'] });
  });

  const tooLong = 'x'.repeat(101);
  const wrong: readonly (readonly [string, EndpointRequest | Record<string, unknown>, RegExp])[] = [
    ['a channel that is none', { ChannelType: 'FCM' }, /ChannelType must be one of PUSH, GCM/],
    ['an opt-out that is none', { OptOut: 'all' }, /OptOut must be one of ALL, NONE/],
    ['a value over 100 characters', { Attributes: { a: [tooLong] } }, /Attributes.a exceeds 100 characters/],
    ['a name over 50 characters', { Metrics: { [tooLong.slice(0, 51)]: 1 } }, /exceeds 50 characters/],
    ['over 50 values', { Attributes: { a: Array<string>(51).fill('1') } }, /exceeds 50 values/],
    ['a string for an array', { Attributes: { a: '1' } }, /Attributes.a must be an array of strings/],
    ['a metric that is no number', { Metrics: { a: '1' } }, /Metrics.a must be a number/],
    [
      'a brand over 50 characters',
      { Demographic: { Make: tooLong.slice(0, 51) } },
      /Demographic.Make exceeds 50/,
    ],
    ['a model over 100 characters', { Demographic: { Model: tooLong } }, /Demographic.Model exceeds 100/],
    ['a city over 75 characters', { Location: { City: tooLong.slice(0, 76) } }, /Location.City exceeds 75/],
    ['a latitude alone', { Location: { Latitude: 1 } }, /both Latitude and Longitude/],
    ['a latitude beyond the pole', { Location: { Latitude: 91, Longitude: 1 } }, /between -90 and 90/],
    ['a date that is none', { EffectiveDate: 'yesterday' }, /EffectiveDate must be a date/],
    ['a user Id with braces', { User: { UserId: 'a{b}' } }, /User.UserId can't contain/],
    ['an opt-in without an address', { ChannelType: 'EMAIL', OptOut: 'NONE' }, /^Missing Address$/],
    ['February 30', { ...email('x'), EffectiveDate: '2026-02-30T00:00:00Z' }, /ISO 8601/],
    ['the 25th hour', { ...email('x'), EffectiveDate: '2026-02-03T25:00:00Z' }, /ISO 8601/],
    [
      'over 15 KB',
      {
        Attributes: Object.fromEntries(
          Array.from({ length: 4 }, (_, n) => [`a${n}`, Array<string>(50).fill(tooLong.slice(1))]),
        ),
      },
      /maximum size of 15 KB/,
    ],
  ];
  for (const [name, request, message] of wrong) {
    it(`reject ${name}`, async () => {
      await refused(request, message);
      await assert.rejects(project.endpoint('x'), NotFoundException);
    });
  }

  it('reject an Id with braces', async () => {
    await assert.rejects(put('a{b', email('a')), BadRequestException);
  });

  it('are accepted in batches of 100, and none of an invalid batch', async () => {
    const batch = (count: number): EndpointBatchItem[] =>
      Array.from({ length: count }, (_, index) => ({ Id: `b${index}`, ...email(`b${index}`) }));
    await assert.rejects(project.put(...batch(101)), /at most 100/);
    await put('b0', { ...email('before'), Attributes: { kept: ['1'] } });
    const bad = [...batch(3), { Id: 'bad', ChannelType: 'FCM' as 'GCM' }];
    await assert.rejects(project.put(...bad), /^BadRequestException: Item\[3\]: ChannelType/);
    assert.equal((await project.endpoint('b0')).Address, 'before@example.com');
    await assert.rejects(project.endpoint('b1'), NotFoundException);
    await assert.rejects(project.put(email('a')), /Id is required/);

    await project.put(...batch(100));
    assert.equal((await project.endpoint('b99')).Address, 'b99@example.com');
    assert.deepEqual((await project.endpoint('b0')).Attributes, { kept: ['1'] });
    const answer = await sandbox.pinpoint.send(
      new UpdateEndpointsBatchCommand({
        ApplicationId: project.id,
        EndpointBatchRequest: { Item: batch(1) },
      }),
    );
    assert.equal(answer.MessageBody?.Message, 'Accepted');
  });

  it('keep attributes with any name', async () => {
    const Attributes = JSON.parse('{"__proto__":["1"],"constructor":["2"]}') as Record<string, string[]>;
    await put('a', { ...email('a'), Attributes });
    const [line] = await project.export();
    assert.deepEqual(Object.entries(line!.Attributes!), Object.entries(Attributes));
  });

  it('have Ids and users with any characters but three', async () => {
    const id = 'a/b c+%é?#&=😀';
    await put(id, { ...email('a'), User: { UserId: 'ada@example.com/1 +' } });
    assert.equal((await project.endpoint(id)).Id, id);
    assert.deepEqual(
      (await ofUser('ada@example.com/1 +')).map(({ Id }) => Id),
      [id],
    );
  });

  it("of a missing project aren't found", async () => {
    const nowhere = new Project(sandbox, 'nowhere', '');
    await assert.rejects(nowhere.endpoint('a'), NotFoundException);
    await assert.rejects(nowhere.put({ Id: 'a', ...email('a') }), NotFoundException);
  });
});
