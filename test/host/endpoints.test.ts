import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import {
  GetEndpointCommand,
  UpdateEndpointCommand,
  UpdateEndpointsBatchCommand,
  type EndpointResponse,
} from '@aws-sdk/client-pinpoint';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { Endpoint } from '../../src/endpoints/model/endpointDefinition.ts';
import type { BulkRecord } from '../../src/jobs/bulk/bulkRecord.ts';
import type { ErasureReceipt } from '../../src/jobs/erasure.ts';
import { connect, files, place, rejects, rewrite, run, service, until } from './support.ts';

describe('Endpoints and users in the editor', () => {
  let at: Awaited<ReturnType<typeof place>>;
  let given: Awaited<ReturnType<typeof files>>;

  const said = (more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
    projectId: at.projectId,
    confirm: false,
    ...more,
  });

  const inService = async (id: string): Promise<EndpointResponse> => {
    const { EndpointResponse: endpoint } = await service.pinpoint.send(
      new GetEndpointCommand({ ApplicationId: at.projectId, EndpointId: id }),
    );
    assert.ok(endpoint);
    return endpoint;
  };

  const active = (ending: string): vscode.TextDocument => {
    const document = vscode.window.activeTextEditor?.document;
    assert.ok(document !== undefined && document.uri.path.endsWith(ending), document?.uri.toString());
    return document;
  };

  const replace = (document: vscode.TextDocument, from: string | RegExp, to: string): Promise<void> =>
    rewrite(document, (before) => {
      const text = before.replace(from, to);
      assert.notEqual(text, before, 'there is something to replace');
      return text;
    });

  before(async () => {
    await connect();
    at = await place('endpoints');
    given = await files('endpoints', {
      'update.csv':
        'Id,ChannelType,Address,OptOut\nk1,EMAIL,k1@example.com,NONE\nk2,EMAIL,k2@example.com,MAYBE\n',
      'delete.csv': 'Id\nk1\nk9\n',
      'ids.csv': 'Id\nh1\n',
      'names.ndjson': '{"Id":"1","Attributes":{"a":["x"],"b":["y"]},"Metrics":{"m":1}}\n',
    });
    await service.pinpoint.send(
      new UpdateEndpointsBatchCommand({
        ApplicationId: at.projectId,
        EndpointBatchRequest: {
          Item: ['h1', 'h2', 'h3'].map((Id, n) => ({
            Id,
            ChannelType: 'EMAIL',
            Address: `${Id}@example.com`,
            User: { UserId: n < 2 ? 'hanna' : 'otto' },
            Attributes: { Ride: ['Bus'] },
          })),
        },
      }),
    );
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await at.remove();
    await given.remove();
  });

  it('opens an endpoint as JSON, with help from the schema', async () => {
    const endpoint = await run<Endpoint>('openEndpoint', 'H1', said());
    assert.equal(endpoint.Id, 'h1');
    const document = active('H1.pinpoint-endpoint.json');
    assert.equal(document.languageId, 'json');
    assert.equal(document.uri.scheme, 'pinpoint-audience');
    const at = document.positionAt(document.getText().indexOf('"ChannelType"') + 3);
    // The server for JSON may only be starting.
    await until('what the schema says', async () => {
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        document.uri,
        at,
      );
      const texts = hovers
        .flatMap(({ contents }) => contents)
        .map((content) => (content as vscode.MarkdownString).value);
      return (
        texts.some((text) => text.includes('The channel that delivers messages to the endpoint')) || undefined
      );
    });
  });

  it('saves only what was changed, and shows the result from the service', async () => {
    await run('openEndpoint', 'h1', said());
    const document = active('h1.pinpoint-endpoint.json');
    const before = await inService('h1');
    await replace(document, '"Bus"', '"Bike"');
    assert.ok(await document.save());
    const after = await inService('h1');
    assert.deepEqual(after.Attributes, { Ride: ['Bike'] });
    assert.equal(after.Address, before.Address);
    await until(
      'the new EffectiveDate',
      () => document.getText().includes(after.EffectiveDate ?? '?') || undefined,
    );
    assert.equal(document.isDirty, false);
  });

  it("doesn't overwrite newer changes in the service", async () => {
    await run('openEndpoint', 'h2', said());
    const document = active('h2.pinpoint-endpoint.json');
    await service.pinpoint.send(
      new UpdateEndpointCommand({
        ApplicationId: at.projectId,
        EndpointId: 'h2',
        EndpointRequest: { Attributes: { Ride: ['Tram'] } },
      }),
    );
    await replace(document, '"Bus"', '"Bike"');
    assert.equal(await document.save(), false);
    assert.ok(document.isDirty);
    assert.deepEqual((await inService('h2')).Attributes, { Ride: ['Tram'] });
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await until('what the service has', () => document.getText().includes('Tram') || undefined);
    await replace(document, '"Tram"', '"Foot"');
    assert.ok(await document.save());
    assert.deepEqual((await inService('h2')).Attributes, { Ride: ['Foot'] });
  });

  it('rejects a save of what the service would silently drop', async () => {
    await run('openEndpoint', 'h3', said());
    const document = active('h3.pinpoint-endpoint.json');
    await replace(document, '"OptOut"', '"OptOutt"');
    assert.equal(await document.save(), false);
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('opens all endpoints of a user, and updates those that were edited', async () => {
    const endpoints = await run<Endpoint[]>('openUser', 'hanna', said());
    assert.deepEqual(endpoints.map(({ Id }) => Id).sort(), ['h1', 'h2']);
    const document = active('hanna.pinpoint-user.json');
    const untouched = (await inService('h1')).EffectiveDate;
    await replace(document, '"Foot"', '"Skates"');
    assert.ok(await document.save());
    assert.deepEqual((await inService('h2')).Attributes, { Ride: ['Skates'] });
    assert.equal((await inService('h1')).EffectiveDate, untouched);
  });

  it('sends the endpoints of a file without a bucket, each line with its own error', async () => {
    const record = await run<BulkRecord>('updateEndpoints', given.uri('update.csv'), said());
    assert.deepEqual([record.state, record.counts], ['completed', { done: 1, absent: 0, failed: 1 }]);
    assert.match(await readFile(record.results!, 'utf8'), /\n2,k1,done,\n3,k2,failed,.*OptOut/);
    assert.equal((await inService('k1')).Address, 'k1@example.com');
    const change = JSON.stringify({ OptOut: 'ALL' });
    await run('updateEndpoints', given.uri('ids.csv'), said({ change }));
    assert.equal((await inService('h1')).OptOut, 'ALL');
    await rejects(run('updateEndpoints', given.uri('ids.csv'), said()), 'bad-input', /No change specified/);
    await rejects(
      run('updateEndpoints', given.uri('ids.csv'), said({ change: '{"Opt":1}' })),
      'bad-input',
      /Opt/,
    );
  });

  it('deletes the endpoints of a file', async () => {
    const record = await run<BulkRecord>(
      'deleteEndpoints',
      given.uri('delete.csv'),
      said({ what: 'endpoints' }),
    );
    assert.deepEqual(record.counts, { done: 1, absent: 1, failed: 0 });
    await rejects(run('openEndpoint', 'k1', said()), 'not-found', /read the endpoint/);
    await rejects(run('deleteEndpoints', given.uri('delete.csv'), said()), 'bad-input', /endpoints or users/);
    await rejects(
      run('deleteEndpoints', given.uri('delete.csv'), said({ what: 'users' })),
      'bad-input',
      /No record of delete\.csv can be sent: No User\.UserId \(line 2\)/,
    );
    await rejects(run('resumeBulk', 'nothing', { confirm: false }), 'not-found', /No paused bulk operation/);
  });

  it('deletes an endpoint, and a user with all endpoints', async () => {
    const gone = await run<Endpoint>('deleteEndpoint', 'h3', said());
    assert.equal(gone.Address, 'h3@example.com');
    await rejects(run('deleteEndpoint', 'h3', said()), 'not-found', /./);
    const receipt = await run<ErasureReceipt>('deleteUser', 'hanna', said());
    assert.deepEqual(receipt.endpoints.map(({ id }) => id).sort(), ['h1', 'h2']);
    assert.equal(receipt.verified, true);
    await rejects(run('openUser', 'hanna', said()), 'not-found', /user/);
    await rejects(run('deleteUser', said()), 'bad-input', /No user specified/);
  });

  it('removes attributes', async () => {
    const names = ['Attributes.a', 'Metrics.m'];
    const { removed, limit } = await run<{ removed: unknown; limit: number }>(
      'removeAttributes',
      said({ names }),
    );
    assert.deepEqual(removed, { Attributes: ['a'], Metrics: ['m'] });
    assert.equal(limit, 250);
    await rejects(run('removeAttributes', said()), 'bad-input', /No names specified/);
    await rejects(
      run('removeAttributes', said({ names: ['plan'] })),
      'bad-input',
      /array of attribute names/,
    );
  });
});
