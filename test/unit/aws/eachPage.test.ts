import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { itemsOf } from '../../../src/aws/pinpoint/pages.ts';

describe('Pages of a list', () => {
  for (const [how, tokens] of [
    ['at once', ['same']],
    ['in turn', ['a', 'b', 'c']],
  ] as const)
    it(`end if the service wrongly repeats page tokens: ${how}`, async () => {
      const found: number[] = [];
      const list = itemsOf(() =>
        Promise.resolve({ items: [found.length], nextToken: tokens[found.length % tokens.length] }),
      );
      await assert.rejects(
        async () => {
          for await (const item of list) found.push(item);
        },
        { code: 'service', message: /the same page tokens again/ },
      );
      assert.equal(found.length, tokens.length + 1);
    });

  it('are all read otherwise', async () => {
    const tokens = ['b', 'c', undefined];
    const list = itemsOf(({ token }) => Promise.resolve({ items: [token], nextToken: tokens.shift() }));
    const found: unknown[] = [];
    for await (const token of list) found.push(token);
    assert.deepEqual(found, [undefined, 'b', 'c']);
  });
});
