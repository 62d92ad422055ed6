import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { explain, explainRun } from '../../../src/jobs/failures/explain.ts';
import { importRecord } from './records.ts';

describe('known failures', () => {
  const texts: readonly (readonly [string, RegExp, RegExp])[] = [
    ["Unexpected character ('I' (code 73)): was expecting double-quote to start field name line 1, column 4", /isn't valid JSON/, /json-syntax/],
    ["The data we received didn't match the format we expected for the createImportJob operation.", /unknown attribute/, /Validate/],
    ['Exceeded maximum endpoint per user count: 15', /more than 15 endpoints/, /too-many-endpoints-per-user/],
    ['Too many custom attributes', /250/, /fewer names/],
    ["Amazon Pinpoint can't assume the role arn:aws:iam::123456789012:role/x. Check the trust policy of the role.", /trust policy/, /trust policy/],
    ['User: arn:aws:iam::1:user/a is not authorized to perform: iam:PassRole on resource: x', /iam:PassRole for this role/, /iam:PassRole/],
    ["Amazon Pinpoint can't access the Amazon S3 bucket with the role x: Access Denied", /can't access the bucket/, /permissions of the role/],
    ["can't access the Amazon S3 bucket x: The specified bucket does not exist", /bucket doesn't exist/, /another bucket/],
    ['PermanentRedirect: the bucket is in another region: eu-west-1', /isn't in the region/, /region of the project/],
    ['KMS.AccessDeniedException', /KMS key/, /kms:Decrypt/],
  ]; // prettier-ignore
  for (const [text, what, next] of texts) {
    it(`are explained with the next step: ${text.slice(0, 60)}`, () => {
      const found = explain(text);
      assert.match(found?.what ?? '', what);
      assert.match(found?.next ?? '', next);
    });
  }

  it('are recognized by their code if the text is uninformative', () => {
    assert.match(explain('Gone', 'retired')!.what, /30 October 2026/);
    assert.match(explain('no', 'credentials')!.next, /Sign in/);
  });

  it('are recognized quickly, however long', () => {
    for (const part of ['quota ', 'role"', 'jobs limit ', 'assume '])
      assert.equal(
        explain(`${part.repeat(1_000_000)}x`, 'service')?.step,
        explain(part.repeat(9), 'service')?.step,
      );
  });

  it("aren't invented", () => assert.equal(explain('Something else entirely', 'service'), undefined));

  it('link to AWS pages', () => {
    for (const [text] of texts) {
      const page = explain(text)?.page;
      if (page !== undefined) assert.match(page, /^https:\/\/docs\.aws\.amazon\.com\/pinpoint\/latest\//);
    }
  });

  it('are reported once per run, however many entries failed', () => {
    const job = {
      ...importRecord('a').job!,
      status: 'COMPLETED',
      totalFailures: 3,
      failures: [
        'Exceeded maximum endpoint per user count: 15',
        'Exceeded maximum endpoint per user count: 15',
        'other',
      ],
    };
    const found = explainRun(importRecord('a', { state: 'completed', job }));
    assert.equal(found.length, 1);
    assert.match(found[0]!.what, /15 endpoints/);
  });

  it('are at least counted if the reasons are unknown', () => {
    const job = { ...importRecord('a').job!, status: 'COMPLETED', totalFailures: 3, failures: ['strange'] };
    assert.match(explainRun(importRecord('a', { job }))[0]!.what, /rejected 3 entries/);
    assert.deepEqual(explainRun(importRecord('a')), []);
  });
});
