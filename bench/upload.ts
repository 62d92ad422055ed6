import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { CreateBucketCommand, DeleteObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { awsCli, findAwsCli } from '../test/support/awsCli.ts';
import { startSandboxProcess } from '../test/support/sandboxProcess.ts';
import { benchFolder } from './data.ts';

/**
 * Our upload compared with `aws s3 cp`, alternately in the same run: a file to the sandbox, which stores it on disk and checks
 * each signature and checksum. Both are timed as whole processes. `node bench/upload.ts [--megabytes 1000] [--rounds 3]`.
 */
const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '1000' }, rounds: { type: 'string', default: '3' } },
});
const bytes = Number(values.megabytes) * 1_000_000;
const rounds = Number(values.rounds);
const run = promisify(execFile);
const bucket = 'bench';

interface Outcome {
  readonly process: number;
  readonly seconds?: number;
  readonly aboveIdleBytes?: number;
}

const cli = await findAwsCli();
await mkdir(benchFolder, { recursive: true });
const file = join(benchFolder, `upload-${bytes}.bin`);
const small = join(benchFolder, 'upload-small.bin');
if ((await stat(file).catch(() => undefined))?.size !== bytes) await writeRandom(file, bytes);
await writeFile(small, 'ChannelType,Address\n');
const dataDir = join(benchFolder, 'upload-sandbox');
await rm(dataDir, { recursive: true, force: true });
const sandbox = await startSandboxProcess('--data', dataDir);
try {
  const { endpoint, region, accessKeyId, secretAccessKey } = sandbox;
  const s3 = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    forcePathStyle: true,
  });
  await s3.send(new CreateBucketCommand({ Bucket: bucket }));

  const contestants: Readonly<Record<string, (key: string) => Promise<Omit<Outcome, 'process'>>>> = {
    'Pinpoint Audience': async (key) => {
      const told = { endpoint, region, accessKeyId, secretAccessKey, file, small, bucket, key };
      const child = join(import.meta.dirname, 'uploadChild.ts');
      const { stdout } = await run(process.execPath, [child, JSON.stringify(told)]);
      return JSON.parse(stdout) as Omit<Outcome, 'process'>;
    },
    ...('version' in cli && {
      [`aws s3 cp (${cli.version})`]: async (key) => {
        await awsCli(sandbox, cli.version).text('s3', 'cp', '--no-progress', file, `s3://${bucket}/${key}`);
        return {};
      },
    }),
  };
  if ('missing' in cli) console.log(`Without the peer: ${cli.missing}`);

  const outcomes = new Map<string, Outcome[]>();
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, upload] of Object.entries(contestants)) {
      const key = `${round}-${outcomes.size}-${name.slice(0, 3)}`;
      const start = performance.now();
      const outcome = { ...(await upload(key)), process: (performance.now() - start) / 1000 };
      const { ContentLength } = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
      if (ContentLength !== bytes) throw new Error(`${name} left ${ContentLength} bytes instead of ${bytes}`);
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
      console.log(`${name}: ${outcome.process.toFixed(1)} s`);
    }
  }

  const [ours, theirs] = [...outcomes.values()].map((all) => Math.min(...all.map((each) => each.process)));
  const above = outcomes.get('Pinpoint Audience')!.map(({ aboveIdleBytes = 0 }) => aboveIdleBytes);
  console.log(`\n${bytes / 1e6} MB, best of ${rounds}`);
  console.log(`Memory above idle, at most: ${(Math.max(...above) / 1e6).toFixed(0)} MB (goal: below 100)`);
  if (ours !== undefined && theirs !== undefined) {
    console.log(`Time of aws s3 cp / ours: ${(theirs / ours).toFixed(2)} (goal: at least 1)`);
  }
} finally {
  await sandbox.end('SIGTERM');
  await rm(dataDir, { recursive: true, force: true });
}

async function writeRandom(path: string, size: number): Promise<void> {
  console.log(`Making ${path}`);
  const block = randomBytes(1_000_000);
  await writeFile(
    path,
    (function* () {
      for (let at = 0; at < size; at += block.length) {
        block.writeUInt32LE(at / block.length);
        yield Buffer.from(block.subarray(0, Math.min(block.length, size - at)));
      }
    })(),
  );
}
