import { serviceError } from '../../../src/aws/connection/serviceErrors.ts';
import { AudienceError, reasonOf, stackOf } from '../../../src/errors.ts';
import { fileError } from '../../../src/fileErrors.ts';
import { explain } from '../../../src/jobs/failures/explain.ts';
import { asAudienceError } from '../../../src/jobs/drive/jobDriver.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ClueSearch, kindOfFailure, readClue, type Spot } from '../../../src/jobs/failures/failureClues.ts';
import { jacksonError, quoteSource } from '../../../src/sandbox/pinpoint/jacksonError.ts';
import { seeded } from '../../support/random.ts';

/** Looks for the places of failures in a text that comes in chunks of so many bytes. */
function find(text: string, failures: readonly string[], chunk = 7): readonly (Spot | undefined)[] {
  const search = new ClueSearch(failures.map(readClue));
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunk) search.push(bytes.subarray(at, at + chunk));
  return search.end();
}

function lineOf(text: string, failure: string): number | undefined {
  return find(text, [failure])[0]?.line;
}

describe('the positions of failures', () => {
  it("are read from Jackson's message about a record", () => {
    const clue = readClue(
      `Unexpected character ('I' (code 73)): was expecting double-quote to start field name\n at [Source: (String)"{ Id: "x"]" }"; line: 1, column: 4]`,
    );
    assert.deepEqual(clue.quote, { text: '{ Id: "x"]" }', isWhole: true, before: 0 });
    assert.deepEqual([clue.line, clue.column, clue.values], [1, 3, []]);
  });

  it('are read from the last source if an open bracket has its own', () => {
    const record = '{"Id":"h-7","ChannelType":"EMAIL"';
    const spot = find(`{"Id":"h-1"}\n${record}\n{"Id":"h-2"}\n`, [jacksonError(record)])[0];
    assert.deepEqual(spot, { line: 2, column: record.length, candidates: 1 });
  });

  it('are found by quoted records, of any length and beyond the first 500 characters', () => {
    const record = (id: number, filler: number): string =>
      `{"ChannelType":"EMAIL","Id":"${id}","Attributes":{"é𝒳":["${'ö'.repeat(filler)}"]}}`;
    const lines = [record(1, 3), record(2, 600), record(3, 600), record(4, 452), record(5, 10)];
    const failures = lines.map((line) => `OptOut must be one of ALL, NONE at [Source: ${quoteSource(line)}]`);
    assert.deepEqual(
      find(lines.join('\n'), failures).map((spot) => spot?.line),
      [1, 2, 3, 4, 5],
    );
    assert.deepEqual(
      find(`\ufeff${lines.join('\r\n')}\r\n`, failures, 1).map((spot) => spot?.line),
      [1, 2, 3, 4, 5],
    );
  });

  it('are found if the file quotes other cells than the service, or has a line break in one', () => {
    const file = '"ChannelType","Address","Id"\n"EMAIL","a@x","1"\n"EMAIL","b\nc","2"\n';
    assert.equal(lineOf(file, `Address has a line break [Source: ${quoteSource('EMAIL,"b\nc",2')}]`), 3);
    assert.equal(lineOf(file, `Bad at [Source: ${quoteSource('EMAIL,a@x,1')}]`), 2);
  });

  it('are counted from the quotation if it starts with the file', () => {
    const file = '\n{"Id":"1"}\n{"Id":"2"}\n{ Id: 3 }\n';
    const refusal = jacksonError('{ Id: 3 }', 4, file);
    assert.deepEqual(find(file, [refusal])[0], { line: 4, column: 3, candidates: 1 });
  });

  it('are found by Ids and addresses if nothing is quoted, with their column', () => {
    const file = 'ChannelType,Address,Id\nSMS,"ä𝒳",h-1\nSMS,+4915112345678,h-2\nEMAIL,bo@example.com,h-3\n';
    const [byPhone, byMail, byId, none] = find(file, [
      'Rejected +4915112345678.',
      'bo@example.com: not valid',
      "Endpoint Id: 'h-1' exceeded a limit",
      'Id: h-4 is unknown',
    ]);
    assert.deepEqual(byPhone, { line: 3, column: 5, candidates: 1 });
    assert.deepEqual(byMail, { line: 4, column: 7, candidates: 1 });
    assert.deepEqual(byId, { line: 2, column: 11, candidates: 1 });
    assert.equal(none, undefined);
  });

  it('of equal records are assigned in order, and marked uncertain if there are more', () => {
    const failure = `No at [Source: ${quoteSource('x,y,z')}]`;
    const file = 'a,b,c\nx,y,z\nq,q,q\nx,y,z\n';
    assert.deepEqual(
      find(file, [failure, failure]).map((spot) => [spot?.line, spot?.candidates]),
      [[2, 1], [4, 1]],
    ); // prettier-ignore
    assert.deepEqual(
      find(file, [failure]).map((spot) => [spot?.line, spot?.candidates]),
      [[2, 2]],
    );
  });

  it("aren't invented", () => {
    const file = 'ChannelType,Address,Id\nEMAIL,a@example.com,1\n';
    const texts = [
      '',
      'The job failed',
      `Bad at [Source: ${quoteSource('EMAIL,b@example.com,1')}]`,
      '[Source: (String)"',
    ];
    assert.deepEqual(find(file, texts), texts.map(() => undefined)); // prettier-ignore
    assert.deepEqual(readClue("Id can't contain the characters $, { or }").values, []);
  });

  it("don't depend on chunking, even among many similar records", () => {
    const random = seeded(7);
    const lines = Array.from({ length: 400 }, (_, n) =>
      `{"ChannelType":"EMAIL","Address":"p${n}@example.com","Attributes":{"a":["${'x'.repeat(random.int(300))}"]}}`,
    ); // prettier-ignore
    const chosen = Array.from({ length: 100 }, () => random.int(lines.length)).sort((a, b) => a - b);
    const unique = [...new Set(chosen)];
    const failures = unique.map((n) => `Refused at [Source: ${quoteSource(lines[n]!)}]`);
    for (const chunk of [1, 13, 4096]) {
      assert.deepEqual(
        find(lines.join('\n'), failures, chunk).map((spot) => spot?.line),
        unique.map((n) => n + 1),
      );
    }
  });
});

describe('Service texts about failed lines', () => {
  it('explain the problem in Problems, without row content', () => {
    for (const [text, shown] of [
      [
        'Unrecognized token \'ada\': was expecting (JSON String)\n at [Source: (String)"ada,x"; line: 1, column: 4]',
        'Unrecognized token',
      ],
      [
        "Invalid Endpoint: Address 'ada.lovelace@example.com' is not valid",
        "Invalid Endpoint: Address '…' is not valid",
      ],
      ['Row 2: Ada Lovelace,ada@example.com has 3 columns', 'Row 2: … has 3 columns'],
      ['Missing Address', 'Missing Address'],
      [
        'ChannelType must be one of ADM, EMAIL at [Source: (String)"MAIL,Ada"; line: 3, column: 1]',
        'ChannelType must be one of ADM, EMAIL',
      ],
      ['ChannelType must be one of ADM, EMAIL', 'ChannelType must be one of ADM, EMAIL'],
    ] as const)
      assert.equal(kindOfFailure(text), shown);
  });

  it('are read quickly, however long', () => {
    for (const piece of [
      'a',
      ' ',
      'a@',
      'quota ',
      'role',
      'id=a',
      '.',
      '[Source: (String)"',
      'id: ',
      'line: 1 ',
      's3://',
      "'",
    ]) {
      const text = `${piece.repeat(300_000 / piece.length)}x[Source: `;
      const before = performance.now();
      readClue(text);
      kindOfFailure(text);
      explain(text);
      const error = Object.assign(new Error(text), {
        name: 'BadRequestException',
        $metadata: { httpStatusCode: 400 },
      });
      serviceError(error, { service: 'audience', doing: 'update the endpoints', isAboutPeople: true });
      assert.ok(performance.now() - before < 2000, piece);
    }
  });
});

describe('An unexpected error', () => {
  it('is shown by its kind, since its text may quote a row', () => {
    let thrown: unknown;
    try {
      JSON.parse('planted');
    } catch (error) {
      thrown = error;
    }
    assert.match(String(thrown), /planted/);
    for (const text of [
      reasonOf(thrown),
      stackOf(thrown),
      asAudienceError(thrown as Error).message,
      fileError(thrown, 'read', 'a.csv').message,
      reasonOf('planted'),
    ])
      assert.doesNotMatch(text, /planted/);
    assert.equal(reasonOf(thrown), 'Internal error (SyntaxError)');
    assert.match(stackOf(thrown), /^SyntaxError\n\s+at /);
    assert.equal(reasonOf(new AudienceError('disk', 'Full', { help: 'Delete.' })), 'Full. Delete.');
  });
});
