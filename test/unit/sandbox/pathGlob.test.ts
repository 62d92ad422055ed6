import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { pathGlob } from '../../../src/sandbox/http/pathGlob.ts';

describe('Patterns for the paths of faults', () => {
  it('match within a segment, and over all of them', () => {
    for (const [pattern, path, matches] of [
      ['**', '/v1/apps', true],
      ['/v1/apps/*', '/v1/apps/x', true],
      ['/v1/apps/*', '/v1/apps/x/y', false],
      ['/v1/apps/**', '/v1/apps/x/y', true],
      ['/v1/*/x', '/v1//x', true],
      ['/a.b', '/aXb', false],
      ['/(a|b)+', '/a', false],
      ['***', '/a/b', true],
      ['', '', true],
      ['', '/', false],
    ] as const) {
      assert.equal(pathGlob(pattern)(path), matches, `${pattern} ${path}`);
    }
  });

  it('match what the same regular expression matches', () => {
    const text = fc.string({ unit: fc.constantFrom('/', 'a', 'b', '.', '*', '**', '😀'), maxLength: 8 });
    const path = fc.string({ unit: fc.constantFrom('/', 'a', 'b', '.', '😀'), maxLength: 8 });
    fc.assert(
      fc.property(text, path, (pattern, value) => {
        const source = pattern
          .replaceAll('.', '\\.')
          .replaceAll(/\*\*|\*/g, (star) => (star === '*' ? '[^/]*' : '.*'));
        assert.equal(pathGlob(pattern)(value), new RegExp(`^${source}$`, 'u').test(value));
      }),
      { seed: 20_261_130, numRuns: 5000 },
    );
  });

  it('take no longer for patterns made to take long', () => {
    const started = performance.now();
    for (const star of ['**', '*']) {
      const matches = pathGlob(`${`${star}a`.repeat(200)}b`);
      assert.equal(matches('a'.repeat(8000)), false);
    }
    assert.ok(performance.now() - started < 5000, 'a regular expression takes minutes');
  });
});
