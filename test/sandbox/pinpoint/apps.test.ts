import assert from 'node:assert/strict';
import {
  BadRequestException,
  CreateAppCommand,
  DeleteAppCommand,
  GetAppCommand,
  GetApplicationSettingsCommand,
  GetAppsCommand,
  GetSegmentsCommand,
  ListTagsForResourceCommand,
  NotFoundException,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateApplicationSettingsCommand,
} from '@aws-sdk/client-pinpoint';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox } from '../../support/sandbox.ts';
import { Project } from './project.ts';

describe('Pinpoint apps', () => {
  let sandbox: TestSandbox;
  beforeEach(async () => {
    sandbox = await startTestSandbox();
  });
  afterEach(() => sandbox.close());

  const create = async (
    Name: string,
    tags?: Record<string, string>,
  ): Promise<{ id: string; arn: string }> => {
    const request = { Name, ...(tags === undefined ? {} : { tags }) };
    const created = await sandbox.pinpoint.send(new CreateAppCommand({ CreateApplicationRequest: request }));
    return { id: created.ApplicationResponse!.Id!, arn: created.ApplicationResponse!.Arn! };
  };
  const page = async (token?: string, size = '2'): Promise<{ names: string[]; next: string | undefined }> => {
    const answer = await sandbox.pinpoint.send(new GetAppsCommand({ PageSize: size, Token: token }));
    const { Item, NextToken } = answer.ApplicationsResponse!;
    return { names: Item!.map(({ Name }) => Name!), next: NextToken };
  };

  it('are created, found and deleted with everything in them', async () => {
    const { id, arn } = await create('one', { team: 'crm' });
    assert.equal(arn, `arn:aws:mobiletargeting:${sandbox.region}:${sandbox.account}:apps/${id}`);
    const found = await sandbox.pinpoint.send(new GetAppCommand({ ApplicationId: id }));
    assert.deepEqual(found.ApplicationResponse?.tags, { team: 'crm' });
    assert.match(found.ApplicationResponse.CreationDate ?? '', /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);

    const project = new Project(sandbox, id, 'no-bucket');
    await project.put({ Id: 'e', ChannelType: 'EMAIL', Address: 'e@example.com' });
    await project.createSegment({ Name: 's' });
    const deleted = await sandbox.pinpoint.send(new DeleteAppCommand({ ApplicationId: id }));
    assert.equal(deleted.ApplicationResponse?.Name, 'one');
    await assert.rejects(sandbox.pinpoint.send(new GetAppCommand({ ApplicationId: id })), NotFoundException);
    await assert.rejects(
      sandbox.pinpoint.send(new GetSegmentsCommand({ ApplicationId: id })),
      NotFoundException,
    );
    await assert.rejects(project.endpoint('e'), NotFoundException);
  });

  it('are listed in pages without repeats or gaps while others are created and deleted', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await create(name);
    const first = await page();
    assert.deepEqual(first.names, ['e', 'd']);
    await create('f');
    const middle = (await sandbox.pinpoint.send(new GetAppsCommand({}))).ApplicationsResponse!.Item!;
    const d = middle.find(({ Name }) => Name === 'd')!;
    await sandbox.pinpoint.send(new DeleteAppCommand({ ApplicationId: d.Id }));
    const second = await page(first.next);
    assert.deepEqual(second.names, ['c', 'b']);
    const last = await page(second.next);
    assert.deepEqual(last, { names: ['a'], next: undefined });
  });

  it('have one page if they fit exactly', async () => {
    await create('a');
    await create('b');
    assert.deepEqual(await page(), { names: ['b', 'a'], next: undefined });
  });

  it('reject foreign page tokens and invalid page sizes', async () => {
    const { id } = await create('a');
    await create('b');
    const { next } = await page(undefined, '1');
    const { pinpoint } = sandbox;
    for (const token of ['nonsense', 'WyJhcHBzIl0', `${next ?? ''}x`, '']) {
      await assert.rejects(page(token), BadRequestException, token);
    }
    await assert.rejects(
      pinpoint.send(new GetSegmentsCommand({ ApplicationId: id, Token: next })),
      BadRequestException,
    );
    for (const size of ['0', '-1', 'ten', '1.5'])
      await assert.rejects(page(undefined, size), BadRequestException);
  });

  it('keep settings', async () => {
    const { id: ApplicationId } = await create('a');
    const { pinpoint } = sandbox;
    const written = await pinpoint.send(
      new UpdateApplicationSettingsCommand({
        ApplicationId,
        WriteApplicationSettingsRequest: { QuietTime: { Start: '22:00', End: '06:00' } },
      }),
    );
    await pinpoint.send(
      new UpdateApplicationSettingsCommand({
        ApplicationId,
        WriteApplicationSettingsRequest: { Limits: { Daily: 3 } },
      }),
    );
    const read = await pinpoint.send(new GetApplicationSettingsCommand({ ApplicationId }));
    assert.deepEqual(read.ApplicationSettingsResource?.Limits, { Daily: 3 });
    assert.deepEqual(
      read.ApplicationSettingsResource.QuietTime,
      written.ApplicationSettingsResource?.QuietTime,
    );
  });

  it('and their segments are tagged by ARN', async () => {
    const { id, arn } = await create('a', { keep: '1' });
    const segment = await new Project(sandbox, id, '').createSegment({ Name: 's', tags: { from: 'start' } });
    const { pinpoint } = sandbox;
    const tagsOf = async (ResourceArn: string): Promise<unknown> =>
      (await pinpoint.send(new ListTagsForResourceCommand({ ResourceArn }))).TagsModel?.tags;
    for (const ResourceArn of [arn, segment.Arn!]) {
      await pinpoint.send(new TagResourceCommand({ ResourceArn, TagsModel: { tags: { a: '1', b: '2' } } }));
      await pinpoint.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['a', 'from'] }));
    }
    assert.deepEqual(await tagsOf(arn), { keep: '1', b: '2' });
    assert.deepEqual(await tagsOf(segment.Arn!), { b: '2' });
    await assert.rejects(tagsOf(`${arn}x`), NotFoundException);
    const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, '']));
    await assert.rejects(
      pinpoint.send(new TagResourceCommand({ ResourceArn: arn, TagsModel: { tags: many } })),
      BadRequestException,
    );
  });
});
