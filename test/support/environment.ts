import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { root } from '../../tools/paths.ts';

/**
 * Takes out of this process's environment, and so out of every test's, the developer's own connection to AWS: no test may find
 * it, let alone use it. Commands find the Node that runs us first.
 */
export function isolateEnvironment(): void {
  for (const name of Object.keys(process.env)) {
    if (/^AWS_/.test(name) || name === 'PINPOINT_AUDIENCE_SANDBOX') Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, {
    AWS_CONFIG_FILE: join(tmpdir(), 'no-such-aws-config'),
    AWS_SHARED_CREDENTIALS_FILE: join(tmpdir(), 'no-such-aws-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
    PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter),
  });
}

/** Calls `use` with a new temporary folder, which is gone afterwards. */
export async function withTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'pinpoint-audience-test-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Copies the sample workspace below a folder; resolves with the path of the copy. */
export async function copySampleWorkspace(below: string, name = 'sample-workspace'): Promise<string> {
  const copy = join(below, name);
  await cp(join(root, 'media', 'sample-workspace'), copy, { recursive: true });
  return copy;
}
