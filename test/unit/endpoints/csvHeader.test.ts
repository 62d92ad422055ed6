import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { findings, validate, validateStream, shown } from './validateContent.ts';

interface Case {
  readonly title: string;
  /** The header, and below it a record whose OptOut is wrong where that column is still found. */
  readonly text: string | Uint8Array;
  readonly found: readonly string[];
}

const wrongOptOut = '2:3-4 error opt-out-unknown';

const cases: readonly Case[] = [
  {
    title: 'a quote that is never closed costs no column behind it',
    text: '"Id,OptOut\n1,X\n',
    found: ['1:1-2 error csv-quote', '2:1-2 info id-only', wrongOptOut],
  },
  {
    title: 'a quote that is never closed in the last column',
    text: 'Id,"OptOut\n1,X\n',
    found: ['1:4-5 error csv-quote', '2:1-2 info id-only', wrongOptOut],
  },
  {
    title: 'text behind a closing quote',
    text: '"Id"é,OptOut\n1,X\n',
    found: ['1:5-6 error csv-quote', '2:1-2 info id-only', wrongOptOut],
  },
  {
    title: 'a quote inside a name',
    text: 'Id,Attributes.6"\n1,X\n',
    found: ['1:16-17 error csv-quote', '2:1-2 info id-only'],
  },
  {
    title: 'tabs inside names, and around them',
    text: 'Id,Attributes.a\tb,\tOptOut\n1,,X\n',
    found: [
      '1:16-17 error csv-tab',
      '1:19-26 warning csv-header-space',
      '2:1-2 info id-only',
      '2:4-5 error opt-out-unknown',
    ],
  },
  {
    title: 'a carriage return inside a name',
    text: 'Id,Attributes.a\rb\n1,x\n',
    found: ['1:16-2:1 error csv-line-break', '3:1-2 info id-only'],
  },
  {
    title: 'lines that all end in carriage returns alone',
    text: 'Id,OptOut\r1,X\r2,X\r',
    found: ['1:10-10 error csv-line-break'],
  },
  {
    title: 'a carriage return at the end of a header without records',
    text: 'Id,OptOut\r',
    found: [],
  },
  {
    title: 'a byte that is not UTF-8, which is told once',
    text: Buffer.from('\nId,Attributes.M\xFC\n1,\xFC\n', 'latin1'),
    found: ['1:1-1 warning csv-blank-line', '2:16-17 error file-encoding', '3:1-2 info id-only'],
  },
];

describe('Headers of CSV files', () => {
  for (const { title, text, found } of cases) {
    it(title, async () => {
      assert.deepEqual(await findings(text, 'csv'), found);
      assert.deepEqual(shown(await validateStream(Buffer.from(text), 'csv', 7)), found);
    });
  }

  it('over the limit make the check incomplete, without a finding for the truncated character', async () => {
    const names = `,Attributes.${'é'.repeat(50_000)}`.repeat(12);
    for (const first of ['Id', 'xId']) {
      const { counts } = await validate(`${first}${names}\n`, 'csv');
      assert.deepEqual(counts, { 'check-incomplete': 1 });
    }
  });

  it('show no name that looks like an address or a phone number', async () => {
    const names = [
      'ada@example.com',
      ' ada＠example.com ',
      '+49151123456',
      '(202) 555-0143',
      'user.userattributes.+49151123456',
      'ada%40example.com',
      'ada%2540example.com',
      'ada (at) example.com',
      'ada at example.com',
    ];
    for (const name of names) {
      const { issues } = await validate(
        `ChannelType,Address,${name},${name}\nEMAIL,a@example.com,1,1\n`,
        'csv',
      );
      const texts = issues.filter(({ line }) => line === 1).map(({ message }) => message);
      assert.ok(texts.length > 0, name);
      for (const text of texts) assert.doesNotMatch(text, /ada|4915|0143/i);
    }
  });

  it('show control characters as such in messages', async () => {
    const { issues } = await validate('Id,Pl\0an\n', 'csv');
    assert.match(issues[0]!.message, /"Pl␀an"/);
  });
});
