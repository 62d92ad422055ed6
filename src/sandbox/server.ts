import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { AudienceError } from '../errors.ts';
import { isSystemError } from '../fileErrors.ts';
import { warnDefect } from '../terminal.ts';
import type { Credentials } from './sts/credentials.ts';
import { Keyring } from './sts/credentials.ts';
import type { DataDir } from './storage/dataDir.ts';
import { loadCredentials, openDataDir, unusableDataDir } from './storage/dataDir.ts';
import { Faults } from './http/faults.ts';
import { Gateway } from './http/gateway.ts';
import { createIam } from './iam/iam.ts';
import { createKms } from './kms/kms.ts';
import { createPinpoint } from './pinpoint/pinpoint.ts';
import { createObjectStore } from './s3/serviceObjects.ts';
import { createS3 } from './s3/s3.ts';
import { seedSample } from './sampleAudience.ts';
import { Store } from './s3/s3Store.ts';
import { createSts } from './sts/sts.ts';

export interface SandboxOptions {
  /** 0, the default, picks a free port. */
  readonly port?: number;
  /** Where state is kept; by default a temporary folder that is deleted with the sandbox. */
  readonly dataDir?: string;
  /** Milliseconds between two states of a job; 250 by default. */
  readonly paceMs?: number;
  /** Starts with a sample project, segments and staging bucket, unless the data folder has a project already. */
  readonly sample?: boolean;
  /** The access key that is accepted; by default the data folder's own, generated at random. */
  readonly credentials?: Credentials;
  /** Milliseconds since the epoch; for tests. */
  readonly now?: () => number;
  /** Milliseconds that a client may take to send the headers or the body of a request (default: a minute); for tests. */
  readonly clientTimeoutMs?: number;
  /** Called with defects of the sandbox itself; the client gets a 500. */
  readonly onDefect?: (error: unknown) => void;
}

export interface Sandbox {
  /** `http://127.0.0.1:PORT`, for every service. */
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly account: string;
  readonly faults: Faults;
  /** Stops after a short grace period for running requests. Acknowledged changes are in the data folder. */
  close(): Promise<void>;
}

const account = '123456789012';
const region = 'us-east-1';
const user = 'sandbox';
const closeGraceMs = 1000;
/** Makes a job take about two seconds: long enough to watch it. */
const defaultPaceMs = 250;

/**
 * Starts a local Pinpoint, S3, STS, IAM and KMS on 127.0.0.1.
 *
 * @throws AudienceError `conflict` if the port or the data folder is in use, `disk` if the folder can't be written
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const dir = await openDataDir(options.dataDir);
  try {
    return await start(dir, options);
  } catch (error) {
    await dir.release();
    throw isSystemError(error) ? unusableDataDir(dir.path, error) : error;
  }
}

async function start(dir: DataDir, options: SandboxOptions): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  const credentials = options.credentials ?? (await loadCredentials(dir.path));
  const keyring = new Keyring(
    credentials,
    { arn: `arn:aws:iam::${account}:user/${user}`, userId: 'AIDASANDBOXSANDBOX000' },
    now,
  );
  const faults = new Faults();
  const store = new Store(join(dir.path, 's3'));
  const iam = createIam({ dataDir: dir.path, account, user, now });
  const kms = createKms({ dataDir: dir.path, account, iam, now });
  const s3 = { store, account, now, authority: iam, keys: kms };
  const onDefect = options.onDefect ?? reportDefect;
  const shared = { dataDir: dir.path, objects: createObjectStore(s3), account, region, now, onDefect };
  if (options.sample === true) await seedSample(shared);
  const pinpoint = await createPinpoint({
    ...shared,
    authority: iam,
    faults,
    paceMs: options.paceMs ?? defaultPaceMs,
  });
  const clientTimeoutMs = options.clientTimeoutMs ?? 60_000;
  const release = async (): Promise<void> => {
    await pinpoint.close();
    for (const part of [store, iam, kms]) part.close();
  };
  const gateway = new Gateway({
    services: [pinpoint, createS3(s3), createSts(keyring, account), iam, kms],
    keyring,
    faults,
    now,
    onDefect,
    bodyTimeoutMs: clientTimeoutMs,
  });
  const http = await listen(gateway, options.port ?? 0, clientTimeoutMs).catch(async (error: unknown) => {
    await release();
    throw error;
  });
  const { port } = http.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await stop(http);
    await release();
    await dir.release();
  };
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region,
    ...credentials,
    account,
    faults,
    close: () => (closing ??= close()),
  };
}

type HttpServer = ReturnType<typeof createServer>;

function listen(gateway: Gateway, port: number, headersTimeout: number): Promise<HttpServer> {
  const answer: Parameters<typeof createServer>[1] = (message, response) =>
    void gateway.answer(message, response);
  const http = createServer(
    {
      // No limit for large uploads over slow links; the gateway times out stalled bodies.
      requestTimeout: 0,
      headersTimeout,
      connectionsCheckingInterval: headersTimeout / 4,
      // Idle clients keep their connections as they do with AWS.
      keepAliveTimeout: 75_000,
    },
    answer,
  );
  http.on('checkContinue', answer);
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new AudienceError('conflict', `The sandbox can't listen on 127.0.0.1:${port}: ${error.message}`, {
          help: 'Choose another port, or omit it to use a free one',
          cause: error,
        }),
      );
    });
    http.listen(port, '127.0.0.1', () => {
      resolve(http);
    });
  });
}

async function stop(http: HttpServer): Promise<void> {
  const stopped = new Promise<void>((resolve) =>
    http.close(() => {
      resolve();
    }),
  );
  http.closeIdleConnections();
  const timer = setTimeout(() => {
    http.closeAllConnections();
  }, closeGraceMs);
  await stopped;
  clearTimeout(timer);
}

function reportDefect(error: unknown): void {
  warnDefect(error, 'Internal error of the sandbox. Please report it');
}
