import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, it } from 'mocha';
import { readSegment } from '../../../src/endpoints/model/segmentDefinition.ts';
import { AudienceError } from '../../../src/errors.ts';
import { root } from '../../../tools/paths.ts';
import { editorKeywords } from '../../../tools/validators.ts';

const ajv = new Ajv({ keywords: editorKeywords, strictTypes: true, strictRequired: false });
const validate = ajv.compile(
  JSON.parse(readFileSync(join(root, 'media/schemas/segment.schema.json'), 'utf8')) as object,
);

const good = [
  { Name: 'Everyone', Dimensions: {} },
  {
    Name: 'Riders',
    Dimensions: {
      Attributes: { Ride: { AttributeType: 'INCLUSIVE', Values: ['Bus'] } },
      UserAttributes: { Since: { AttributeType: 'BETWEEN', Values: ['2026-01-01', '2026-02-01'] } },
      Metrics: { visits: { ComparisonOperator: 'GREATER_THAN', Value: 3 } },
      Behavior: { Recency: { Duration: 'DAY_30', RecencyType: 'ACTIVE' } },
      Demographic: { Channel: { DimensionType: 'INCLUSIVE', Values: ['EMAIL'] } },
      Location: {
        Country: { Values: ['BE'] },
        GPSPoint: { Coordinates: { Latitude: 51, Longitude: 3.7 }, RangeInKilometers: 20 },
      },
    },
  },
  {
    Name: 'Groups',
    SegmentGroups: {
      Include: 'ALL',
      Groups: [
        { Type: 'ANY', SourceType: 'ALL', Dimensions: [{}], SourceSegments: [{ Id: 'a', Version: 2 }] },
      ],
    },
    tags: { team: 'crm' },
  },
];

const bad: readonly (readonly [value: unknown, message: RegExp])[] = [
  [[], /The segment must be an object/],
  [{ Dimensions: {} }, /no Name/],
  [{ Name: 'x', Dimension: {} }, /^Unknown property: Dimension$/],
  [{ Name: 'x', Dimensions: { Demographics: {} } }, /^Unknown property: Dimensions\.Demographics$/],
  [
    { Name: 'x', Dimensions: { Demographic: { Channel: { Values: 'EMAIL' } } } },
    /Channel\.Values must be a list/,
  ],
  [{ Name: 'x', Dimensions: { Demographic: { Channel: {} } } }, /Channel\.Values is missing/],
  [
    { Name: 'x', Dimensions: { Metrics: { m: { ComparisonOperator: 'MORE', Value: 1 } } } },
    /must be one of GREATER/,
  ],
  [
    { Name: 'x', Dimensions: { Metrics: { m: { ComparisonOperator: 'EQUAL', Value: '1' } } } },
    /Value must be a number/,
  ],
  [{ Name: 'x', SegmentGroups: { Groups: [{}, {}] } }, /SegmentGroups\.Groups can have at most 1/],
  [
    { Name: 'x', SegmentGroups: { Groups: [{ SourceSegments: [{ Id: 'a', Version: 1.5 }] }] } },
    /whole number/,
  ],
  [gps({ Latitude: 999, Longitude: 3 }), /Coordinates\.Latitude must be at most 90/],
  [gps({ Latitude: 51, Longitude: -181 }), /Coordinates\.Longitude must be at least -180/],
  [gps({ Latitude: 51, Longitude: 3 }, -1), /RangeInKilometers must be at least 0/],
  [{ Name: 'x', tags: { ['k'.repeat(300)]: 'v' } }, /A name in tags has more than 128 characters/],
  [{ Name: 'x', tags: { team: 'v'.repeat(257) } }, /tags\.team has more than 256 characters/],
  [{ Name: 'x', tags: tags(51) }, /tags can have at most 50/],
  [{ Name: '', Dimensions: {} }, /Name is empty/],
];

function gps(Coordinates: object, RangeInKilometers = 20): object {
  return { Name: 'x', Dimensions: { Location: { GPSPoint: { Coordinates, RangeInKilometers } } } };
}

function tags(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, 'v']));
}

describe('A segment document', () => {
  it('is accepted if the schema accepts it', () => {
    for (const segment of good) {
      assert.ok(validate(segment), JSON.stringify(validate.errors));
      assert.deepEqual(readSegment(segment), segment);
    }
    const both = { Name: 'x', Dimensions: {}, SegmentGroups: {} };
    assert.equal(validate(both), false);
    assert.throws(() => readSegment(both), /not both/);
  });

  it('is rejected with the position, because the SDK would silently drop it', () => {
    for (const [value, message] of bad) {
      assert.throws(
        () => readSegment(value),
        (error) =>
          error instanceof AudienceError && error.code === 'bad-input' && message.test(error.message),
        JSON.stringify(value),
      );
      // A name is only asked for when saving.
      if (!message.source.includes('Name')) assert.equal(validate(value), false, JSON.stringify(value));
    }
  });
});
