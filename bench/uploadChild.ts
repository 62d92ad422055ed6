import { createConnections } from '../src/aws/connection/createConnections.ts';
import { noLog } from '../src/log.ts';

/** One upload in a process of its own, as the extension host makes it: seconds, and memory above what was there before. */
const { endpoint, region, accessKeyId, secretAccessKey, file, small, bucket, key } = JSON.parse(
  process.argv[2]!,
) as Record<
  'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey' | 'file' | 'small' | 'bucket' | 'key',
  string
>;

const { staging } = await createConnections({ log: noLog }).connect({
  endpointUrl: endpoint,
  region,
  credentials: { accessKeyId, secretAccessKey },
});
// Modules loaded by the first upload stay loaded.
await staging.upload(small, { bucket, key: `${key}.small` }, { contentType: 'text/csv' });
const idleBytes = process.memoryUsage.rss();
let peakBytes = idleBytes;
const watch = setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 20);
const start = performance.now();
await staging.upload(file, { bucket, key }, { contentType: 'text/csv' });
const seconds = (performance.now() - start) / 1000;
clearInterval(watch);
process.stdout.write(JSON.stringify({ seconds, idleBytes, aboveIdleBytes: peakBytes - idleBytes }));
process.exit(0);
