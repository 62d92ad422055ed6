import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateAliasCommand, CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import type { PinpointClientConfig } from '@aws-sdk/client-pinpoint';
import { PinpointClient } from '@aws-sdk/client-pinpoint';
import { S3Client } from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import type { Sandbox, SandboxOptions } from '../../src/sandbox/server.ts';
import { startSandbox } from '../../src/sandbox/server.ts';

/** A sandbox in this process, with the AWS SDK's clients pointed at it. */
export interface TestSandbox extends Sandbox {
  readonly s3: S3Client;
  readonly pinpoint: PinpointClient;
  readonly sts: STSClient;
}

/**
 * Starts a sandbox in a temporary folder that `close` deletes. Jobs run without a pause where no pace is given.
 * A defect of the sandbox makes `close` throw, so that a test cannot pass over it.
 */
export async function startTestSandbox(options: SandboxOptions = {}): Promise<TestSandbox> {
  const defects: unknown[] = [];
  const sandbox = await startSandbox({ paceMs: 0, onDefect: (error) => defects.push(error), ...options });
  const clients = { s3: s3Client(sandbox), pinpoint: pinpointClient(sandbox), sts: stsClient(sandbox) };
  return {
    ...sandbox,
    ...clients,
    close: async () => {
      for (const client of Object.values(clients)) client.destroy();
      await sandbox.close();
      if (defects.length > 0) throw new AggregateError(defects, 'The sandbox has a defect');
    },
  };
}

type Reachable = Pick<Sandbox, 'endpoint' | 'region' | 'accessKeyId' | 'secretAccessKey'> & {
  readonly sessionToken?: string;
};

/** What every SDK client needs to know to reach a sandbox. Retries are off: a test wants to see the first answer. */
export function clientConfig(sandbox: Reachable): {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  maxAttempts: number;
} {
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken } = sandbox;
  return {
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    maxAttempts: 1,
  };
}

/** No `forcePathStyle`: an endpoint that is an IP address has to be enough. */
export const s3Client = (sandbox: Reachable, config: S3ClientConfig = {}): S3Client =>
  new S3Client({ ...clientConfig(sandbox), ...config });

export const pinpointClient = (sandbox: Reachable, config: PinpointClientConfig = {}): PinpointClient =>
  new PinpointClient({ ...clientConfig(sandbox), ...config });

export const stsClient = (sandbox: Reachable): STSClient => new STSClient(clientConfig(sandbox));

/** A fresh folder under the system's temporary folder. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'pinpoint-audience-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Creates a key of KMS, named by an alias if one is given; resolves with its ARN. */
export async function createKey(sandbox: Reachable, alias?: string): Promise<string> {
  const kms = new KMSClient(clientConfig(sandbox));
  try {
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const TargetKeyId = KeyMetadata!.KeyId!;
    if (alias !== undefined) await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId }));
    return KeyMetadata!.Arn!;
  } finally {
    kms.destroy();
  }
}
