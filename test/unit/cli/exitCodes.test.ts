import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { exitCodeOfError } from '../../../src/cli/exitCodes.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { AudienceError } from '../../../src/errors.ts';
import { fileError } from '../../../src/fileErrors.ts';

describe('Exit codes of errors', () => {
  const expected: Readonly<Record<ErrorCode, number>> = {
    cancelled: 130,
    'bad-input': 2,
    'not-found': 2,
    changed: 2,
    conflict: 2,
    disk: 2,
    internal: 2,
    'access-denied': 1,
    credentials: 1,
    throttled: 1,
    network: 1,
    retired: 1,
    service: 1,
  };

  for (const [code, exitCode] of Object.entries(expected)) {
    it(`${code}: ${exitCode}`, () => {
      assert.equal(exitCodeOfError(new AudienceError(code as ErrorCode, 'It failed')), exitCode);
    });
  }

  it('1 for whatever a service answered', () => {
    for (const code of ['bad-input', 'not-found', 'conflict'] as const) {
      const error = new AudienceError(code, 'It failed', { service: { name: 'SomeException', status: 400 } });
      assert.equal(exitCodeOfError(error), 1, code);
    }
  });

  it('2 for any file that the system rejects, and for internal errors', () => {
    for (const code of [
      'ENOENT',
      'ENOTDIR',
      'EISDIR',
      'EACCES',
      'EROFS',
      'ENOSPC',
      'EDQUOT',
      'EIO',
      'EEXIST',
    ]) {
      const error = Object.assign(new Error(code), { code, syscall: 'open' });
      assert.equal(exitCodeOfError(fileError(error, 'write', 'runs')), 2, code);
    }
    assert.equal(exitCodeOfError(new TypeError('x is undefined')), 2);
  });
});
