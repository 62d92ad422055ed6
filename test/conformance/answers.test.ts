import assert from 'node:assert/strict';
import * as pinpointSdk from '@aws-sdk/client-pinpoint';
import { after, before, describe, it } from 'mocha';
import type { TestSandbox } from '../support/sandbox.ts';
import { startTestSandbox } from '../support/sandbox.ts';
import { sendSigned } from '../support/signedRequest.ts';
import { Project, role } from '../sandbox/pinpoint/project.ts';

/*
 * Every audience operation's answer as it goes over the wire, against the schemas that the SDK itself reads answers with: status,
 * members by name and type, and that no required member is missing. (As in botocore's model, which robotocore's suite validates.)
 */

type Schema = number | readonly unknown[] | (() => Schema);
type Struct = readonly [3, string, string, unknown, readonly string[], readonly Schema[], number?];
type OperationSchema = readonly [
  9,
  string,
  string,
  { http: readonly [string, string, number] },
  Schema,
  Schema,
];

const schemas = pinpointSdk as unknown as Readonly<Record<string, Schema | undefined>>;
const isPayload = 16;
const listOf = 64;
const mapOf = 128;

function checkShape(schema: Schema, value: unknown, path: string): string[] {
  if (typeof schema === 'function') return checkShape(schema(), value, path);
  if (typeof schema === 'number') return checkSimple(schema, value, path);
  const [kind] = schema;
  if (kind === 3) return checkStruct(schema as unknown as Struct, value, path);
  if (kind === 1) return checkList(schema[4] as Schema, value, path);
  if (kind === 2) return checkMap(schema[5] as Schema, value, path);
  // A schema with traits.
  return checkShape(schema[0] as Schema, value, path);
}

function checkStruct(
  [, , name, , members, types, required = 0]: Struct,
  value: unknown,
  path: string,
): string[] {
  if (!isObject(value)) return [`${path} is no ${name}`];
  const unknown = Object.keys(value).filter((member) => !members.includes(member));
  return [
    ...unknown.map((member) => `${path}.${member} is no member of ${name}`),
    ...members
      .slice(0, required)
      .flatMap((member) => (member in value ? [] : [`${path}.${member} is missing`])),
    ...members.flatMap((member, at) =>
      member in value ? checkShape(types[at]!, value[member], `${path}.${member}`) : [],
    ),
  ];
}

function checkList(item: Schema, value: unknown, path: string): string[] {
  if (!Array.isArray(value)) return [`${path} is no list`];
  return value.flatMap((each, at) => checkShape(item, each, `${path}[${at}]`));
}

function checkMap(item: Schema, value: unknown, path: string): string[] {
  if (!isObject(value)) return [`${path} is no map`];
  return Object.entries(value).flatMap(([name, each]) => checkShape(item, each, `${path}.${name}`));
}

const simple: Readonly<Record<number, string>> = { 0: 'string', 1: 'number', 2: 'boolean' };

function checkSimple(schema: number, value: unknown, path: string): string[] {
  if ((schema & mapOf) !== 0) return checkMap(schema & ~mapOf, value, path);
  if ((schema & listOf) !== 0) return checkList(schema & ~listOf, value, path);
  const expected = simple[schema];
  if (expected === undefined) return [`${path}: the check knows no schema ${schema}`];
  return typeof value === expected ? [] : [`${path} is no ${expected}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What an export was asked to do does not come back, although the model requires it (Developer guide, audience-data-export). */
const emptyDefinition = /\.Definition\.(RoleArn|S3UrlPrefix) is missing$/;
const isExport = (operation: string): boolean => /^Get(Segment)?ExportJobs?$/.test(operation);

describe('Conformance: answers of every audience operation against the schemas of the SDK', () => {
  let sandbox: TestSandbox;
  let project: Project;
  const given: Record<string, string> = {};
  before(async () => {
    sandbox = await startTestSandbox();
    project = await Project.create(sandbox);
    await project.put({
      Id: 'one',
      ChannelType: 'EMAIL',
      Address: 'one@example.com',
      Attributes: { likes: ['tea'] },
      Metrics: { visits: 1.5 },
      Demographic: { Platform: 'iOS', Locale: 'en_US' },
      Location: { Country: 'US', Latitude: 47.6, Longitude: -122.3 },
      User: { UserId: 'u', UserAttributes: { name: ['Ada'] } },
    });
    await project.put({ Id: 'two', ChannelType: 'SMS', Address: '+12065550100', User: { UserId: 'v' } });
    const csv = 'ChannelType,Address,Id\nEMAIL,three@example.com,three\nBAD,x,y\n';
    const imported = await project.import(csv, { DefineSegment: true, SegmentName: 'From a file' });
    const exported = await project.createExport({ SegmentId: imported.Definition!.SegmentId });
    await project.exportEnded(exported.Id!);
    const dynamic = await project.createSegment({
      Name: 'Dynamic',
      tags: { team: 'audience' },
      SegmentGroups: {
        Include: 'ANY',
        Groups: [
          {
            Type: 'ALL',
            SourceType: 'ANY',
            Dimensions: [{ Metrics: { visits: { ComparisonOperator: 'EQUAL', Value: 1.5 } } }],
          },
        ],
      },
    });
    Object.assign(given, {
      ApplicationId: project.id,
      SegmentId: imported.Definition!.SegmentId!,
      dynamic: dynamic.Id!,
      ImportJobId: imported.Id!,
      ExportJobId: exported.Id!,
      ResourceArn: `arn:aws:mobiletargeting:us-east-1:${sandbox.account}:apps/${project.id}`,
      S3Url: await project.stage('in/again.csv', csv),
    });
  });
  after(() => sandbox.close());

  /** What is sent, in the order in which it makes sense; labels come from what was made before. */
  const calls: readonly (readonly [
    operation: string,
    labels?: Record<string, string>,
    body?: (() => object) | undefined,
    query?: string,
  ])[] = [
    ['CreateApp', {}, () => ({ Name: 'Another', tags: { a: 'b' } })],
    ['GetApps', {}, undefined, 'page-size=1'],
    ['GetApp'],
    ['GetApplicationSettings'],
    [
      'UpdateApplicationSettings',
      {},
      () => ({ Limits: { Daily: 42 }, QuietTime: { Start: '00:00', End: '06:00' } }),
    ],
    ['TagResource', {}, () => ({ tags: { team: 'audience' } })],
    ['ListTagsForResource'],
    ['UntagResource', {}, undefined, 'tagKeys=team'],
    ['CreateSegment', {}, () => ({ Name: 'Everybody', Dimensions: {} })],
    ['GetSegments', {}, undefined, 'page-size=1'],
    ['GetSegment'],
    ['GetSegment', { SegmentId: 'dynamic' }],
    ['UpdateSegment', { SegmentId: 'dynamic' }, () => ({ Name: 'Renamed' })],
    ['GetSegmentVersions', { SegmentId: 'dynamic' }],
    ['GetSegmentVersion', { Version: '1' }],
    ['GetSegmentImportJobs'],
    ['GetSegmentExportJobs'],
    [
      'CreateImportJob',
      {},
      () => ({ Format: 'CSV', RoleArn: role, S3Url: given['S3Url'], DefineSegment: true }),
    ],
    ['GetImportJobs'],
    ['GetImportJob', { JobId: 'ImportJobId' }],
    ['CreateExportJob', {}, () => ({ RoleArn: role, S3UrlPrefix: `s3://${project.bucket}/out/` })],
    ['GetExportJobs'],
    ['GetExportJob', { JobId: 'ExportJobId' }],
    ['UpdateEndpoint', { EndpointId: '=one' }, () => ({ OptOut: 'ALL' })],
    ['UpdateEndpointsBatch', {}, () => ({ Item: [{ Id: 'four', ChannelType: 'CUSTOM', Address: 'x' }] })],
    ['GetEndpoint', { EndpointId: '=one' }],
    ['GetUserEndpoints', { UserId: '=u' }],
    [
      'PutEvents',
      {},
      () => ({
        BatchItem: {
          five: {
            Endpoint: { ChannelType: 'CUSTOM', Address: 'y' },
            Events: { e: { EventType: 't', Timestamp: '2026-01-01T00:00:00Z' } },
          },
        },
      }),
    ],
    ['RemoveAttributes', { AttributeType: '=endpoint-custom-attributes' }, () => ({ Blacklist: ['likes'] })],
    ['DeleteEndpoint', { EndpointId: '=two' }],
    ['DeleteUserEndpoints', { UserId: '=u' }],
    ['DeleteSegment', { SegmentId: 'dynamic' }],
    ['DeleteApp'],
  ];

  for (const [operation, labels = {}, body, query = ''] of calls) {
    it(`${operation}${Object.values(labels).includes('dynamic') ? ' of a dynamic segment' : ''}`, async () => {
      const [, , , { http }, , output] = schemas[`${operation}$`] as unknown as OperationSchema;
      const [method, template, status] = http;
      const path = template.replaceAll(/\{(\w+)\}/g, (_, label: string) => {
        const named = labels[label] ?? label;
        const value = named.startsWith('=') ? named.slice(1) : (given[named] ?? named);
        return encodeURIComponent(value);
      });
      const answer = await sendSigned(sandbox.endpoint, sandbox, {
        service: 'mobiletargeting',
        method,
        path,
        query: Object.fromEntries(new URLSearchParams(query)),
        ...(body && { body: JSON.stringify(body()), headers: { 'content-type': 'application/json' } }),
      });
      assert.equal(answer.status, status, answer.body);
      const struct = typeof output === 'function' ? output() : output;
      const [, , , , , types] = struct as unknown as Struct;
      const payload = (types as Struct[5] | undefined)?.find(
        (type) => Array.isArray(type) && type[1] === isPayload,
      );
      if (payload === undefined) assert.equal(answer.body, '');
      else {
        const problems = checkShape(payload, JSON.parse(answer.body), operation);
        const unexpected = problems.filter(
          (problem) => !(isExport(operation) && emptyDefinition.test(problem)),
        );
        assert.deepEqual(unexpected, []);
      }
    });
  }

  it('the check itself finds unknown, missing and mistyped members', () => {
    const payload = schemas['ApplicationResponse$']!;
    assert.deepEqual(checkShape(payload, { Arn: 1, Id: 'i', tags: { a: 2 }, extra: '' }, 'x'), [
      'x.extra is no member of ApplicationResponse',
      'x.Name is missing',
      'x.Arn is no string',
      'x.tags.a is no string',
    ]);
  });
});
