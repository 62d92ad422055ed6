import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { sizeOfPart, UploadPace } from '../../../src/aws/s3/uploadPace.ts';

const mebibyte = 1024 * 1024;
const usual = 8 * mebibyte;

describe('the pace of an upload', () => {
  /** Sends parts over a line of so many bytes a millisecond that all lanes share, up to what one lane can take. */
  function run(pace: UploadPace, clock: { now: number }, parts: number, line: number, lane: number): void {
    for (let part = 0; part < parts; part += 1) {
      const lanes = pace.concurrency(usual);
      const rate = Math.min(line, lanes * lane);
      clock.now += usual / rate;
      pace.arrived(usual, (usual / rate) * lanes, 1);
    }
  }

  it('grows while more parallel parts are faster, within the memory limit', () => {
    const clock = { now: 0 };
    const pace = new UploadPace(() => clock.now);
    run(pace, clock, 100, 1e9, 1000);
    assert.equal(pace.concurrency(usual), 5, '40 MiB of parts of 8 MiB');
    assert.equal(pace.concurrency(16 * mebibyte), 2);
    assert.equal(pace.concurrency(1024 * mebibyte), 1);
  });

  it("doesn't grow if that doesn't help", () => {
    const clock = { now: 0 };
    const pace = new UploadPace(() => clock.now);
    run(pace, clock, 100, 2000, 1000);
    assert.ok(pace.concurrency(usual) <= 5);
  });

  it('is halved by each resent part, down to one at a time, and grows again', () => {
    const clock = { now: 0 };
    const pace = new UploadPace(() => clock.now);
    const seen = Array.from({ length: 4 }, () => {
      pace.arrived(usual, 1000, 2);
      return pace.concurrency(usual);
    });
    assert.deepEqual(seen, [2, 1, 1, 1]);
    run(pace, clock, 50, 1e9, 1000);
    assert.ok(pace.concurrency(usual) >= 4);
  });

  it('uses larger parts if they are fast, and small ones if they are slow', () => {
    const pace = new UploadPace(() => 0);
    const sizes = [{ first: 1, bytes: usual }];
    assert.equal(pace.nextSize(2, 1e9, sizes), usual);
    pace.arrived(usual, 100, 1);
    assert.equal(pace.nextSize(2, 1e9, sizes), 16 * mebibyte);
    pace.arrived(usual, 60_000, 1);
    assert.equal(pace.nextSize(2, 1e9, sizes), 5 * mebibyte);
  });

  it('settles on a size', () => {
    const pace = new UploadPace(() => 0);
    const sizes = [{ first: 1, bytes: usual }];
    for (let number = 2; number < 40; number += 1) {
      pace.arrived(usual, number % 2 === 0 ? 100 : 60_000, 1);
      const bytes = pace.nextSize(number, 1e9, sizes);
      if (bytes !== sizeOfPart(number, sizes)) sizes.push({ first: number, bytes });
    }
    assert.equal(sizes.length, 6);
  });

  it('fits the largest object into 10,000 parts, whatever the earlier sizes', () => {
    const total = 5 * 1024 ** 4;
    const pace = new UploadPace(() => 0);
    const sizes: { first: number; bytes: number }[] = [];
    let left = total;
    let number = 0;
    while (left > 0) {
      number += 1;
      const bytes = pace.nextSize(number, left, sizes);
      if (sizes.length === 0 || bytes !== sizeOfPart(number, sizes)) sizes.push({ first: number, bytes });
      left -= bytes;
    }
    assert.ok(number <= 10_000);
    assert.equal(sizeOfPart(1, sizes), 525 * mebibyte);
  });
});
