import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { root } from '../../../tools/paths.ts';
import { isRoot, somebodyElse } from '../../support/victim.ts';
import { inFolder } from '../transform/files.ts';

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs the command line from source, with this on standard input. */
async function validate(args: readonly string[], input = ''): Promise<Ended> {
  const child = spawn(process.execPath, [join(root, 'src', 'cli', 'main.ts'), 'validate', ...args]);
  let [out, error] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (error += text));
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, error };
}

const right = 'User.UserId\nu1\n';
const wrong = '{"Id":"1","OptOut":"😀"}\n{"User":{"UserId":"u1"}}\n';
const optOut = {
  line: 1,
  column: 20,
  endLine: 1,
  endColumn: 24,
  severity: 'error',
  code: 'opt-out-unknown',
  message: 'Unknown OptOut: a 1-character value. Expected: ALL or NONE.',
};

describe('pinpoint-audience validate', function () {
  it('reads pipes of this user, as a shell makes them', function () {
    if (process.platform === 'win32') this.skip();
    const command = `printf 'User.UserId\\nu1\\n' | "$0" "$1" validate --type csv /dev/stdin`;
    const out = execFileSync('sh', ['-c', command, process.execPath, join(root, 'src', 'cli', 'main.ts')]);
    assert.equal(String(out), '/dev/stdin: 1 record, 0 errors, 0 warnings, 0 infos\n');
  });

  it("refuses other users' pipes and devices, which could keep it waiting", async function () {
    if (!isRoot) this.skip();
    await inFolder(async (folder) => {
      const pipe = join(folder.path, 'a.csv');
      execFileSync('mkfifo', [pipe]);
      await chown(pipe, somebodyElse, somebodyElse);
      const { code, error } = await validate([pipe]);
      assert.equal(code, 2);
      assert.equal(error, "Could not read a.csv: it isn't a regular file. Choose a file.\n");
    });
  });

  it("exits with 0 without errors, 1 with errors, 2 if a file couldn't be read, whatever the others are", async () => {
    await inFolder(async (folder) => {
      const good = await folder.write('good.csv', right);
      const bad = await folder.write('bad.ndjson', wrong);
      const none = join(folder.path, 'none.csv');
      assert.deepEqual(await validate([good]), {
        code: 0,
        out: `${good}: 1 record, 0 errors, 0 warnings, 0 infos\n`,
        error: '',
      });
      const { code, out } = await validate([good, bad]);
      assert.equal(code, 1);
      assert.ok(out.includes(`${bad}:1:20: error opt-out-unknown ${optOut.message}\n`), out);
      assert.ok(out.endsWith(`${bad}: 2 records, 1 error, 1 warning, 1 info\n`), out);
      const partly = await validate(['--format', 'json', none, bad, good]);
      assert.equal(partly.code, 2);
      assert.match(partly.error, /^Could not read none\.csv: it doesn't exist\n$/);
      assert.deepEqual(
        (JSON.parse(partly.out) as { file: string }[]).map(({ file }) => file),
        [bad, good],
      );
    });
  });

  it('treats several files as one import, and warns if their formats differ', async () => {
    await inFolder(async (folder) => {
      const good = await folder.write('good.csv', right);
      const other = await folder.write('other.ndjson', '{"User":{"UserId":"u1"}}\n');
      const { code, out } = await validate([good, other, good]);
      assert.equal(code, 0);
      const warned = out.split('\n').filter((line) => line.includes('file-mixed-formats'));
      assert.equal(warned.length, 1, out);
      assert.match(warned[0]!, /other\.ndjson:1:1: warning file-mixed-formats This file is NDJSON/);
    });
  });

  it('writes JSON in the form that is promised, also of standard input', async () => {
    const { code, out } = await validate(['--type', 'ndjson', '--format', 'json', '-'], wrong);
    assert.equal(code, 1);
    const [result, ...others] = JSON.parse(out) as { issues: { code: string }[] }[];
    assert.deepEqual(others, []);
    assert.deepEqual(
      { ...result, issues: result!.issues.filter((issue) => issue.code !== 'id-only') },
      {
        file: '-',
        type: 'ndjson',
        records: 2,
        errors: 1,
        warnings: 0,
        infos: 1,
        truncated: false,
        issues: [optOut],
      },
    );
  });

  it('reports how many findings it shows if there is a maximum', async () => {
    const { out } = await validate(['--type', 'ndjson', '--max-issues', '1', '-'], wrong);
    assert.equal(
      out,
      `<stdin>:1:20: error opt-out-unknown ${optOut.message}\n<stdin>: 2 records, 1 error, 0 warnings, 1 info (1 shown)\n`,
    );
  });

  it('exits with 2 if not everything could be checked, even if there are errors', async () => {
    await inFolder(async (folder) => {
      const lines = Array.from({ length: 60_000 }, (_, index) => `EMAIL,address-${index},id-${index},u\n`);
      const path = await folder.write('large.csv', `ChannelType,Address,Id,User.UserId\n${lines.join('')}`);
      const { code, out } = await validate([path, '--memory', '1', '--no-spill', '--max-issues', '1']);
      assert.equal(code, 2);
      assert.match(out, /^\S+: error check-incomplete .*temporary files are turned off/);
      const complete = await validate([path, '--memory', '1', '--max-issues', '1']);
      assert.equal(complete.code, 1);
      assert.doesNotMatch(complete.out, /check-incomplete/);
    });
  });

  it('says with 2 what is wrong with its arguments', async () => {
    const wrongArguments = [
      [['--type', 'csv', root], /it is a folder/],
      [[], /^No file specified/],
      [['-'], /--type csv or --type ndjson/],
      [['--format', 'xml', 'a.csv'], /^--format takes text or json/],
      [['--type', 'xml', 'a.csv'], /^--type takes csv or ndjson/],
      [['--max-issues', 'x', 'a.csv'], /^--max-issues takes a number/],
      [['--memory', '0', 'a.csv'], /^--memory takes a number of MB/],
      [['--nope', 'a.csv'], /^Unknown option: --nope\. Try: pinpoint-audience validate --help\n$/],
      [['--type'], /^--type needs a value\. /],
      [['--type', '--report', 'a'], /^--type needs a value; write --type=--report\. /],
      [['--help=x'], /^--help takes no value\. /],
    ] as const;
    const ended = await Promise.all(wrongArguments.map(([args]) => validate(args)));
    ended.forEach(({ code, out, error }, index) => {
      const [args, due] = wrongArguments[index]!;
      assert.deepEqual([code, out], [2, ''], args.join(' '));
      assert.match(error, due);
    });
  });
});
