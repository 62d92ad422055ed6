import assert from 'node:assert/strict';
import type {
  SegmentDimensions,
  SegmentGroup,
  SegmentResponse,
  WriteSegmentRequest,
} from '@aws-sdk/client-pinpoint';
import {
  BadRequestException,
  DeleteSegmentCommand,
  GetSegmentsCommand,
  GetSegmentVersionCommand,
  GetSegmentVersionsCommand,
  NotFoundException,
  UpdateSegmentCommand,
} from '@aws-sdk/client-pinpoint';
import { after, before, describe, it } from 'mocha';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox } from '../../support/sandbox.ts';
import { Project } from './project.ts';

const daysAgo = (days: number): string => new Date(Date.now() - days * 24 * 3_600_000).toISOString();

describe('Pinpoint segments', () => {
  let sandbox: TestSandbox;
  let project: Project;
  before(async () => {
    sandbox = await startTestSandbox();
    project = await Project.create(sandbox);
  });
  after(() => sandbox.close());

  const update = async (SegmentId: string, request: WriteSegmentRequest): Promise<SegmentResponse> => {
    const answer = await sandbox.pinpoint.send(
      new UpdateSegmentCommand({ ApplicationId: project.id, SegmentId, WriteSegmentRequest: request }),
    );
    return answer.SegmentResponse!;
  };

  it('have versions: each update creates the next', async () => {
    const dimensions: SegmentDimensions = {
      Demographic: { Channel: { Values: ['EMAIL'], DimensionType: 'INCLUSIVE' } },
    };
    const first = await project.createSegment({ Name: 'one', Dimensions: dimensions, tags: { a: 'b' } });
    assert.deepEqual(
      [first.SegmentType, first.Version, first.Name, first.Dimensions, first.tags],
      ['DIMENSIONAL', 1, 'one', dimensions, { a: 'b' }],
    );
    assert.equal(first.Arn?.endsWith(`:apps/${project.id}/segments/${first.Id!}`), true);
    const renamed = await update(first.Id!, { Name: 'two' });
    assert.deepEqual([renamed.Version, renamed.Name, renamed.Dimensions], [2, 'two', dimensions]);
    const regrouped = await update(first.Id!, { SegmentGroups: { Include: 'ALL', Groups: [] } });
    assert.equal(regrouped.Dimensions, undefined);
    assert.equal((await project.segment(first.Id!)).Version, 3);

    const ask = { ApplicationId: project.id, SegmentId: first.Id };
    const page = await sandbox.pinpoint.send(new GetSegmentVersionsCommand({ ...ask, PageSize: '2' }));
    const rest = await sandbox.pinpoint.send(
      new GetSegmentVersionsCommand({ ...ask, Token: page.SegmentsResponse?.NextToken }),
    );
    const versions = [page, rest].flatMap(({ SegmentsResponse }) => SegmentsResponse!.Item!);
    assert.deepEqual(
      versions.map(({ Version }) => Version),
      [3, 2, 1],
    );
    const old = await sandbox.pinpoint.send(new GetSegmentVersionCommand({ ...ask, Version: '1' }));
    assert.equal(old.SegmentResponse?.Name, 'one');
    for (const Version of ['4', 'x']) {
      await assert.rejects(
        sandbox.pinpoint.send(new GetSegmentVersionCommand({ ...ask, Version })),
        NotFoundException,
      );
    }
  });

  it('are listed, newest first, and deleted', async () => {
    const own = await Project.create(sandbox);
    const one = await own.createSegment({ Name: 'one' });
    const two = await own.createSegment({ Name: 'two' });
    const list = async (): Promise<unknown> => {
      const answer = await sandbox.pinpoint.send(new GetSegmentsCommand({ ApplicationId: own.id }));
      return answer.SegmentsResponse?.Item?.map(({ Id }) => Id);
    };
    assert.deepEqual(await list(), [two.Id, one.Id]);
    const deleted = await sandbox.pinpoint.send(
      new DeleteSegmentCommand({ ApplicationId: own.id, SegmentId: two.Id }),
    );
    assert.equal(deleted.SegmentResponse?.Name, 'two');
    assert.deepEqual(await list(), [one.Id]);
    await assert.rejects(own.segment(two.Id!), NotFoundException);
  });

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['dimensions and groups', { Dimensions: {}, SegmentGroups: {} }, /Dimensions or SegmentGroups, not both/],
    ['two groups', { SegmentGroups: { Groups: [{}, {}] } }, /at most one group/],
    [
      'a source that is not there',
      { SegmentGroups: { Groups: [{ SourceSegments: [{ Id: 'x' }] }] } },
      /doesn't exist/,
    ],
    [
      'an operator that is none',
      { Dimensions: { Metrics: { a: { ComparisonOperator: 'LIKE', Value: 1 } } } },
      /must be one of GREATER_THAN/,
    ],
    [
      'a dimension without values',
      { Dimensions: { Attributes: { a: {} } } },
      /Dimensions.Attributes.a.Values is required/,
    ],
    [
      'over 100 dimensions',
      {
        Dimensions: {
          Attributes: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`a${n}`, { Values: ['1'] }])),
        },
      },
      /at most 100 dimensions/,
    ],
    [
      'a point without coordinates',
      { Dimensions: { Location: { GPSPoint: {} } } },
      /Coordinates is required/,
    ],
  ];
  for (const [name, request, message] of wrong) {
    it(`reject ${name}`, async () => {
      await assert.rejects(project.createSegment(request), (error) => {
        assert.ok(error instanceof BadRequestException);
        assert.match(error.message, message);
        return true;
      });
    });
  }

  it("can't be their own source, directly or through another", async () => {
    const group = (Id: string): WriteSegmentRequest => ({
      SegmentGroups: { Groups: [{ SourceSegments: [{ Id }] }] },
    });
    const one = await project.createSegment({ Name: 'one' });
    const two = await project.createSegment(group(one.Id!));
    await assert.rejects(update(one.Id!, group(one.Id!)), BadRequestException);
    await assert.rejects(update(one.Id!, group(two.Id!)), BadRequestException);
  });

  describe('in exports', () => {
    let own: Project;
    before(async () => {
      own = await Project.create(sandbox);
      await own.put(
        {
          Id: 'ada',
          ChannelType: 'EMAIL',
          Address: 'ada@example.com',
          EffectiveDate: daysAgo(0.5),
          Attributes: { likes: ['tea', 'rain'], joined: ['2026-01-10T09:00:00Z'] },
          Metrics: { rides: 5 },
          Demographic: { Make: 'Acme', Platform: 'ios', AppVersion: '1' },
          Location: { Country: 'DE', Latitude: 52.5, Longitude: 13.4 },
          User: { UserId: 'ada', UserAttributes: { plan: ['plus'] } },
        },
        {
          Id: 'ben',
          ChannelType: 'SMS',
          Address: '+12065550100',
          EffectiveDate: daysAgo(10),
          Attributes: { likes: ['coffee'], joined: ['2026-03-10T09:00:00Z'] },
          Metrics: { rides: 10 },
          Demographic: { Make: 'Bolt', Platform: 'android' },
          Location: { Country: 'FR', Latitude: 48.9, Longitude: 2.4 },
          User: { UserId: 'ben', UserAttributes: { plan: ['basic'] } },
        },
        { Id: 'kim', ChannelType: 'GCM', Address: 'token-of-device', EffectiveDate: daysAgo(40) },
      );
    });

    const exported = async (request: WriteSegmentRequest): Promise<string> => {
      const segment = await own.createSegment(request);
      return (await own.exportedIds({ SegmentId: segment.Id })).join(' ');
    };

    const attribute = (AttributeType: string, ...Values: string[]): SegmentDimensions => ({
      Attributes: {
        [AttributeType === 'INCLUSIVE' || AttributeType === 'EXCLUSIVE' || AttributeType === 'CONTAINS'
          ? 'likes'
          : 'joined']: { AttributeType: AttributeType as 'INCLUSIVE', Values },
      },
    });
    const metric = (ComparisonOperator: string): SegmentDimensions => ({
      Metrics: { rides: { ComparisonOperator, Value: 5 } },
    });
    const recency = (
      Duration: 'HR_24' | 'DAY_14' | 'DAY_30',
      RecencyType: 'ACTIVE' | 'INACTIVE',
    ): SegmentDimensions => ({
      Behavior: { Recency: { Duration, RecencyType } },
    });
    const set = (
      DimensionType: 'INCLUSIVE' | 'EXCLUSIVE',
      ...Values: string[]
    ): { DimensionType: 'INCLUSIVE' | 'EXCLUSIVE'; Values: string[] } => ({ DimensionType, Values });
    const near = (RangeInKilometers: number): SegmentDimensions => ({
      Location: { GPSPoint: { Coordinates: { Latitude: 52.4, Longitude: 13.1 }, RangeInKilometers } },
    });

    const cases: readonly (readonly [SegmentDimensions, string])[] = [
      [{}, 'ada ben kim'],
      [attribute('INCLUSIVE', 'tea', 'milk'), 'ada'],
      [attribute('EXCLUSIVE', 'tea'), 'ben kim'],
      [attribute('CONTAINS', 'off'), 'ben'],
      [attribute('BEFORE', '2026-02-01T00:00:00Z'), 'ada'],
      [attribute('AFTER', '2026-02-01T00:00:00Z'), 'ben'],
      [attribute('ON', '2026-01-10T00:00:00Z'), 'ada'],
      [attribute('BETWEEN', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'), 'ada'],
      [attribute('NOT_BETWEEN', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'), 'ben'],
      [{ UserAttributes: { plan: { Values: ['plus'] } } }, 'ada'],
      [metric('GREATER_THAN'), 'ben'],
      [metric('GREATER_THAN_OR_EQUAL'), 'ada ben'],
      [metric('LESS_THAN'), ''],
      [metric('LESS_THAN_OR_EQUAL'), 'ada'],
      [metric('EQUAL'), 'ada'],
      [{ Demographic: { Channel: set('INCLUSIVE', 'SMS', 'GCM') } }, 'ben kim'],
      [{ Demographic: { Make: set('EXCLUSIVE', 'Acme') } }, 'ben kim'],
      [{ Demographic: { Platform: set('INCLUSIVE', 'ios'), AppVersion: set('INCLUSIVE', '1') } }, 'ada'],
      [{ Demographic: { DeviceType: set('INCLUSIVE', 'phone') } }, ''],
      [{ Location: { Country: set('INCLUSIVE', 'FR') } }, 'ben'],
      [near(25), 'ada'],
      [near(20), ''],
      [near(2000), 'ada ben'],
      [recency('HR_24', 'ACTIVE'), 'ada'],
      [recency('DAY_14', 'ACTIVE'), 'ada ben'],
      [recency('DAY_30', 'INACTIVE'), 'kim'],
      [{ ...metric('GREATER_THAN_OR_EQUAL'), Location: { Country: set('INCLUSIVE', 'DE') } }, 'ada'],
    ];
    for (const [Dimensions, expected] of cases) {
      it(`contain ${expected || 'nobody'} for ${JSON.stringify(Dimensions)}`, async () => {
        assert.equal(await exported({ Dimensions }), expected);
      });
    }

    it('combine dimensions and dynamic sources by group', async () => {
      const emails = await own.createSegment({
        Dimensions: { Demographic: { Channel: set('INCLUSIVE', 'EMAIL') } },
      });
      const riders = await own.createSegment({ Dimensions: metric('GREATER_THAN_OR_EQUAL') });
      const sources = [{ Id: emails.Id }, { Id: riders.Id, Version: 1 }];
      const groups = (group: SegmentGroup, Include?: 'ALL' | 'ANY' | 'NONE'): WriteSegmentRequest => ({
        SegmentGroups: { Groups: [group], ...(Include === undefined ? {} : { Include }) },
      });
      assert.equal(await exported(groups({ SourceSegments: sources, SourceType: 'ALL' })), 'ada');
      assert.equal(await exported(groups({ SourceSegments: sources, SourceType: 'ANY' })), 'ada ben');
      assert.equal(await exported(groups({ SourceSegments: sources, SourceType: 'NONE' })), 'kim');
      assert.equal(await exported(groups({ SourceSegments: sources, SourceType: 'ANY' }, 'NONE')), 'kim');
      const dimensions = [attribute('INCLUSIVE', 'tea'), metric('EQUAL'), attribute('INCLUSIVE', 'coffee')];
      assert.equal(await exported(groups({ Dimensions: dimensions, Type: 'ANY' })), 'ada ben');
      assert.equal(await exported(groups({ Dimensions: dimensions, Type: 'ALL' })), '');
      assert.equal(await exported(groups({ Dimensions: dimensions, Type: 'NONE' })), 'kim');
    });

    it('filter an imported segment, including its unregistered endpoints', async () => {
      const job = await own.import(
        'ChannelType,Address,Id,Location.Country\nEMAIL,ada@example.com,ada,\nEMAIL,x@example.com,x,DE\nEMAIL,y@example.com,y,FR\n',
        { DefineSegment: true, RegisterEndpoints: false },
      );
      const SourceSegments = [{ Id: job.Definition!.SegmentId }];
      const inGermany = [{ Location: { Country: set('INCLUSIVE', 'DE') } }];
      const of = (group: SegmentGroup): WriteSegmentRequest => ({ SegmentGroups: { Groups: [group] } });
      assert.equal(await exported(of({ SourceSegments })), 'ada x y');
      assert.equal(await exported(of({ SourceSegments, Dimensions: inGermany })), 'ada x');
      assert.equal(await exported(of({ SourceSegments, SourceType: 'NONE' })), 'ben kim');
      const filtered = await own.createSegment(of({ SourceSegments, Dimensions: inGermany }));
      assert.equal(await exported(of({ SourceSegments: [{ Id: filtered.Id }] })), 'ada');
      const dynamic = await own.createSegment({ Name: 'all' });
      await assert.rejects(
        own.createSegment(of({ SourceSegments: [...SourceSegments, { Id: dynamic.Id }] })),
        /one imported segment/,
      );
    });
  });
});
