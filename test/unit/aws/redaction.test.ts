import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, it } from 'mocha';
import { inServiceWords, withoutAddresses } from '../../../src/aws/connection/redaction.ts';
import { serviceError } from '../../../src/aws/connection/serviceErrors.ts';
import { withoutRowContent } from '../../../src/aws/connection/serviceText.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 500);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

describe('Addresses in service texts', () => {
  it('are removed, in every form that people, URLs, JSON and XML use', () => {
    for (const [text, left] of [
      ['Address ana@example.com or (+12065550100) is bad', 'Address … or (…) is bad'],
      ['"ada lovelace"@example.com is bad', '… is bad'],
      ['"a\\"b c"@example.com x', '… x'],
      ['<ada@example.com>, ada.l+x@sub.example.co.uk;', '<…>, …;'],
      ['ada%40example.com', '…'],
      ['?email=ada%2540example.com&x=1', '?email=…&x=1'],
      ['"Address":"ada\\u0040example.com"', '"Address":"…"'],
      ['ada&#64;example.com and ada&#x40;example.com and ada&commat;example.com', '… and … and …'],
      ['ada ＠ example.com', '…'],
      ['ada @ example.com', '…'],
      ["o'brien@example.com", '…'],
      ['адам@пример.рф', '…'],
      ['@handle', '…'],
      ['call +1 (206) 555-0100 now', 'call … now'],
      ['206-555-0100 206.555.0100 (0171) 555 0100', '…'],
      ['tel:0171/555 01 00', 'tel:…'],
      ['%2B1%20206%20555%200100', '…'],
      ['001 206 555 0100, 491701234567', '…, …'],
      ['+1\u00a0206\u2011555\u20110100', '…'],
      ['٠١٢٣٤٥٦٧٨٩', '…'],
      ['550e8400-e29b-41d4-a716-446655440000@example.com', '…'],
      ['arn:aws:s3:::bucket/ada@example.com', 'arn:aws:s3:::…'],
    ] as const)
      assert.equal(withoutRowContent(text), left, text);
  });

  it("are distinguished from the service's own names", () => {
    for (const text of [
      'User: arn:aws:sts::123456789012:assumed-role/a/ana@example.com is not authorized',
      'arn:aws:mobiletargeting:us-east-1:123456789012:apps/0123456789abcdef0123456789abcdef/segments/1',
      'account 123456789012',
      'Account ID: 123456789012',
      'Signature expired: 20261130T100000Z is now earlier than 20261130T095500Z',
      'at 2026-11-30T10:00:00.123Z, until 2026-11-30 10:00',
      'request 550e8400-e29b-41d4-a716-446655440000',
      'project 0123456789abcdef0123456789abcdef',
      'at most 100 of 500000 endpoints',
      'Resource "apps/x" not found',
    ])
      assert.equal(withoutRowContent(text), text);
  });

  it('are removed anywhere in a text, whatever surrounds them', () => {
    const word = fc.constantFrom(
      'Address',
      '"',
      "'",
      '(',
      ')',
      '=',
      ': ',
      ' ',
      ',',
      'arn:aws:iam::',
      '2026-11-30',
      '&',
      '%',
      '@',
      '\n',
    );
    const around = fc.array(word, { maxLength: 5 }).map((words) => words.join(''));
    const secret = 'planted';
    const email = fc
      .tuple(
        fc.constantFrom(
          secret,
          `${secret}.x`,
          `"${secret} x"`,
          `"${secret}\\"x"`,
          `x+${secret}`,
          `%22${secret}%22`,
        ),
        fc.constantFrom('@', '%40', '%2540', '\\u0040', '&#64;', '＠'),
        fc.constantFrom('secret.example', 'secret.пример', 'xn--secret'),
      )
      .map((parts) => parts.join(''));
    const digits = '2065550142';
    const number = fc
      .tuple(
        fc.constantFrom('+1', '+1 ', '%2B1', '(', '', '001-'),
        fc.array(fc.constantFrom('', ' ', '-', '.', '/', ') ', '%20'), { minLength: 9, maxLength: 9 }),
      )
      .map(
        ([prefix, gaps]) =>
          prefix + Array.from(digits, (digit, index) => digit + (gaps[index] ?? '')).join(''),
      );
    fc.assert(
      fc.property(around, fc.oneof(email, number), around, (before, address, after) => {
        const left = withoutAddresses(`${before} ${address} ${after}`);
        assert.doesNotMatch(left, /planted|secret/);
        const kept = left.replaceAll('2026-11-30', '').replace(/\D/g, '');
        assert.ok(kept.length < 4, left);
      }),
      { numRuns: runs, seed },
    );
  });

  it('are removed even if the text is truncated within one', () => {
    for (const piece of ['+4915112345678 ', 'ada.lovelace@example.com ', 'x +1 (206) 555-0100'])
      for (let before = 0; before < piece.length; before += 1) {
        const left = withoutAddresses('-'.repeat(before) + piece.repeat(2000));
        assert.doesNotMatch(left, /ada|\d/, left.slice(-50));
      }
  });

  it('are found quickly, and a text has a bounded length', () => {
    for (const piece of [
      'a',
      '@',
      'a@',
      '"',
      '\\"',
      '1',
      '1 ',
      '+',
      'arn:aws:',
      '%',
      '%40',
      '2026-',
      'deadbeef',
      '1.',
    ]) {
      const before = performance.now();
      assert.ok(withoutAddresses(piece.repeat(200_000)).length <= 4001);
      assert.ok(performance.now() - before < 1000, piece);
    }
  });

  it('and anything else quoted from a request about people are removed, but not the reason for its rejection', () => {
    for (const [text, left] of [
      [
        "1 validation error detected: Value 'Ada Lovelace' at 'endpointRequest.channelType' failed to satisfy constraint: Member must satisfy enum value set: [ADM, SMS]",
        "1 validation error detected: Value '…' at 'endpointRequest.channelType' failed to satisfy constraint: Member must satisfy enum value set: [ADM, SMS]",
      ],
      ['Invalid ChannelType: Ada Lovelace', 'Invalid ChannelType: …'],
      ['No endpoint Ada-Lovelace-1815', 'No endpoint …'],
      ['Address is missing', 'Address is missing'],
      [
        'User: arn:aws:sts::123456789012:assumed-role/Team/me@example.com is not authorized to perform: mobiletargeting:GetEndpoint on resource: arn:aws:mobiletargeting:us-east-1:123456789012:apps/0123456789abcdef0123456789abcdef/endpoints/ada-lovelace-1815',
        'User: arn:aws:sts::123456789012:assumed-role/Team/me@example.com is not authorized to perform: mobiletargeting:GetEndpoint on resource: arn:aws:mobiletargeting:us-east-1:123456789012:apps/0123456789abcdef0123456789abcdef/endpoints/…',
      ],
      ['адам лавлейс 1815-12-10 Zoë', '…'],
      ['Invalid value: +49|151|123|456|7', 'Invalid value: …'],
      ['Invalid value: 192,168,1,17', 'Invalid value: …'],
      [
        'Invalid value at line 1, column 23: at most 100 items',
        'Invalid value at line 1, column 23: at most 100 items',
      ],
    ] as const)
      assert.equal(inServiceWords(text), left, text);
    for (const gap of ['·', ',', ':', '•', '*', '|', '_', ';', "'", '⁃', '\u2063', '\t', ' · '])
      assert.equal(
        inServiceWords(`Invalid value: ${['06', '12', '34', '56', '78'].join(gap)}`),
        'Invalid value: …',
        gap,
      );
    const quoted = Object.assign(new Error("Value 'Ada Lovelace' is invalid"), {
      name: 'BadRequestException',
      $metadata: { httpStatusCode: 400 },
    });
    const error = serviceError(quoted, {
      service: 'audience',
      doing: 'update the endpoints',
      isAboutPeople: true,
    });
    assert.doesNotMatch(inspect(error, { depth: 10, showHidden: true }), /Ada|Lovelace/);
  });
});
