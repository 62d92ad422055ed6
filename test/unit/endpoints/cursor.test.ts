import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import {
  cellsOfLine,
  csvPlace,
  isEndpointHeader,
  isEndpointLine,
  jsonPlace,
  memberNamesOf,
  membersOf,
} from '../../../src/endpoints/editing/cursor.ts';

/** Reads a text with the place under question marked by `|`. */
function marked(text: string): { line: string; character: number } {
  const character = text.indexOf('|');
  return { line: text.replace('|', ''), character };
}

describe('Positions in a line of CSV', () => {
  const header = 'ChannelType,Address,"Attributes.Plan",User.UserId';

  it('splits cells with their columns, quotes not included', () => {
    assert.deepEqual(
      cellsOfLine('a,"b ""c"", d",,e').map(({ start, end, text, quoted }) => [start, end, text, quoted]),
      [
        [0, 1, 'a', false],
        [3, 13, 'b "c", d', true],
        [15, 15, '', false],
        [16, 17, 'e', false],
      ],
    );
    assert.deepEqual(
      cellsOfLine('x,"open').map(({ start, end, text }) => [start, end, text]),
      [
        [0, 1, 'x'],
        [3, 7, 'open'],
      ],
    );
    assert.equal(cellsOfLine('').length, 1);
    assert.equal(cellsOfLine('a,').length, 2);
  });

  for (const [text, path, value] of [
    ['EM|AIL,a@example.com,gold,u-1', 'ChannelType', 'EMAIL'],
    ['EMAIL|,a@example.com,gold,u-1', 'ChannelType', 'EMAIL'],
    ['EMAIL,|a@example.com,gold,u-1', 'Address', 'a@example.com'],
    ['EMAIL,a@example.com,"go|ld, or",u-1', 'Attributes.Plan', 'gold, or'],
    ['EMAIL,a@example.com,,u-1|', 'User.UserId', 'u-1'],
    ['EMAIL,a@example.com,|,u-1', 'Attributes.Plan', ''],
  ] as const) {
    it(`finds the column at ${text}`, () => {
      const { line, character } = marked(text);
      const place = csvPlace(header, line, false, character);
      assert.equal(place?.path, path);
      assert.equal(place.text, value);
      assert.equal(place.kind, 'value');
      assert.equal(line.slice(place.start, place.end), value);
    });
  }

  it('finds the name in a header, and nothing beyond its columns', () => {
    const place = csvPlace(header, header, true, 14);
    assert.equal(place?.path, 'Address');
    assert.equal(place.kind, 'name');
    assert.equal(csvPlace('Id', 'a,b', false, 2), undefined);
  });

  it('recognizes the header of an endpoint file', () => {
    assert.equal(isEndpointHeader(header), true);
    assert.equal(isEndpointHeader('\uFEFFId'), true);
    assert.equal(isEndpointHeader('ChannelType,Adress'), true);
    assert.equal(isEndpointHeader('ChannelType;Address;Id'), true);
    assert.equal(isEndpointHeader('Id\tOptOut'), true);
    assert.equal(isEndpointHeader('name,price,stock'), false);
    assert.equal(isEndpointHeader('name;price;stock'), false);
    assert.equal(isEndpointHeader(''), false);
  });
});

describe('Positions in a line of NDJSON', () => {
  it('are only recognized in endpoints', () => {
    assert.equal(isEndpointLine('{"ChannelType":"EMAIL","Adress":"ana@example.com"}'), true);
    assert.equal(isEndpointLine('\uFEFF{"User":{"UserId":"1"}}'), true);
    assert.equal(isEndpointLine('{"Id":"1","CohortId":"7","CreationDate":"x","plan":"gold"}'), true);
    assert.equal(isEndpointLine('{"id":"1","address":"x"}'), false);
    assert.equal(isEndpointLine('{"Id":"1","prompt":"x","completion":"y"}'), false);
    for (const line of ['', '{}', '[]', '7', 'null', '{"Id":']) assert.equal(isEndpointLine(line), false);
  });

  for (const [text, kind, path, value, parent] of [
    ['{"Channel|Type":"EMAIL"}', 'name', 'ChannelType', 'ChannelType', ''],
    ['{"ChannelType":"EM|AIL"}', 'value', 'ChannelType', 'EMAIL', 'ChannelType'],
    ['{"ChannelType":"|"}', 'value', 'ChannelType', '', 'ChannelType'],
    ['{"Location":{"Ci|ty":"Berlin"}}', 'name', 'Location.City', 'City', 'Location'],
    ['{"Location":{"|"}}', 'name', 'Location.', '', 'Location'],
    ['{"Attributes":{"Plan":["go|ld"]}}', 'value', 'Attributes.Plan', 'gold', 'Attributes.Plan'],
    ['{"Metrics":{"Age":3|4}}', 'value', 'Metrics.Age', '34', 'Metrics.Age'],
    [
      '{"User":{"UserAttributes":{"Na|me":["A"]}}}',
      'name',
      'User.UserAttributes.Name',
      'Name',
      'User.UserAttributes',
    ],
  ] as const) {
    it(`are found at ${text}`, () => {
      const { line, character } = marked(text);
      const place = jsonPlace(line, character);
      assert.deepEqual([place?.kind, place?.path, place?.text, place?.parent], [kind, path, value, parent]);
      assert.equal(line.slice(place?.start, place?.end), value);
    });
  }

  it('are unknown in a line that is nested too deeply', () => {
    const line = `{"Attributes":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    assert.equal(jsonPlace(line, 20), undefined);
    assert.deepEqual(memberNamesOf(line, ''), []);
  });

  it('are unknown outside of an object', () => {
    assert.equal(jsonPlace('', 0), undefined);
  });

  it('list the members of each object, including groups and families', () => {
    const top = membersOf('').map(({ name }) => name);
    assert.deepEqual(
      ['Address', 'Attributes', 'Location', 'User'].filter((name) => top.includes(name)).length,
      4,
    );
    assert.deepEqual(
      membersOf('User').map(({ name }) => name),
      ['UserAttributes', 'UserId'],
    );
    assert.deepEqual(membersOf('Attributes'), []);
    assert.ok(membersOf('Location').some(({ path, attribute }) => path === 'Location.City' && attribute));
  });

  it('list the names of an object, even while it is being typed', () => {
    const line = '{"Id":"1","Location":{"City":"Berlin","Co":';
    assert.deepEqual(memberNamesOf(line, ''), ['Id', 'Location']);
    assert.deepEqual(memberNamesOf(line, 'Location'), ['City', 'Co']);
    assert.deepEqual(memberNamesOf(line, 'Id'), []);
    assert.deepEqual(memberNamesOf(line, 'User'), []);
    assert.deepEqual(memberNamesOf('', ''), []);
  });
});
