import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import type { EndpointRequest, ImportJobRequest, WriteSegmentRequest } from '@aws-sdk/client-pinpoint';
import {
  BadRequestException,
  CreateAppCommand,
  DeleteAppCommand,
  DeleteEndpointCommand,
  DeleteSegmentCommand,
  DeleteUserEndpointsCommand,
  GetAppCommand,
  GetApplicationSettingsCommand,
  GetAppsCommand,
  GetCampaignsCommand,
  GetImportJobsCommand,
  GetSegmentVersionCommand,
  GetSegmentVersionsCommand,
  GetUserEndpointsCommand,
  ListTagsForResourceCommand,
  NotFoundException,
  PayloadTooLargeException,
  RemoveAttributesCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateApplicationSettingsCommand,
  UpdateEndpointCommand,
  UpdateSegmentCommand,
} from '@aws-sdk/client-pinpoint';
import { after, before, describe, it } from 'mocha';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import { sendSigned } from '../support/signedRequest.ts';
import { Project, role } from '../sandbox/pinpoint/project.ts';

/*
 * What AWS documents of the audience API, statement by statement, each on a project of its own. The second column names the
 * source, and the foreign test that the check re-expresses: moto (tests/test_pinpoint), aws-doc-sdk-examples (pinpoint).
 */

type Check = readonly [what: string, source: string, run: () => Promise<unknown>];

describe('Conformance: documented semantics of the audience API', () => {
  let sandbox: TestSandbox;
  let project: Project;
  before(async () => {
    sandbox = await startTestSandbox();
  });
  after(() => sandbox.close());

  const put = async (EndpointId: string, request: EndpointRequest): Promise<void> => {
    const { pinpoint } = sandbox;
    await pinpoint.send(
      new UpdateEndpointCommand({ ApplicationId: project.id, EndpointId, EndpointRequest: request }),
    );
  };
  const email = (name: string, more: EndpointRequest = {}): EndpointRequest => ({
    ChannelType: 'EMAIL',
    Address: `${name}@example.com`,
    ...more,
  });
  const bad = (work: Promise<unknown>, message = /./): Promise<void> =>
    assert.rejects(work, (error) => {
      assert.ok(error instanceof BadRequestException, String(error));
      assert.match(error.message, message);
      return true;
    });
  const missing = (work: Promise<unknown>): Promise<void> => assert.rejects(work, NotFoundException);
  const app = (): { ApplicationId: string } => ({ ApplicationId: project.id });
  const arn = (): string => `arn:aws:mobiletargeting:us-east-1:${sandbox.account}:apps/${project.id}`;
  const ids = async (request: WriteSegmentRequest): Promise<string> => {
    const { Id } = await project.createSegment({ Name: 's', ...request });
    return (await project.exportedIds({ SegmentId: Id })).join();
  };
  const rows = (...lines: string[]): string => ['ChannelType,Address,Id', ...lines, ''].join('\n');
  const state = async (text: string, more: Partial<ImportJobRequest> = {}): Promise<string> => {
    const job = await project.import(text, more);
    return `${job.JobStatus!} ${job.TotalProcessed ?? 0} ${job.TotalFailures ?? 0}`;
  };

  const checks: readonly Check[] = [
    [
      'an endpoint that is made without an address is opted out, whatever was asked',
      'facts 1.4, semantics on write',
      async () => {
        await put('a', { OptOut: 'NONE' });
        assert.equal((await project.endpoint('a')).OptOut, 'ALL');
      },
    ],
    [
      'PutEvents with a malformed item writes none of its endpoints',
      'API reference, Events',
      async () => {
        const body = JSON.stringify({
          BatchItem: { a: { Endpoint: email('a'), Events: {} }, b: { Endpoint: email('b') } },
        });
        const request = { method: 'POST', path: `/v1/apps/${project.id}/events`, body };
        const { status } = await sendSigned(sandbox.endpoint, sandbox, {
          ...request,
          service: 'mobiletargeting',
          headers: { 'content-type': 'application/json' },
        });
        assert.equal(status, 400);
        await missing(project.endpoint('a'));
      },
    ],
    [
      'an import whose file was deleted before it ran fails',
      'facts 2.1',
      async () => {
        sandbox.faults.set({ paceMs: 100 });
        try {
          const S3Url = await project.stage('in/a.csv', 'ChannelType,Address\nEMAIL,a@example.com\n');
          const { Id } = await project.createImport({ S3Url });
          await sandbox.s3.send(new DeleteObjectCommand({ Bucket: project.bucket, Key: 'in/a.csv' }));
          const job = await project.importEnded(Id!);
          assert.deepEqual([job.JobStatus, job.Failures], ['FAILED', [`No CSV files found at ${S3Url}`]]);
        } finally {
          sandbox.faults.set({});
        }
      },
    ],
    ...(['replace', 'append'] as const).map((segmentRefresh): Check => [
      `imports into one segment at the same time add a version each (${segmentRefresh})`,
      'facts 1.8 SegmentId; 3.3 Version',
      async () => {
        const file = (name: string): string => `Id,ChannelType,Address\n${name},EMAIL,${name}@example.com\n`;
        const SegmentId = (await project.import(file('a'), { DefineSegment: true })).Definition!.SegmentId!;
        sandbox.faults.set({ paceMs: 50, segmentRefresh });
        try {
          await Promise.all(['b', 'c', 'd'].map((name) => project.import(file(name), { SegmentId })));
        } finally {
          sandbox.faults.set({});
        }
        const { SegmentsResponse } = await sandbox.pinpoint.send(
          new GetSegmentVersionsCommand({ ...app(), SegmentId }),
        );
        assert.deepEqual(
          SegmentsResponse?.Item?.map(({ Version }) => Version),
          [4, 3, 2, 1],
        );
        if (segmentRefresh === 'append')
          assert.deepEqual(await project.exportedIds({ SegmentId }), ['a', 'b', 'c', 'd']);
      },
    ]),
    [
      'a name that a segment gets while it is refreshed stays, as a version of its own',
      'facts 3.3 Version',
      async () => {
        const file = 'Id,ChannelType,Address\na,EMAIL,a@example.com\n';
        const { Definition } = await project.import(file, { DefineSegment: true, SegmentName: 'old' });
        const SegmentId = Definition!.SegmentId!;
        sandbox.faults.set({ paceMs: 100 });
        try {
          const S3Url = await project.stage('in/a.csv', file);
          const { Id } = await project.createImport({ S3Url, SegmentId });
          while ((await project.getImport(Id!)).JobStatus !== 'COMPLETING') await delay(5);
          const WriteSegmentRequest = { Name: 'new' };
          await sandbox.pinpoint.send(new UpdateSegmentCommand({ ...app(), SegmentId, WriteSegmentRequest }));
          await project.importEnded(Id!);
        } finally {
          sandbox.faults.set({});
        }
        const { Name, Version } = await project.segment(SegmentId);
        assert.deepEqual([Name, Version], ['new', 3]);
      },
    ],
    ...(['CREATED', 'COMPLETING'] as const).map((status): Check => [
      `a segment that is deleted while its refresh is ${status} stays deleted, and the job fails`,
      'facts 2.1',
      async () => {
        const file = 'Id,ChannelType,Address\na,EMAIL,a@example.com\n';
        const { Definition } = await project.import(file, { DefineSegment: true });
        const SegmentId = Definition!.SegmentId!;
        sandbox.faults.set({ paceMs: 100 });
        try {
          const S3Url = await project.stage('in/a.csv', file);
          const { Id } = await project.createImport({ S3Url, SegmentId });
          while ((await project.getImport(Id!)).JobStatus !== status) await delay(5);
          await sandbox.pinpoint.send(new DeleteSegmentCommand({ ...app(), SegmentId }));
          const job = await project.importEnded(Id!);
          assert.equal(job.JobStatus, 'FAILED');
          assert.match(job.Failures![0]!, /no longer exists/);
        } finally {
          sandbox.faults.set({});
        }
        await missing(project.segment(SegmentId));
      },
    ]),
    // Projects
    [
      'a project has an ARN, an Id of 32 hex digits, a name and a date',
      'facts 3.3; moto test_create_app',
      async () => {
        const { ApplicationResponse: made } = await sandbox.pinpoint.send(
          new CreateAppCommand({ CreateApplicationRequest: { Name: 'n' } }),
        );
        assert.match(made!.Id!, /^[0-9a-f]{32}$/);
        assert.equal(made!.Arn, `arn:aws:mobiletargeting:us-east-1:${sandbox.account}:apps/${made!.Id!}`);
        assert.match(made!.CreationDate!, /^\d{4}-.*Z$/);
      },
    ],
    [
      'a project that is deleted is answered, and gone',
      'facts 3.2; moto test_delete_app',
      async () => {
        const { ApplicationResponse: before_ } = await sandbox.pinpoint.send(new GetAppCommand(app()));
        const { ApplicationResponse: gone } = await sandbox.pinpoint.send(new DeleteAppCommand(app()));
        assert.deepEqual(gone, before_);
        await missing(sandbox.pinpoint.send(new GetAppCommand(app())));
      },
    ],
    [
      'a project is found by its Id',
      'facts 3.2; moto test_get_app',
      async () => {
        assert.equal(
          (await sandbox.pinpoint.send(new GetAppCommand(app()))).ApplicationResponse?.Id,
          project.id,
        );
      },
    ],
    [
      'projects are listed',
      'facts 2.5; moto test_get_apps',
      async () => {
        const { ApplicationsResponse } = await sandbox.pinpoint.send(new GetAppsCommand({}));
        assert.ok(ApplicationsResponse?.Item?.some(({ Id }) => Id === project.id));
      },
    ],
    [
      'pages end without a token and repeat nothing',
      'facts 2.5',
      async () => {
        const seen: string[] = [];
        let Token: string | undefined;
        do {
          const { ApplicationsResponse: page } = await sandbox.pinpoint.send(
            new GetAppsCommand({ PageSize: '2', ...(Token !== undefined && { Token }) }),
          );
          seen.push(...page!.Item!.map(({ Id }) => Id!));
          Token = page!.NextToken;
        } while (Token !== undefined);
        assert.equal(new Set(seen).size, seen.length);
      },
    ],
    [
      'settings are written and read',
      'facts 3.2; moto test_update_application_settings, test_get_application_settings',
      async () => {
        const settings = { CampaignHook: { LambdaFunctionName: 'lfn' }, Limits: { Daily: 42 } };
        await sandbox.pinpoint.send(
          new UpdateApplicationSettingsCommand({ ...app(), WriteApplicationSettingsRequest: settings }),
        );
        const { ApplicationSettingsResource: read } = await sandbox.pinpoint.send(
          new GetApplicationSettingsCommand(app()),
        );
        assert.deepEqual(
          [read?.ApplicationId, read?.CampaignHook, read?.Limits],
          [project.id, settings.CampaignHook, settings.Limits],
        );
        assert.ok(read?.LastModifiedDate !== undefined);
      },
    ],
    [
      'a project has no tags at first',
      'moto test_list_tags_for_resource_empty',
      async () => {
        const { TagsModel } = await sandbox.pinpoint.send(
          new ListTagsForResourceCommand({ ResourceArn: arn() }),
        );
        assert.deepEqual(TagsModel?.tags, {});
      },
    ],
    [
      'tags are added and removed',
      'moto test_tag_resource, test_untag_resource',
      async () => {
        await sandbox.pinpoint.send(
          new TagResourceCommand({ ResourceArn: arn(), TagsModel: { tags: { a: '1', b: '2' } } }),
        );
        await sandbox.pinpoint.send(new UntagResourceCommand({ ResourceArn: arn(), TagKeys: ['a'] }));
        const { TagsModel } = await sandbox.pinpoint.send(
          new ListTagsForResourceCommand({ ResourceArn: arn() }),
        );
        assert.deepEqual(TagsModel?.tags, { b: '2' });
      },
    ],
    [
      'an error has its type in a header, RequestID and Message in the body',
      'facts 3.4',
      async () => {
        const answer = await sendSigned(sandbox.endpoint, sandbox, {
          service: 'mobiletargeting',
          path: '/v1/apps/nothing',
        });
        assert.deepEqual([answer.status, answer.headers['x-amzn-errortype']], [404, 'NotFoundException']);
        assert.deepEqual(Object.keys(JSON.parse(answer.body) as object), ['RequestID', 'Message']);
      },
    ],
    [
      'an operation that is not served says its name',
      'issue: every operation says so by name',
      async () => {
        await assert.rejects(
          sandbox.pinpoint.send(new GetCampaignsCommand(app())),
          /doesn't serve GetCampaigns/,
        );
      },
    ],
    [
      'OPTIONS is answered',
      'facts 3.2 (API26)',
      async () => {
        const answer = await sendSigned(sandbox.endpoint, sandbox, {
          service: 'mobiletargeting',
          method: 'OPTIONS',
          path: '/v1/apps',
        });
        assert.equal(answer.status, 200);
      },
    ],
    [
      'a method that a path has not is 405',
      'facts 3.4',
      async () => {
        const answer = await sendSigned(sandbox.endpoint, sandbox, {
          service: 'mobiletargeting',
          method: 'PATCH',
          path: '/v1/apps',
        });
        assert.equal(answer.status, 405);
      },
    ],
    [
      'a body over 7 MB is 413',
      'facts 4',
      () =>
        assert.rejects(
          put('a', { Attributes: { a: ['x'.repeat(7 * 1024 * 1024)] } }),
          PayloadTooLargeException,
        ),
    ],

    // Endpoints
    [
      'an endpoint gets what the service adds',
      'facts 3.3; aws-doc-sdk-examples updateEndpoint',
      async () => {
        await put('a', email('a'));
        const { EndpointStatus, OptOut, CohortId, CreationDate, EffectiveDate, RequestId } =
          await project.endpoint('a');
        assert.deepEqual([EndpointStatus, OptOut], ['ACTIVE', 'NONE']);
        for (const value of [CohortId, CreationDate, EffectiveDate, RequestId])
          assert.ok(value !== undefined);
      },
    ],
    [
      'Ids of endpoints have no case',
      'facts 1.4',
      async () => {
        await put('Mixed', email('a'));
        await put('mIXED', { OptOut: 'ALL' });
        assert.deepEqual(await project.exportedIds(), ['Mixed']);
      },
    ],
    [
      'an endpoint without an address is opted out, and stays so with one',
      'facts 1.4',
      async () => {
        await put('a', { ChannelType: 'EMAIL' });
        await put('a', email('a'));
        assert.equal((await project.endpoint('a')).OptOut, 'ALL');
      },
    ],
    [
      'OptOut NONE without an address is refused',
      'facts N5',
      () => bad(put('a', { ChannelType: 'EMAIL', OptOut: 'NONE' }), /^Missing Address$/),
    ],
    [
      'a custom attribute gets its new values for all old ones',
      'facts 1.4',
      async () => {
        await put('a', email('a', { Attributes: { x: ['1', '2'], y: ['3'] } }));
        await put('a', { Attributes: { x: ['4'] } });
        assert.deepEqual((await project.endpoint('a')).Attributes, { x: ['4'], y: ['3'] });
      },
    ],
    [
      'an empty list takes an attribute away',
      'facts N7',
      async () => {
        await put('a', email('a', { Attributes: { x: ['1'] } }));
        await put('a', { Attributes: { x: [] } });
        assert.equal((await project.endpoint('a')).Attributes, undefined);
      },
    ],
    [
      'user attributes are the same on all endpoints of a user',
      'facts 1.4',
      async () => {
        await put('a', email('a', { User: { UserId: 'u', UserAttributes: { n: ['1'] } } }));
        await put('b', email('b', { User: { UserId: 'u', UserAttributes: { n: ['2'] } } }));
        assert.deepEqual((await project.endpoint('a')).User?.UserAttributes, { n: ['2'] });
      },
    ],
    [
      'another endpoint with the address becomes inactive',
      'facts 1.4',
      async () => {
        await put('a', email('same'));
        await put('b', email('same'));
        assert.equal((await project.endpoint('a')).EndpointStatus, 'INACTIVE');
      },
    ],
    [
      'coordinates have one decimal',
      'facts 1.4, N11',
      async () => {
        await put('a', email('a', { Location: { Latitude: 47.6097, Longitude: -122.3331 } }));
        assert.deepEqual((await project.endpoint('a')).Location, { Latitude: 47.6, Longitude: -122.3 });
      },
    ],
    [
      'a latitude alone is refused',
      'facts 1.4',
      () => bad(put('a', email('a', { Location: { Latitude: 1 } }))),
    ],
    [
      'a latitude beyond the pole is refused',
      'facts 1.4',
      () => bad(put('a', email('a', { Location: { Latitude: 91, Longitude: 0 } }))),
    ],
    [
      'two time zones are renamed',
      'facts 1.4',
      async () => {
        await put('a', email('a', { Demographic: { Timezone: 'Canada/East-Saskatchewan' } }));
        assert.equal((await project.endpoint('a')).Demographic?.Timezone, 'America/Managua');
      },
    ],
    [
      'a platform is in lower case',
      'facts N2',
      async () => {
        await put('a', email('a', { Demographic: { Platform: 'Android' } }));
        assert.equal((await project.endpoint('a')).Demographic?.Platform, 'android');
      },
    ],
    [
      'dates in the basic form are taken',
      'facts 1.4',
      async () => {
        await put('a', email('a', { EffectiveDate: '20171011T150548Z' }));
        assert.equal((await project.endpoint('a')).EffectiveDate, '2017-10-11T15:05:48.000Z');
      },
    ],
    [
      'dates that do not exist are refused',
      'issue',
      () => bad(put('a', email('a', { EffectiveDate: '2025-02-29T00:00:00Z' }))),
    ],
    [
      'addresses are stored as given',
      'facts N3',
      async () => {
        await put('a', { ChannelType: 'EMAIL', Address: 'nobody' });
        assert.equal((await project.endpoint('a')).EndpointStatus, 'ACTIVE');
      },
    ],
    [
      'alpha-3 countries are stored as given',
      'facts N3',
      async () => {
        await put('a', email('a', { Location: { Country: 'USA' } }));
        assert.equal((await project.endpoint('a')).Location?.Country, 'USA');
      },
    ],
    ...[
      'PUSH',
      'GCM',
      'APNS',
      'APNS_SANDBOX',
      'APNS_VOIP',
      'APNS_VOIP_SANDBOX',
      'ADM',
      'SMS',
      'VOICE',
      'EMAIL',
      'BAIDU',
      'CUSTOM',
      'IN_APP',
    ].map(
      (ChannelType) =>
        [
          `${ChannelType} is a channel`,
          'facts 1.5',
          () => put('a', { ChannelType: ChannelType as 'SMS', Address: 'x' }),
        ] as const,
    ),
    ['FCM is none', 'facts 1.5', () => bad(put('a', { ChannelType: 'FCM' as 'GCM', Address: 'x' }))],
    [
      '$, { and } are refused in Ids',
      'facts 1.4',
      async () => {
        for (const id of ['a$', 'a{', 'a}']) await bad(put(id, email('a')));
        await bad(put('a', email('a', { User: { UserId: '${x}' } })));
      },
    ],
    [
      'values have 100 characters, names 50',
      'facts F8',
      async () => {
        await put('a', email('a', { Attributes: { ['n'.repeat(50)]: ['v'.repeat(100)] } }));
        await bad(put('a', email('a', { Attributes: { x: ['v'.repeat(101)] } })));
        await bad(put('a', email('a', { Attributes: { ['n'.repeat(51)]: ['v'] } })));
      },
    ],
    [
      'an attribute has 50 values',
      'facts 1.7',
      () => bad(put('a', email('a', { Attributes: { x: Array<string>(51).fill('v') } }))),
    ],
    [
      'an endpoint has 15 KB',
      'facts 1.7',
      () =>
        bad(
          put(
            'a',
            email('a', {
              Attributes: Object.fromEntries(
                ['a', 'b', 'c', 'd'].map((n) => [n, Array<string>(50).fill('v'.repeat(99))]),
              ),
            }),
          ),
          /15 KB/,
        ),
    ],
    [
      'a project has 250 custom names',
      'facts E4; re:Post pinpoint-additional-attributes',
      async () => {
        const some = (from: number): EndpointRequest => ({
          Metrics: Object.fromEntries(Array.from({ length: 125 }, (_, n) => [`m${from + n}`, 1])),
        });
        await put('a', email('a', some(0)));
        await put('a', some(125));
        await bad(put('a', { Attributes: { more: ['1'] } }), /Too many custom attributes/);
        await sandbox.pinpoint.send(
          new RemoveAttributesCommand({
            ...app(),
            AttributeType: 'endpoint-metric-attributes',
            UpdateAttributesRequest: { Blacklist: ['m1*'] },
          }),
        );
        await put('a', { Attributes: { more: ['1'] } });
      },
    ],
    [
      'removed names are no longer captured; endpoints keep what they have',
      'facts 3.2',
      async () => {
        await put('a', email('a', { Attributes: { x: ['1'] } }));
        await sandbox.pinpoint.send(
          new RemoveAttributesCommand({
            ...app(),
            AttributeType: 'endpoint-custom-attributes',
            UpdateAttributesRequest: { Blacklist: ['x'] },
          }),
        );
        await put('b', email('b', { Attributes: { x: ['2'] } }));
        assert.deepEqual(
          [(await project.endpoint('a')).Attributes, (await project.endpoint('b')).Attributes],
          [{ x: ['1'] }, undefined],
        );
      },
    ],
    [
      'removing names answers with those that remain',
      'facts N7',
      async () => {
        await put('a', email('a', { Attributes: { x: ['1'], y: ['2'], z: ['3'] } }));
        const { AttributesResource } = await sandbox.pinpoint.send(
          new RemoveAttributesCommand({
            ...app(),
            AttributeType: 'endpoint-custom-attributes',
            UpdateAttributesRequest: { Blacklist: ['x', 'z'] },
          }),
        );
        assert.deepEqual(AttributesResource?.Attributes, ['y']);
      },
    ],
    [
      'a 16th email endpoint of a user is refused',
      'facts 1.7, E3; amplify-js#7251',
      async () => {
        for (let n = 0; n < 15; n += 1) await put(`e${n}`, email(`e${n}`, { User: { UserId: 'u' } }));
        await bad(
          put('e15', email('e15', { User: { UserId: 'u' } })),
          /Exceeded maximum endpoint per user count: 15/,
        );
      },
    ],
    [
      'a 16th token takes the place of the oldest',
      'facts 1.7',
      async () => {
        for (let n = 0; n < 16; n += 1)
          await put(`t${n}`, {
            ChannelType: 'GCM',
            Address: `t${n}`,
            EffectiveDate: `2026-01-${String(n + 1).padStart(2, '0')}T00:00:00Z`,
            User: { UserId: 'u' },
          });
        const oldest = await project.endpoint('t0');
        assert.deepEqual([oldest.EndpointStatus, oldest.User], ['INACTIVE', undefined]);
      },
    ],
    [
      'a 16th APNS_SANDBOX token is refused',
      'facts N8; amplify-flutter#3560',
      async () => {
        const token = (n: number): EndpointRequest => ({
          ChannelType: 'APNS_SANDBOX',
          Address: `t${n}`,
          User: { UserId: 'u' },
        });
        for (let n = 0; n < 15; n += 1) await put(`t${n}`, token(n));
        await bad(put('t15', token(15)));
      },
    ],
    [
      'a batch of 101 is refused',
      'facts 1.7',
      () => bad(project.put(...Array.from({ length: 101 }, (_, n) => ({ Id: `b${n}`, ...email(`b${n}`) })))),
    ],
    [
      'a user is found, deleted, and not found',
      'facts 3.2',
      async () => {
        await put('a', email('a', { User: { UserId: 'u' } }));
        const user = { ...app(), UserId: 'u' };
        assert.equal(
          (await sandbox.pinpoint.send(new GetUserEndpointsCommand(user))).EndpointsResponse?.Item?.length,
          1,
        );
        await sandbox.pinpoint.send(new DeleteUserEndpointsCommand(user));
        await missing(sandbox.pinpoint.send(new GetUserEndpointsCommand(user)));
      },
    ],
    [
      'a deleted endpoint is answered, and not found',
      'facts 3.2; aws-doc-sdk-examples deleteEndpoint',
      async () => {
        await put('a', email('a'));
        const { EndpointResponse } = await sandbox.pinpoint.send(
          new DeleteEndpointCommand({ ...app(), EndpointId: 'A' }),
        );
        assert.equal(EndpointResponse?.Id, 'a');
        await missing(project.endpoint('a'));
      },
    ],

    // Segments
    [
      'no dimensions are every endpoint',
      'facts 3.3; aws-doc-sdk-examples createSegment',
      async () => {
        await put('a', email('a'));
        assert.equal(await ids({ Dimensions: {} }), 'a');
      },
    ],
    ...(
      [
        ['INCLUSIVE', ['tea'], 'a'],
        ['EXCLUSIVE', ['tea'], 'b'],
        ['CONTAINS', ['in'], 'b'],
      ] as const
    ).map(
      ([AttributeType, Values, expected]) =>
        [
          `attributes match ${AttributeType}`,
          'facts 3.3',
          async () => {
            await put('a', email('a', { Attributes: { likes: ['tea'] } }));
            await put('b', email('b', { Attributes: { likes: ['rain'] } }));
            assert.equal(
              await ids({ Dimensions: { Attributes: { likes: { AttributeType, Values: [...Values] } } } }),
              expected,
            );
          },
        ] as const,
    ),
    ...(['GREATER_THAN', 'LESS_THAN', 'GREATER_THAN_OR_EQUAL', 'LESS_THAN_OR_EQUAL', 'EQUAL'] as const).map(
      (ComparisonOperator, at) =>
        [
          `metrics compare ${ComparisonOperator}`,
          'facts 3.3',
          async () => {
            for (const n of [1, 2, 3]) await put(`m${n}`, email(`m${n}`, { Metrics: { n } }));
            const expected = ['m3', 'm1', 'm2,m3', 'm1,m2', 'm2'][at];
            assert.equal(
              await ids({ Dimensions: { Metrics: { n: { ComparisonOperator, Value: 2 } } } }),
              expected,
            );
          },
        ] as const,
    ),
    [
      'a segment has at most one group',
      'facts 3.3',
      () => bad(project.createSegment({ SegmentGroups: { Groups: [{}, {}] } })),
    ],
    [
      'dimensions and groups exclude each other',
      'facts 3.3',
      () => bad(project.createSegment({ Dimensions: {}, SegmentGroups: {} })),
    ],
    [
      'an update makes a version, whose tags are not processed',
      'facts 3.3',
      async () => {
        const { Id } = await project.createSegment({ Name: 's', Dimensions: {}, tags: { a: '1' } });
        await sandbox.pinpoint.send(
          new UpdateSegmentCommand({
            ...app(),
            SegmentId: Id,
            WriteSegmentRequest: { Name: 't', tags: { b: '2' } },
          }),
        );
        const now = await project.segment(Id!);
        assert.deepEqual([now.Version, now.Name, now.tags], [2, 't', { a: '1' }]);
        const first = await sandbox.pinpoint.send(
          new GetSegmentVersionCommand({ ...app(), SegmentId: Id, Version: '1' }),
        );
        assert.equal(first.SegmentResponse?.Name, 's');
        const all = await sandbox.pinpoint.send(new GetSegmentVersionsCommand({ ...app(), SegmentId: Id }));
        assert.equal(all.SegmentsResponse?.Item?.length, 2);
      },
    ],
    [
      'a deleted segment is not found',
      'facts 3.2',
      async () => {
        const { Id } = await project.createSegment({ Dimensions: {} });
        await sandbox.pinpoint.send(new DeleteSegmentCommand({ ...app(), SegmentId: Id }));
        await missing(project.segment(Id!));
      },
    ],

    // Imports
    [
      'a created import says its whole definition',
      'facts 2.3',
      async () => {
        const S3Url = await project.stage('in/a.csv', rows('EMAIL,a@example.com,a'));
        const job = await project.createImport({ S3Url, DefineSegment: true });
        assert.equal(job.JobStatus, 'CREATED');
        assert.match(job.Definition!.SegmentId!, /^[0-9a-f]{32}$/);
        assert.equal(job.Definition!.ExternalId, sandbox.account);
      },
    ],
    [
      'false and false are refused',
      'facts 1.8',
      async () => {
        const S3Url = await project.stage('in/a.csv', rows('EMAIL,a@example.com,a'));
        await bad(project.createImport({ S3Url, DefineSegment: false, RegisterEndpoints: false }));
      },
    ],
    [
      'DefineSegment false alone registers',
      'facts N6',
      async () => {
        await state(rows('EMAIL,a@example.com,a'), { DefineSegment: false });
        assert.deepEqual(await project.exportedIds(), ['a']);
      },
    ],
    [
      'a segment without registering leaves endpoints alone',
      'facts 1.8',
      async () => {
        await put('a', email('old'));
        await state(rows('EMAIL,new@example.com,a'), { DefineSegment: true, RegisterEndpoints: false });
        assert.equal((await project.endpoint('a')).Address, 'old@example.com');
      },
    ],
    [
      'bad JSON is refused when the job is created, in the words of Jackson',
      'facts E1; aws-sdk-ruby#2962',
      async () => {
        const S3Url = await project.stage('in/a.json', '{ Id: "a" }');
        await bad(
          project.createImport({ Format: 'JSON', S3Url }),
          /was expecting double-quote to start field name/,
        );
      },
    ],
    [
      'an unknown column is refused when the job is created',
      'facts F7, E2',
      async () => {
        const S3Url = await project.stage('in/a.csv', 'ChannelType,Adress\nEMAIL,a@example.com\n');
        await bad(project.createImport({ S3Url }), /didn't match the format/);
      },
    ],
    [
      'compressed files are refused',
      'facts F3',
      async () => {
        const S3Url = await project.stage('in/a.csv', Buffer.from([0x1f, 0x8b, 8, 0]));
        await bad(project.createImport({ S3Url }));
      },
    ],
    [
      'repeated columns are several values',
      'facts C4',
      async () => {
        await state('ChannelType,Address,Id,Attributes.x,Attributes.x\nEMAIL,a@example.com,a,1,2\n');
        assert.deepEqual((await project.endpoint('a')).Attributes, { x: ['1', '2'] });
      },
    ],
    [
      'quoted values have commas and doubled quotes',
      'facts C2, C5',
      async () => {
        await state('"ChannelType","Address","Id","Attributes.x"\n"EMAIL","a@example.com","a","1, ""2"""\n');
        assert.deepEqual((await project.endpoint('a')).Attributes, { x: ['1, "2"'] });
      },
    ],
    [
      'line breaks and tabs in values are bad records',
      'facts C3',
      async () =>
        assert.equal(
          await state(
            'ChannelType,Address,Id,Attributes.x\nEMAIL,a@example.com,a,"1\n2"\nEMAIL,b@example.com,b,"1\t2"\n',
          ),
          'COMPLETED 2 2',
        ),
    ],
    [
      'an Id alone updates',
      'facts F5, F6',
      async () => {
        await put('a', email('a'));
        assert.equal(await state('Id,Metrics.n\na,3\nb,4\n'), 'COMPLETED 2 1');
        assert.deepEqual((await project.endpoint('a')).Metrics, { n: 3 });
      },
    ],
    [
      'users may be listed by their Id, if they have endpoints',
      'facts F13, F14, C10, J5',
      async () => {
        await put('a', email('a', { User: { UserId: 'u' } }));
        assert.equal(await state('User.UserId\nu\nnobody\n', { DefineSegment: true }), 'COMPLETED 2 1');
        assert.equal(await state('{"User":{"UserId":"u"}}\n', { DefineSegment: true }), 'COMPLETED 1 0');
      },
    ],
    [
      'an Id is made of the address',
      'facts N1',
      async () => {
        await state('ChannelType,Address\nEMAIL,a@example.com\n');
        await state('ChannelType,Address\nEMAIL,a@example.com\n');
        const [id, ...others] = await project.exportedIds();
        assert.match(id!, /^[a-z0-9+/]{27}$/);
        assert.deepEqual(others, []);
      },
    ],
    [
      'an exported line is taken back',
      'facts 1.4',
      async () => {
        await put('a', email('a', { Attributes: { x: ['1'] } }));
        const lines = (await project.export()).map((line) => JSON.stringify(line)).join('\n');
        assert.equal(await state(lines), 'COMPLETED 1 0');
      },
    ],
    [
      'a prefix is compared as S3 compares keys',
      'facts 1.8',
      async () => {
        await project.stage('test/a.csv', rows('EMAIL,a@example.com,a'));
        await project.stage('test2/b.csv', rows('EMAIL,b@example.com,b'));
        const { Id } = await project.createImport({ S3Url: `s3://${project.bucket}/test` });
        await project.importEnded(Id!);
        assert.deepEqual(await project.exportedIds(), ['a', 'b']);
      },
    ],
    [
      'only objects of the format are read',
      'facts F10, D9, N10',
      async () => {
        await project.stage('d/a.csv', rows('EMAIL,a@example.com,a'));
        await project.stage('d/b.json', '{"broken');
        await project.stage('d/_SUCCESS', '');
        const { Id } = await project.createImport({ S3Url: `s3://${project.bucket}/d/` });
        assert.equal((await project.importEnded(Id!)).JobStatus, 'COMPLETED');
      },
    ],
    [
      'the first 100 failures are told',
      'facts 2.2',
      async () => {
        const job = await project.import(rows(...Array.from({ length: 150 }, (_, n) => `BAD,x,${n}`)));
        assert.deepEqual([job.TotalFailures, job.Failures?.length], [150, 100]);
      },
    ],
    [
      'jobs are listed',
      'facts 2.5',
      async () => {
        await state(rows('EMAIL,a@example.com,a'));
        const { ImportJobsResponse } = await sandbox.pinpoint.send(new GetImportJobsCommand(app()));
        assert.equal(ImportJobsResponse?.Item?.length, 1);
      },
    ],

    // Exports
    [
      'an export does not say what it was asked',
      'facts 2.3',
      async () => {
        const { Id } = await project.createExport();
        assert.deepEqual((await project.exportEnded(Id!)).Definition, {});
      },
    ],
    [
      'exports are gzip NDJSON below the prefix, slash or not',
      'facts 2.6',
      async () => {
        await put('a', email('a'));
        const { Id } = await project.createExport({ S3UrlPrefix: `s3://${project.bucket}/x` });
        await project.exportEnded(Id!);
        assert.match((await project.keys('x/'))[0]!, /^x\/.*\.gz$/);
        assert.equal((await project.unzipped('x/')).trimEnd().split('\n').length, 1);
      },
    ],
    [
      'lines have their members in the order of real exports, and no CohortId',
      'facts N4',
      async () => {
        await put(
          'a',
          email('a', {
            Location: { City: 'x' },
            Demographic: { Make: 'y' },
            Attributes: { z: ['1'] },
            User: { UserId: 'u' },
          }),
        );
        const [line] = await project.export();
        assert.deepEqual(Object.keys(line!), [
          'ChannelType',
          'Address',
          'EndpointStatus',
          'OptOut',
          'Location',
          'Demographic',
          'EffectiveDate',
          'Attributes',
          'User',
          'ApplicationId',
          'Id',
          'CreationDate',
        ]);
      },
    ],
    [
      'an endpoint without a user has none in an export',
      'facts N4',
      async () => {
        await put('a', email('a'));
        assert.ok(!('User' in (await project.export())[0]!));
      },
    ],
    [
      'a version of a segment can be exported',
      'facts 2.6',
      async () => {
        await put('a', email('a'));
        const { Id } = await project.createSegment({ Dimensions: {} });
        assert.deepEqual(await project.exportedIds({ SegmentId: Id, SegmentVersion: 1 }), ['a']);
        await missing(project.createExport({ SegmentId: Id, SegmentVersion: 2 }));
      },
    ],
    [
      'a bucket that is not there is refused',
      'facts 2.4',
      () => bad(project.createExport({ S3UrlPrefix: 's3://there-is-no-such-bucket/' })),
    ],
    [
      'a role of another account is refused',
      'facts E6',
      () => bad(project.createExport({ RoleArn: role.replace('123456789012', '210987654321') })),
    ],
  ];

  for (const [what, source, run] of checks) {
    it(`${what} [${source}]`, async () => {
      project = await Project.create(sandbox);
      await run();
      // A region has at most 100 projects.
      await sandbox.pinpoint.send(new DeleteAppCommand(app())).catch(() => undefined);
    });
  }
});
