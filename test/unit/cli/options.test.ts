import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { root } from '../../../tools/paths.ts';

const cli = join(root, 'src', 'cli', 'main.ts');

describe('An unknown option', () => {
  it('is an error in our own words, without a command', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [cli, '--nope'], { encoding: 'utf8' });
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
    assert.match(stderr, /^Unknown option: --nope\. Commands: .*\. Try --help\n$/);
  });

  for (const command of ['validate', 'fix', 'import', 'export', 'jobs', 'sandbox']) {
    it(`is an error in our own words, for ${command}`, () => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [cli, command, '--nope'], {
        encoding: 'utf8',
      });
      assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
      assert.equal(stderr, `Unknown option: --nope. Try: pinpoint-audience ${command} --help\n`);
    });
  }
});
