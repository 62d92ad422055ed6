import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { UpdateEndpointsBatchCommand } from '@aws-sdk/client-pinpoint';
import { after, before, describe, it } from 'mocha';
import { Workplace } from './workplace.ts';

const program = fileURLToPath(new URL('bulkWindow.ts', import.meta.url));
const each = 12;
/** Of the service, for deletions (Developer guide, quotas). */
const perSecond = 5;

describe('bulk operations in two processes', () => {
  let place: Workplace;

  before(async () => {
    place = await Workplace.open({ now: Date.now });
    const Item = ['a', 'b'].flatMap((own) =>
      Array.from({ length: each }, (_, n) => ({
        Id: `${own}${n}`,
        ChannelType: 'EMAIL' as const,
        Address: `${own}${n}@example.com`,
      })),
    );
    await place.sandbox.pinpoint.send(
      new UpdateEndpointsBatchCommand({
        ApplicationId: place.projectId,
        EndpointBatchRequest: { Item },
      }),
    );
  });
  after(() => place.close());

  async function deleteAll(own: string): Promise<readonly number[]> {
    const ids = Array.from({ length: each }, (_, n) => `${own}${n}\n`).join('');
    const { path } = await place.file(`${own}/ids.txt`, ids);
    const { endpoint, region, accessKeyId, secretAccessKey } = place.sandbox;
    const args = [endpoint, region, accessKeyId, secretAccessKey, join(place.folder, 'bulk')];
    const child = spawn(process.execPath, [program, ...args, place.projectId, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said, [code]] = await Promise.all([
      text(child.stdout),
      once(child, 'close') as Promise<[number | null]>,
    ]);
    assert.equal(code, 0);
    return said.trim().split('\n').map(Number);
  }

  it("share the account's rate limit", async () => {
    const times = (await Promise.all([deleteAll('a'), deleteAll('b')])).flat().sort((a, b) => a - b);
    assert.equal(times.length, 2 * each);
    // Requests leave at their time or, on a busy machine, later; so there may be fewer in any time, but hardly more.
    const seconds = (times.at(-1)! - times[0]!) / 1000;
    assert.ok(seconds >= (times.length - 1) / perSecond - 0.5, `${times.length} in ${seconds} s`);
  });
});
