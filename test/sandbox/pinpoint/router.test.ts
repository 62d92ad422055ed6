import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox } from '../../support/sandbox.ts';
import type { RawResponse } from '../../support/signedRequest.ts';
import { errorCode, sendSigned } from '../../support/signedRequest.ts';
import { Project, role } from './project.ts';

describe('Pinpoint over the wire', () => {
  let sandbox: TestSandbox;
  let project: Project;
  before(async () => {
    sandbox = await startTestSandbox();
    project = await Project.create(sandbox);
  });
  after(() => sandbox.close());

  const send = (
    method: string,
    path: string,
    body?: object | string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<RawResponse> =>
    sendSigned(sandbox.endpoint, sandbox, {
      service: 'mobiletargeting',
      method,
      path,
      query,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });

  it('answers every operation with the status of the service model and a bare body', async () => {
    const app = `/v1/apps/${project.id}`;
    const S3Url = await project.stage('in/a.csv', 'ChannelType,Address,Id\nEMAIL,a@example.com,a\n');
    const arn = encodeURIComponent(
      `arn:aws:mobiletargeting:${sandbox.region}:${sandbox.account}:apps/${project.id}`,
    );
    const ids = { segment: '', import: '', export: '' };
    const seen = async (
      method: string,
      path: string,
      status: number,
      members: readonly string[],
      body?: object,
      query?: Record<string, string>,
    ): Promise<Record<string, unknown>> => {
      const response = await send(method, path, body, query);
      assert.equal(response.status, status, `${method} ${path}: ${response.body}`);
      assert.match(String(response.headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/);
      if (status === 204) {
        assert.equal(response.body, '');
        return {};
      }
      assert.equal(response.headers['content-type'], 'application/json');
      const parsed = JSON.parse(response.body) as Record<string, unknown>;
      for (const member of members) assert.ok(member in parsed, `${method} ${path} has no ${member}`);
      return parsed;
    };

    const item = ['Item'];
    const other = await seen('POST', '/v1/apps', 201, ['Arn', 'Id', 'Name', 'tags'], { Name: 'other' });
    await seen('GET', '/v1/apps', 200, item);
    await seen('GET', app, 200, ['Arn', 'Id', 'Name']);
    await seen('GET', `${app}/`, 200, ['Id']);
    await seen('PUT', `${app}/settings`, 200, ['ApplicationId', 'Limits'], { Limits: { Daily: 5 } });
    await seen('GET', `${app}/settings`, 200, ['ApplicationId', 'Limits', 'LastModifiedDate']);
    await seen('POST', `/v1/tags/${arn}`, 204, [], { tags: { a: 'b' } });
    await seen('GET', `/v1/tags/${arn}`, 200, ['tags']);
    await seen('DELETE', `/v1/tags/${arn}`, 204, [], undefined, { tagKeys: 'a' });

    const segmentMembers = ['ApplicationId', 'Arn', 'CreationDate', 'Id', 'SegmentType', 'Version'];
    ids.segment = (await seen('POST', `${app}/segments`, 201, segmentMembers, { Name: 's' }))['Id'] as string;
    const segment = `${app}/segments/${ids.segment}`;
    await seen('GET', `${app}/segments`, 200, item);
    await seen('GET', segment, 200, segmentMembers);
    await seen('PUT', segment, 200, segmentMembers, { Name: 't' });
    await seen('GET', `${segment}/versions`, 200, item);
    await seen('GET', `${segment}/versions/1`, 200, segmentMembers);
    await seen('GET', `${segment}/jobs/import`, 200, item);
    await seen('GET', `${segment}/jobs/export`, 200, item);

    const jobMembers = ['ApplicationId', 'CreationDate', 'Definition', 'Id', 'JobStatus', 'Type'];
    const importRequest = { Format: 'CSV', S3Url, RoleArn: role, RegisterEndpoints: true };
    const importJob = await seen('POST', `${app}/jobs/import`, 201, jobMembers, importRequest);
    ids.import = importJob['Id'] as string;
    assert.match(ids.import, /^[0-9a-f]{32}$/);
    assert.equal(importJob['JobStatus'], 'CREATED');
    await seen('GET', `${app}/jobs/import`, 200, item);
    await seen('GET', `${app}/jobs/import/${ids.import}`, 200, jobMembers);
    await project.importEnded(ids.import);
    const exportRequest = { S3UrlPrefix: `s3://${project.bucket}/out/`, RoleArn: role };
    const exportJob = await seen('POST', `${app}/jobs/export`, 202, jobMembers, exportRequest);
    ids.export = exportJob['Id'] as string;
    assert.deepEqual(exportJob['Definition'], exportRequest);
    await seen('GET', `${app}/jobs/export`, 200, item);
    const shown = await seen('GET', `${app}/jobs/export/${ids.export}`, 200, jobMembers);
    assert.deepEqual(shown['Definition'], {});

    const message = ['RequestID', 'Message'];
    const accepted = await seen('PUT', `${app}/endpoints/b`, 202, message, {
      ChannelType: 'EMAIL',
      Address: 'b@example.com',
      User: { UserId: 'u' },
    });
    assert.equal(accepted['Message'], 'Accepted');
    const batch = { Item: [{ Id: 'c', ChannelType: 'SMS', Address: '+12065550100', User: { UserId: 'u' } }] };
    await seen('PUT', `${app}/endpoints`, 202, message, batch);
    await seen('GET', `${app}/endpoints/b`, 200, ['Id', 'ApplicationId', 'User', 'CohortId', 'CreationDate']);
    await seen('GET', `${app}/users/u`, 200, item);
    await seen('PUT', `${app}/attributes/endpoint-custom-attributes`, 200, ['Attributes', 'AttributeType'], {
      Blacklist: ['x'],
    });
    await seen('DELETE', `${app}/endpoints/b`, 202, ['Id', 'ApplicationId']);
    await seen('DELETE', `${app}/users/u`, 202, item);
    await seen('DELETE', segment, 200, segmentMembers);
    await project.exportEnded(ids.export);
    await seen('DELETE', `/v1/apps/${String(other['Id'])}`, 200, ['Id', 'Name']);
  });

  it('returns an error in the header and with RequestID and Message in the body', async () => {
    const response = await send('GET', '/v1/apps/unknown');
    assert.equal(response.status, 404);
    assert.equal(response.headers['x-amzn-errortype'], 'NotFoundException');
    assert.deepEqual(JSON.parse(response.body), {
      RequestID: response.headers['x-amzn-requestid'],
      Message: 'Resource not found',
    });
  });

  const refusals: readonly [
    name: string,
    method: string,
    path: string,
    body: object | string | undefined,
    status: number,
    code: string,
  ][] = [
    ['an unknown path', 'GET', '/v1/nothing', undefined, 404, 'NotFoundException'],
    ['a method that a path does not have', 'PATCH', '/v1/apps', {}, 405, 'MethodNotAllowedException'],
    ['malformed JSON', 'POST', '/v1/apps', '{"Name":', 400, 'BadRequestException'],
    ['JSON that is no object', 'POST', '/v1/apps', '[1]', 400, 'BadRequestException'],
    ['a member of the wrong type', 'POST', '/v1/apps', { Name: 1 }, 400, 'BadRequestException'],
    ['a missing member', 'POST', '/v1/apps', {}, 400, 'BadRequestException'],
    [
      'a body over 7 MB',
      'POST',
      '/v1/apps',
      { Name: 'x'.repeat(7 * 1024 * 1024) },
      413,
      'PayloadTooLargeException',
    ],
  ];
  for (const [name, method, path, body, status, code] of refusals) {
    it(`rejects ${name} with ${status}`, async () => {
      const response = await send(method, path, body);
      assert.equal(response.status, status);
      assert.equal(errorCode(response), code);
      assert.ok((JSON.parse(response.body) as { Message: string }).Message.length > 0);
    });
  }

  it('reports which methods a path has', async () => {
    const options = await send('OPTIONS', '/v1/apps');
    assert.equal(options.status, 200);
    assert.equal(options.headers['allow'], 'GET, POST, OPTIONS');
  });

  it('rejects a path with invalid percent-encoding', async () => {
    const response = await send('GET', '/v1/apps/%E0%A4%A');
    assert.equal(response.status, 400);
  });
});
