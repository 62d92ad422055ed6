import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { isThisMachine, unencryptedHost } from '../../../src/aws/connection/serviceUrl.ts';

describe('A service URL', () => {
  it('is local only if no name must be resolved on a network', () => {
    for (const [url, host] of [
      ['http://localhost:9000', undefined],
      ['http://LOCALHOST', undefined],
      ['http://127.0.0.1', undefined],
      ['http://127.8.9.10:1', undefined],
      ['http://[::1]:80/x', undefined],
      ['https://pinpoint.example', undefined],
      ['http://anything.localhost', 'anything.localhost'],
      ['http://localhost.example', 'localhost.example'],
      ['http://127.0.0.1.example', '127.0.0.1.example'],
      ['http://10.0.0.1:9000', '10.0.0.1:9000'],
      ['http://[::2]', '[::2]'],
    ] as const) {
      assert.equal(unencryptedHost(url), host, url);
      if (url.startsWith('http:'))
        assert.equal(isThisMachine(new URL(url).hostname), host === undefined, url);
    }
  });
});
