import { startSandbox } from '../src/sandbox/server.ts';

/** A sandbox in a process of its own that reports its CPU time when it is asked. */
const sandbox = await startSandbox({ paceMs: 0, dataDir: process.argv[2]! });
const { endpoint, region, accessKeyId, secretAccessKey } = sandbox;
process.send!({ endpoint, region, accessKeyId, secretAccessKey });
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send!({ cpuSeconds: (user + system) / 1e6 });
});
process.once('disconnect', () => process.exit(0));
