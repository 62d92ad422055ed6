import assert from 'node:assert/strict';
import { link, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { convertFile } from '../../src/endpoints/transform/convert.ts';
import { reportOf } from '../../src/endpoints/report/report.ts';
import { writeReport } from '../../src/endpoints/report/reportFile.ts';
import { checkNewName, fileError } from '../../src/fileErrors.ts';
import { fileIdentity, fileStamp, withoutRepeats } from '../../src/fileIdentity.ts';
import { hasNoLinks, publishFile } from '../../src/publishFile.ts';
import { withTemporaryFolder } from '../support/environment.ts';
import { isWindows } from '../support/platform.ts';

function failed(code: string, path?: string): Error {
  return Object.assign(new Error(code), { code, syscall: 'open', ...(path !== undefined && { path }) });
}

const onWindows = (code: string, path: string): ReturnType<typeof fileError> =>
  fileError(failed(code), 'write', path, 'win32');

describe('An error of the file system', () => {
  it('says to close the file if another program may have it open', () => {
    for (const code of ['EBUSY', 'EPERM', 'EACCES']) {
      const { message, help } = onWindows(code, 'C:\\a.csv');
      assert.match(message, /a\.csv: .*another program is using it$/, code);
      assert.match(help!, /^Close it .*Excel/, code);
    }
    assert.match(
      fileError(failed('EACCES'), 'write', '/a.csv', 'linux').message,
      /a\.csv: permission denied$/,
    );
    assert.match(fileError(failed('EBUSY'), 'read', '/a.csv', 'linux').help!, /Excel/);
  });

  it('distinguishes a missing folder from an obstacle, if Windows has one error for both', async () => {
    await withTemporaryFolder(async (folder) => {
      const file = join(folder, 'a.csv');
      await writeFile(file, '');
      assert.match(onWindows('ENOENT', join(file, 'b.csv')).message, /part of its path isn't a folder/);
      assert.match(onWindows('ENOENT', join(file, 'b', 'c.csv')).message, /part of its path isn't a folder/);
      assert.match(onWindows('ENOENT', join(folder, 'none', 'b.csv')).message, /it doesn't exist/);
      const named = fileError(failed('ENOENT', join(file, 'b')), 'write', 'b', 'win32');
      assert.match(named.message, /part of its path isn't a folder/);
      // What happens there, without a stand-in.
      const real = await readFile(join(file, 'b.csv')).catch((error: unknown) =>
        fileError(error, 'read', 'b.csv'),
      );
      assert.match((real as Error).message, /part of its path isn't a folder/);
    });
  });

  it('says that Windows has no such names, and what to do if it gives no reason', () => {
    for (const name of ['ab:c.csv', 'a|b.csv', 'what?.csv', 'a\nb.csv']) {
      const { code, message } = onWindows('ENOENT', name);
      assert.equal(code, 'bad-input');
      assert.match(message, /Windows has no such names$/);
    }
    assert.match(onWindows('UNKNOWN', 'a.csv').help!, /OneDrive/);
  });
});

describe('The name of a new file', () => {
  const check = (path: string, platform: NodeJS.Platform): (() => void) => {
    return () => {
      checkNewName(path, platform);
    };
  };

  it('is refused on Windows if other programs there could not open or remove the file', () => {
    const devices = ['CON', 'nul.csv', 'Aux.tar.gz', 'COM1.csv', 'com¹', 'lpt9 .csv', 'CONIN$'];
    const ends = ['people.', 'people.csv ', 'people.csv. .'];
    for (const name of [...devices, ...ends, 'people.csv:hidden', 'a|b.csv', 'a\nb']) {
      for (const path of [name, `C:\\data\\${name}`, `\\\\server\\share\\${name}`]) {
        assert.throws(
          check(path, 'win32'),
          { code: 'bad-input', message: /: Windows has no such names$/ },
          path,
        );
      }
      assert.doesNotThrow(check(name, 'linux'), name);
    }
  });

  it('may contain what only looks like that', () => {
    for (const name of ['console.csv', 'people.nul', 'com10.csv', '.people.csv', 'a b.csv', '人.csv'])
      for (const path of [name, `C:\\con.d\\${name}`, `C:/nul/${name}`])
        assert.doesNotThrow(check(path, 'win32'), path);
  });

  it('is checked before anything is written', async function () {
    if (!isWindows) this.skip();
    await withTemporaryFolder(async (folder) => {
      const source = join(folder, 'a.csv');
      await writeFile(source, 'Id,Address\n1,someone@example.com\n');
      for (const name of ['NUL.ndjson', 'people.', 'a.csv:hidden']) {
        const target = join(folder, name);
        await assert.rejects(convertFile({ source, target }), { code: 'bad-input' }, name);
        const report = writeReport(reportOf([], new Date(0)), 'json', target);
        await assert.rejects(report, { code: 'bad-input' }, name);
      }
      assert.deepEqual(await readdir(folder), ['a.csv']);
    });
  });
});

describe('The identity of a file', () => {
  it('keeps all digits of the numbers that Windows gives to files', () => {
    const large = 2n ** 63n;
    const stats = { dev: 1n, ino: large, size: 1n, mtimeNs: 1n };
    const other = { ...stats, ino: large + 1n };
    assert.equal(Number(stats.ino), Number(other.ino));
    assert.notEqual(fileIdentity(stats), fileIdentity(other));
    assert.notEqual(fileStamp(stats), fileStamp(other));
  });
});

describe('Several paths of one file', () => {
  it('count once, whatever their case or links', async () => {
    await withTemporaryFolder(async (folder) => {
      const [one, other, linked] = ['a.csv', 'b.csv', 'c.csv'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      for (const path of [one, other]) await writeFile(path, '');
      await link(one, linked);
      const missing = join(folder, 'none.csv');
      assert.deepEqual(await withoutRepeats([one, other, linked, one, missing]), [one, other, missing]);
      const upper = join(folder, 'A.CSV');
      const isSame = await readFile(upper).then(
        () => true,
        () => false,
      );
      assert.deepEqual(await withoutRepeats([upper, one]), isSame ? [upper] : [upper, one]);
    });
  });
});

describe('Publishing a file', () => {
  it('takes every way in which systems say that they have no links', () => {
    for (const code of ['EPERM', 'ENOTSUP', 'ENOSYS', 'EISDIR', 'UNKNOWN', 'EMLINK'])
      assert.ok(hasNoLinks(failed(code)), code);
    for (const code of ['EEXIST', 'ENOENT', 'ENOSPC', 'EBUSY']) assert.ok(!hasNoLinks(failed(code)), code);
  });

  it('overwrites nothing', async () => {
    await withTemporaryFolder(async (folder) => {
      const [from, to] = [join(folder, 'a'), join(folder, 'b')];
      await writeFile(from, 'new');
      await writeFile(to, 'old');
      await assert.rejects(publishFile(from, to), { code: 'EEXIST' });
      await assert.rejects(link(from, to), { code: 'EEXIST' });
      assert.equal(await readFile(to, 'utf8'), 'old');
    });
  });
});
