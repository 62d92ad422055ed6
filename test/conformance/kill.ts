import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CreateAppCommand, GetEndpointCommand, UpdateEndpointCommand } from '@aws-sdk/client-pinpoint';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { pinpointClient, s3Client, temporaryFolder } from '../support/sandbox.ts';
import { startSandboxProcess } from '../support/sandboxProcess.ts';

/**
 * A longer run by hand: kills a sandbox while writers are at work, starts it again on the same folder, and checks that everything
 * that was acknowledged is there: `node tools/build.ts && node test/conformance/kill.ts [--kills 30] [--writers 8]`.
 */
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '30' }, writers: { type: 'string', default: '8' } },
});
const kills = Number(values.kills);
const writers = Number(values.writers);
const Bucket = 'killed';

const folder = await temporaryFolder();
/** The last acknowledged value of each key, by writer: a write that was cut may have happened or not. */
const acknowledged = new Map<string, number>();
const attempted = new Map<string, number>();
let app = '';
let writes = 0;
try {
  for (let kill = 0; kill <= kills; kill += 1) {
    const sandbox = await startSandboxProcess('--data', folder.path);
    const s3 = s3Client(sandbox);
    const pinpoint = pinpointClient(sandbox);
    if (kill === 0) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      const made = await pinpoint.send(
        new CreateAppCommand({ CreateApplicationRequest: { Name: 'killed' } }),
      );
      app = made.ApplicationResponse!.Id!;
    }
    for (const [key, value] of acknowledged) {
      const found = key.startsWith('object')
        ? Number(await (await s3.send(new GetObjectCommand({ Bucket, Key: key }))).Body!.transformToString())
        : (await pinpoint.send(new GetEndpointCommand({ ApplicationId: app, EndpointId: key })))
            .EndpointResponse!.Metrics!['n']!;
      const possible = [value, attempted.get(key)!];
      assert.ok(possible.includes(found), `${key}: ${found} instead of ${possible.join(' or ')}`);
      acknowledged.set(key, found);
    }
    if (kill === kills) {
      await sandbox.end('SIGTERM');
      break;
    }
    const write = async (writer: number): Promise<void> => {
      for (let n = 0; ; n += 1) {
        const key = `${writer % 2 === 0 ? 'object' : 'endpoint'}-${writer}-${n % 5}`;
        const next = (attempted.get(key) ?? 0) + 1;
        attempted.set(key, next);
        if (writer % 2 === 0) await s3.send(new PutObjectCommand({ Bucket, Key: key, Body: String(next) }));
        else {
          const EndpointRequest = { ChannelType: 'CUSTOM', Address: key, Metrics: { n: next } } as const;
          await pinpoint.send(
            new UpdateEndpointCommand({ ApplicationId: app, EndpointId: key, EndpointRequest }),
          );
        }
        acknowledged.set(key, next);
        writes += 1;
      }
    };
    // Each writer ends with the connection that the kill breaks.
    const ended = Array.from({ length: writers }, (_, writer) => write(writer).catch(() => undefined));
    await delay(200 + Math.random() * 800);
    await sandbox.end('SIGKILL');
    await Promise.all(ended);
    s3.destroy();
    pinpoint.destroy();
  }
  process.stdout.write(`${writes} acknowledged writes survived ${kills} kills.\n`);
} finally {
  await folder.remove();
}
