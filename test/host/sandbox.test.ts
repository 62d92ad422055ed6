import assert from 'node:assert/strict';
import { after, describe, it } from 'mocha';
import { api, connect, run, until } from './support.ts';

describe('The sandbox of the editor', () => {
  after(connect);

  it('starts, is connected to, and stops', async () => {
    const { endpointUrl } = await run<{ endpointUrl: string }>('startSandbox', {});
    assert.match(endpointUrl, /^http:\/\/127\.0\.0\.1:\d+$/);
    const { connection } = await api();
    assert.match(connection.current?.account ?? '', /^\d{12}$/);

    const again = await run<{ endpointUrl: string }>('startSandbox', {});
    assert.equal(again.endpointUrl, endpointUrl, 'a second start finds the first');

    const stopped = await run<{ endpointUrl: string }>('stopSandbox', {});
    assert.equal(stopped.endpointUrl, endpointUrl);
    assert.equal(connection.current, undefined);
    await until('nobody to answer', () => true);
    await assert.rejects(fetch(endpointUrl));
  });

  it('keeps its data across restarts', async () => {
    await run('startSandbox', {});
    const before = (await api()).connection.current?.account;
    await run('stopSandbox', {});
    await run('startSandbox', {});
    assert.equal((await api()).connection.current?.account, before);
    await run('stopSandbox', {});
  });
});
