import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rename } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'mocha';
import { legible, legibleJson } from '../../../src/legible.ts';
import { shellWord } from '../../../src/shellWord.ts';
import { root } from '../../../tools/paths.ts';
import { inFolder, type Folder } from '../../unit/transform/files.ts';
import { isWindows, possibleName } from '../../support/platform.ts';

/** What terminals and builds obey, and what reverses or hides text. */
const hostile: readonly string[] = [
  '\u001b]0;title\u0007',
  '\u001b[2J',
  '\u009b31m',
  '\u007f',
  '\u0085',
  '\u202eback\u2066',
  '\u2028::error::two',
  '\n::error file=a.ts::three',
  '\r\n  ::set-output name=a::four',
  '\n##vso[task.setvariable variable=a]five',
  '##[error]six',
  '###teamcity[seven]',
  '\u{e0041}\u200b\ufeff',
  'no\u200c\u2060\u2800\u3164\u115f\uffa0ink\ufe0f',
  `a${'\u0301'.repeat(9)}`,
];
const all = hostile.join('|');

interface Printed {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

async function run(
  args: readonly string[],
  input = '',
  environment: NodeJS.ProcessEnv = {},
): Promise<Printed> {
  const child = spawn(process.execPath, [join(root, 'src', 'cli', 'main.ts'), ...args], {
    env: { PATH: process.env['PATH'], HOME: '/nowhere', AWS_EC2_METADATA_DISABLED: 'true', ...environment },
  });
  child.stdin.on('error', () => undefined).end(input);
  const [[code], out, error] = await Promise.all([
    once(child, 'close') as Promise<[number | null]>,
    buffer(child.stdout),
    buffer(child.stderr),
  ]);
  const printed = { code, out: out.toString(), error: error.toString() };
  for (const text of [printed.out, printed.error]) assertHarmless(text, args);
  return printed;
}

function assertHarmless(text: string, args: readonly string[]): void {
  const where = `${args[0]}: ${JSON.stringify(text)}`;
  assert.doesNotMatch(
    text.replaceAll('\n', ''),
    /[\p{Cc}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]|\u0301{6}/u,
    where,
  );
  for (const line of text.split('\n')) {
    assert.doesNotMatch(line, /^\s*(::|---|\+\+\+|travis_|section_)/, where);
    assert.doesNotMatch(line, /##[\w.-]*\[/, where);
  }
}

/** A service that says who somebody is, and refuses everything else with this text. */
async function hostileService(): Promise<Server> {
  const escaped = all
    .replace(/[^\w:#[\]]/gu, (sign) => `&#${sign.codePointAt(0)};`)
    .replace(/&#(27|7|0);/g, '');
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      if (body.includes('GetCallerIdentity')) {
        response.end(
          `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/a</Arn><UserId>A</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
        );
      } else if (request.method === 'HEAD') {
        response.setHeader('x-amz-bucket-region', 'us-east-1');
        response.end();
      } else if (request.method === 'GET' && /^\/v1\/apps\/known$/.test(request.url ?? '')) {
        response.setHeader('content-type', 'application/json');
        response.end(
          JSON.stringify({
            Id: 'known',
            Name: all,
            Arn: 'arn:aws:mobiletargeting:us-east-1:123456789012:apps/known',
          }),
        );
      } else if (request.method === 'GET' && /^\/v1\/apps\/known\/jobs\//.test(request.url ?? '')) {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ Item: [] }));
      } else if (request.url?.startsWith('/v1/') === true) {
        response.writeHead(400, {
          'x-amzn-errortype': 'BadRequestException',
          'content-type': 'application/json',
        });
        response.end(JSON.stringify({ Message: `No: ${all}` }));
      } else {
        response.writeHead(403, { 'content-type': 'application/xml' });
        response.end(`<Error><Code>AccessDenied</Code><Message>No: ${escaped}</Message></Error>`);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function hostileFile(folder: Folder, name: string, content: string): Promise<string> {
  const plain = await folder.write('plain', content);
  const path = join(folder.path, possibleName(name));
  await rename(plain, path);
  return path;
}

describe('Untrusted text on the command line', function () {
  let service: Server;
  let environment: NodeJS.ProcessEnv;

  before(async () => {
    service = await hostileService();
    environment = {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}`,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
    };
  });
  after(() => service.close());

  it('is printed legibly by validate and fix: names of files and columns, and cells', async () => {
    const column = JSON.stringify(all).slice(1, -1);
    const csv = `ChannelType,Address,"Attributes.${all.replaceAll('\n', '').replaceAll('\r', '')}","${hostile[0]}"\nEMAIL,"${all}",b,c\n"${all}",b\n${hostile.join(',')}\n`;
    const json = `{"ChannelType":"${column}","Address":"a","${column}":1,"Attributes":{"${column}":["${column}"]}}\n{"${column}\n`;
    await inFolder(async (folder) => {
      const files: string[] = [];
      for (const text of [all, ...hostile]) {
        files.push(await hostileFile(folder, `${text.slice(0, 60)}.csv`, csv));
        files.push(await hostileFile(folder, `${text.slice(0, 60)}.ndjson`, json));
      }
      await run(['validate', ...files]);
      const { out } = await run(['validate', '--format', 'json', ...files]);
      const parsed = JSON.parse(out) as readonly { readonly file: string }[];
      assert.deepEqual(
        parsed.map(({ file }) => file),
        files,
        'JSON stays equal',
      );
      for (const file of files.slice(0, 4)) {
        for (const format of ['text', 'json']) {
          const output = join(folder.path, format, possibleName(`${all.slice(0, 60)}.csv`));
          assert.notEqual((await run(['fix', file, '--format', format, '-o', output])).code, null);
        }
        await run(['fix', file]);
      }
    });
    await run(['validate', '--type', 'csv', '-'], csv);
  });

  it('is printed legibly if the command is wrong, or a path does not exist', async () => {
    for (const text of [all, `--${all}`]) {
      await run([text]);
      for (const command of ['validate', 'fix', 'import', 'export', 'jobs', 'sandbox']) {
        const { code, out } = await run([command, text]);
        assert.deepEqual([code, out], [2, ''], command);
      }
    }
    await run(['validate', `/nowhere/${all}`]);
    await run(['validate', `--format=${all}`]);
    await run(['jobs', 'resume', '--store', `/dev/null/${all}`], '', environment);
  });

  it('is printed legibly by import, export and jobs: service texts and run records', async () => {
    await inFolder(async (folder) => {
      const bad = await hostileFile(
        folder,
        `${all.slice(0, 60)}.csv`,
        `ChannelType,Address\nEMAIL,"${all}"\n`,
      );
      const good = await hostileFile(
        folder,
        `g${all.slice(0, 60)}.csv`,
        'ChannelType,Address\nEMAIL,a@example.com\n',
      );
      const store = join(folder.path, possibleName(`store ${hostile[0]}`));
      await mkdir(store);
      const common = ['--project', 'known', '--role', 'arn:aws:iam::123456789012:role/a', '--store', store];
      const importing = ['--segment-name', all, '--bucket', 's3://staging/in/', ...common];
      for (const format of ['text', 'json']) {
        const of = ['--format', format];
        const refused = await run(['import', bad, ...importing, ...of], '', environment);
        assert.equal(refused.code, 1);
        assert.ok(
          refused.error.includes(`pinpoint-audience validate ${isWindows ? '"' : `$'`}`),
          refused.error,
        );
        const failed = await run(['import', good, ...importing, '--wait', ...of], '', environment);
        assert.equal(failed.code, 1, failed.error);
        await run(['export', '--to', 's3://staging/out/', ...common, ...of], '', environment);
        await run(
          ['export', '--to', 's3://staging/out/', ...common, ...of, '--project', all],
          '',
          environment,
        );
        const listed = await run(['jobs', 'list', '--store', store, ...of]);
        assert.equal(listed.code, 0);
        assert.match(listed.out, /No: /, failed.error);
        if (format === 'json') JSON.parse(listed.out);
        await run(['jobs', 'wait', all, '--store', store, ...of], '', environment);
        const elsewhere = { ...environment, AWS_PROFILE: all };
        await run(['jobs', 'resume', '--store', store, ...of], '', elsewhere);
      }
    });
  });

  it("is preceded by a warning if a service URL isn't encrypted, unless it is on this machine", async function () {
    if (process.platform === 'win32') this.skip();
    const { port } = service.address() as AddressInfo;
    await inFolder(async (folder) => {
      for (const [host, isWarned] of [
        ['127.0.0.1', false],
        ['localhost', false],
        // Leads here as well, though nothing in the name says so.
        ['0.0.0.0', true],
      ] as const) {
        const common = ['--project', 'known', '--to', 's3://staging/out/', '--store', folder.path];
        const role = ['--role', 'arn:aws:iam::123456789012:role/a'];
        const url = `http://${host}:${port}`;
        const { error, out } = await run(
          ['export', ...common, ...role, '--endpoint-url', url, '--format', 'json'],
          '',
          environment,
        );
        const warning = `Not encrypted: files and responses can be read and changed on the way to ${host}:${port}`;
        assert.equal(error.includes(warning), isWarned, `${url}: ${error}`);
        assert.doesNotMatch(out, /Not encrypted/, 'what a program reads');
      }
    });
  });

  it('is unchanged in JSON, and commands can be copied into a shell', async () => {
    for (const text of [all, ...hostile, 'plain', "it's \\ here", '-n', '#{[']) {
      assertHarmless(legible(text), []);
      assertHarmless(`${legibleJson([text])}\n${legibleJson({ [text]: text }, 2)}`, []);
      assert.deepEqual(JSON.parse(legibleJson([text])), [text]);
      assert.equal(legible(legible(text)), legible(text));
      if (isWindows) continue;
      const child = spawn('bash', ['-c', `printf %s ${shellWord(text, 'linux')}`]);
      assert.equal((await buffer(child.stdout)).toString(), text);
    }
    assert.equal(shellWord('C:\\my files\\a.csv', 'win32'), '"C:\\my files\\a.csv"');
    const onWindows: readonly (readonly [text: string, word: string])[] = [
      ['C:\\files\\a.csv', 'C:\\files\\a.csv'],
      ['C:\\my files\\', '"C:\\my files\\\\"'],
      ['%PATH%,@a', '"%PATH%,@a"'],
      ["it's", '"it\'s"'],
      ['a"b', '"a""b"'],
      ['$(calc).csv', "'$(calc).csv'"],
      ['a`b', "'a`b'"],
      ['a” ; calc; “it’s', "'a” ; calc; “it’’s'"],
    ];
    for (const [given, word] of onWindows) assert.equal(shellWord(given, 'win32'), word);
  });
});
