import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { mkdtempSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { createPinpoint } from '../src/sandbox/pinpoint/pinpoint.ts';
import { createObjectStore } from '../src/sandbox/s3/serviceObjects.ts';
import { Store } from '../src/sandbox/s3/s3Store.ts';
const [type, file] = process.argv.slice(2) as [string, string];
const dir = mkdtempSync('/tmp/wc/prof/d-');
const store = new Store(dir + '/s3');
const objects = createObjectStore({ store, account: '123456789012', now: Date.now, authority: { authorize() {}, isAllowed: () => true, checkRole: () => 'ok' }, keys: { use() {} } } as never);
const pin = await createPinpoint({ dataDir: dir, objects, account: '123456789012', region: 'us-east-1', paceMs: 0, onDefect: (e) => console.error(e) });
await objects.createBucket('bench');
await objects.write('bench', 'f.' + type, Readable.from([readFileSync(file)]), 'x');
const app = await pin.call<{ Id: string }>('POST', '/v1/apps', { Name: 'x' });
const c0 = process.cpuUsage();
const t0 = performance.now();
const job = await pin.call<{ Id: string }>('POST', `/v1/apps/${app.Id}/jobs/import`, { Format: type === 'csv' ? 'CSV' : 'JSON', RoleArn: 'arn:aws:iam::123456789012:role/PinpointImport', S3Url: 's3://bench/f.' + type, DefineSegment: true });
for (;;) {
  const j = await pin.call<{ JobStatus: string; TotalProcessed: number; TotalFailures: number; Failures?: string[] }>('GET', `/v1/apps/${app.Id}/jobs/import/${job.Id}`);
  if (j.JobStatus === 'COMPLETED' || j.JobStatus === 'FAILED') {
    const c = process.cpuUsage(c0);
    const s = (c.user + c.system) / 1e6;
    console.log(type, j.JobStatus, j.TotalProcessed, j.TotalFailures, j.Failures?.slice(0, 2), 'cpu', s.toFixed(2), 'user', (c.user/1e6).toFixed(2), 'wall', ((performance.now() - t0) / 1000).toFixed(1), Math.round(j.TotalProcessed / s), '/cpu-s', Math.round(process.memoryUsage.rss() / 1e6), 'MB');
    break;
  }
  await delay(100);
}
await pin.close();
store.close();
rmSync(dir, { recursive: true });
