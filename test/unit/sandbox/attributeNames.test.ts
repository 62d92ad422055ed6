import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { matchesStars } from '../../../src/sandbox/pinpoint/attributeNames.ts';
import { seeded } from '../../support/random.ts';

describe('Patterns of attributes to remove', () => {
  it('match as a regular expression with a star for any text does', () => {
    const random = seeded(1);
    const text = (characters: string): string =>
      Array.from({ length: random.int(7) }, () => random.pick(characters.split(' '))).join('');
    let matches = 0;
    for (let count = 0; count < 20_000; count++) {
      const [pattern, name] = [text('a b * *'), text('a b')];
      const expected = new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name);
      if (expected) matches++;
      assert.equal(matchesStars(pattern, name), expected, `${pattern} ${name}`);
    }
    assert.ok(matches > 1000);
  });

  it('match at once, however many stars they have', () => {
    assert.equal(matchesStars(`${'a*'.repeat(1000)}b`, 'a'.repeat(10_000)), false);
    assert.equal(matchesStars(`${'a*'.repeat(1000)}a`, 'a'.repeat(10_000)), true);
  });
});
