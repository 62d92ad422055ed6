import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { itemsOf } from '../../../src/aws/pinpoint/pages.ts';

describe('The pages of a list', () => {
  it('end where the service repeats a page token, which it never does', async () => {
    const found: number[] = [];
    const list = itemsOf(() => Promise.resolve({ items: [found.length], nextToken: 'same' }));
    await assert.rejects(
      async () => {
        for await (const item of list) found.push(item);
      },
      { code: 'service', message: /the same page token again/ },
    );
    assert.deepEqual(found, [0, 1]);
  });

  it('are all read otherwise', async () => {
    const tokens = ['b', 'c', undefined];
    const list = itemsOf(({ token }) => Promise.resolve({ items: [token], nextToken: tokens.shift() }));
    const found: unknown[] = [];
    for await (const token of list) found.push(token);
    assert.deepEqual(found, [undefined, 'b', 'c']);
  });
});
