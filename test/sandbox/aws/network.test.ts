import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { createConnections } from '../../../src/aws/connection/createConnections.ts';
import { noLog } from '../../../src/log.ts';
import type { AwsHome } from '../../support/awsEnvironment.ts';
import { openAwsHome } from '../../support/awsEnvironment.ts';
import { proxyTo } from '../../support/proxy.ts';
import type { TestSandbox } from '../../support/sandbox.ts';
import { startTestSandbox, temporaryFolder } from '../../support/sandbox.ts';

/** The sandbox as a company's network shows the service: behind a certificate that only its own authority vouches for. */
describe('connecting through a TLS-inspecting proxy', function () {
  let sandbox: TestSandbox;
  let server: Server | undefined;
  let endpointUrl: string;
  let bundle: string;
  let remove: () => Promise<void>;
  let home: AwsHome;

  before(async function () {
    const place = await temporaryFolder();
    remove = () => place.remove();
    const [key, certificate] = [join(place.path, 'key.pem'), join(place.path, 'certificate.pem')];
    const made = promisify(execFile)('openssl', [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'],
      ...['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate],
    ]);
    const isThere = await made.then(
      () => true,
      (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
        throw error;
      },
    );
    // Node makes no certificates.
    if (!isThere) this.skip();
    bundle = certificate;
    sandbox = await startTestSandbox();
    const { port } = new URL(sandbox.endpoint);
    const tls = createServer(
      { key: await readFile(key), cert: await readFile(certificate) },
      (asked, answer) => {
        const { method, url: path, headers } = asked;
        const passed = request({ host: '127.0.0.1', port, method, path, headers }, (given) => {
          answer.writeHead(given.statusCode!, given.headers);
          given.pipe(answer);
        });
        asked.pipe(passed);
      },
    );
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve));
    server = tls;
    endpointUrl = `https://localhost:${(tls.address() as AddressInfo).port}`;
  });
  after(async () => {
    if (server !== undefined) {
      server.close();
      server.closeAllConnections();
      await sandbox.close();
    }
    await remove();
  });
  beforeEach(async () => {
    home = await openAwsHome();
    await home.credentials(
      `[work]\naws_access_key_id = ${sandbox.accessKeyId}\naws_secret_access_key = ${sandbox.secretAccessKey}\n`,
    );
  });
  afterEach(() => home.remove());

  const connect = () =>
    createConnections({ log: noLog }).connect({ profile: 'work', region: sandbox.region, endpointUrl });

  it("is rejected, with a remedy, if the certificate isn't trusted", async () => {
    await assert.rejects(connect(), { code: 'network', help: /AWS_CA_BUNDLE/ });
  });

  it('works with AWS_CA_BUNDLE', async () => {
    process.env['AWS_CA_BUNDLE'] = bundle;
    const { staging, audience } = await connect();
    assert.deepEqual(await staging.listBuckets(), []);
    assert.deepEqual((await audience.listProjects({})).items, []);
  });

  it("works with the profile's ca_bundle", async () => {
    await home.config(`[profile work]\nca_bundle = ${bundle}\n`);
    assert.deepEqual(await (await connect()).staging.listBuckets(), []);
  });

  it('reports a missing or invalid bundle', async () => {
    process.env['AWS_CA_BUNDLE'] = join(home.path, 'nothing.pem');
    await assert.rejects(connect(), { code: 'not-found', message: /CA bundle/ });
    process.env['AWS_CA_BUNDLE'] = join(home.path, 'empty.pem');
    await writeFile(process.env['AWS_CA_BUNDLE'], 'nothing');
    await assert.rejects(connect(), { code: 'bad-input', message: /no certificate/ });
  });
});

/** An address of this machine that isn't among those which no request to goes through a proxy. */
const proxiedHost = '127.0.0.2';

/** As on the command line, where nobody else leads requests through a proxy. */
describe('connecting through a proxy from the environment', function () {
  let sandbox: TestSandbox;
  let home: AwsHome;
  const asked: string[] = [];
  const proxy = proxyTo(() => sandbox.endpoint, asked);

  before(async () => {
    sandbox = await startTestSandbox();
    home = await openAwsHome();
    await home.config(
      `[profile base]\naws_access_key_id = ${sandbox.accessKeyId}\naws_secret_access_key = ${sandbox.secretAccessKey}\n` +
        `[profile role]\nsource_profile = base\nrole_arn = arn:aws:iam::${sandbox.account}:role/Sender\n`,
    );
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    proxy.close();
    proxy.closeAllConnections();
    await home.remove();
    await sandbox.close();
  });
  beforeEach(() => void asked.splice(0));

  const connect = (endpointUrl: string, more: object = {}) => {
    const { port } = proxy.address() as AddressInfo;
    const proxies = { HTTP_PROXY: `http://127.0.0.1:${port}`, ...more };
    return createConnections({ log: noLog, proxies }).connect({
      profile: 'role',
      region: sandbox.region,
      endpointUrl,
    });
  };

  it('sends every request to the service through it, including those for a role', async () => {
    const { staging, audience } = await connect(`http://${proxiedHost}`);
    const before_ = asked.length;
    assert.ok(before_ >= 2, 'the role, and who it is');
    await audience.listProjects({});
    const Bucket = 'proxied';
    await sandbox.s3.send(new CreateBucketCommand({ Bucket }));
    await sandbox.s3.send(new PutObjectCommand({ Bucket, Key: 'x', Body: 'content' }));
    assert.equal(await text(await staging.open({ bucket: Bucket, key: 'x' })), 'content');
    assert.equal(asked.length, before_ + 2);
    assert.deepEqual([...new Set(asked)], [proxiedHost]);
  });

  it('bypasses it for this machine, and for hosts in NO_PROXY', async () => {
    await (await connect(sandbox.endpoint)).staging.listBuckets();
    const local = sandbox.endpoint.replace('127.0.0.1', 'localhost');
    await (await connect(local, { NO_PROXY: 'example.com' })).staging.listBuckets();
    await assert.rejects(connect(`http://${proxiedHost}`, { NO_PROXY: proxiedHost }), {
      code: 'network',
    });
    assert.deepEqual(asked, []);
  });
});
