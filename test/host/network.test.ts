import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { Identity } from '../../src/aws/connection/connection.ts';
import { proxyTo } from '../support/proxy.ts';
import { connect, run, sandbox } from './support.ts';

/** VS Code leads requests to 127.0.0.1 past any proxy, so the sandbox gets another address of this machine. */
const host = '127.0.0.2';

describe('the proxy of the settings', () => {
  const asked: string[] = [];
  const proxy = proxyTo(() => sandbox.endpoint, asked);
  const http = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('http');

  before(async () => {
    await connect();
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const { port } = proxy.address() as AddressInfo;
    await http().update('proxy', `http://127.0.0.1:${port}`, vscode.ConfigurationTarget.Global);
  });
  after(async () => {
    await http().update('proxy', undefined, vscode.ConfigurationTarget.Global);
    proxy.close();
    proxy.closeAllConnections();
    await connect();
  });

  it('is used for the service', async () => {
    const identity = await run<Identity>('connect', {
      endpointUrl: `http://${host}`,
      region: sandbox.region,
    });
    assert.equal(identity.account, '123456789012');
    assert.ok(asked.length > 0, 'the proxy was asked');
    assert.deepEqual([...new Set(asked)], [host]);
  });
});
