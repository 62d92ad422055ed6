import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { validate } from './validateContent.ts';

describe('Inactive endpoints', () => {
  it('are all counted, even beyond the maximum, in both formats', async () => {
    const numbers = Array.from({ length: 500 }, (_, n) => n);
    const rows = numbers.map((n) => `EMAIL,a${n}@example.com,INACTIVE\n`).join('');
    const lines = numbers.map(
      (n) => `{"ChannelType":"EMAIL","Address":"a${n}@example.com","EndpointStatus":"INACTIVE"}\n`,
    );
    for (const [content, type] of [
      [`ChannelType,Address,EndpointStatus\n${rows}`, 'csv'],
      [lines.join(''), 'ndjson'],
    ] as const) {
      const { counts, issues, truncated } = await validate(content, type);
      assert.equal(counts['endpoint-inactive'], 500, type);
      assert.equal(issues.filter(({ code }) => code === 'endpoint-inactive').length, 200, type);
      assert.equal(truncated, true, type);
    }
  });

  it('are found whatever the other columns, and wherever the file is cut', async () => {
    const rows = Array.from(
      { length: 3000 },
      (_, n) => `${n % 3 === 0 ? 'INACTIVE' : 'ACTIVE'},EMAIL,"a${n}@example.com",${'x'.repeat(n % 90)}\n`,
    );
    const content = `EndpointStatus,ChannelType,Address,Attributes.Note\n${rows.join('')}`;
    for (const chunkBytes of [4096, 65_536]) {
      const { counts } = await validate(content, 'csv', {}, { threads: 2, chunkBytes });
      assert.equal(counts['endpoint-inactive'], 1000);
    }
  });
});
