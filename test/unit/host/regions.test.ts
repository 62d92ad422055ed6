import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { partitionOf, pinpointRegions, regionsToOffer } from '../../../src/host/regions.ts';

describe('Regions to choose from', () => {
  it('start with recently used ones, each once, including unlisted ones', () => {
    const offered = regionsToOffer(['eu-west-2', 'sa-east-1'], undefined);
    assert.deepEqual(offered.slice(0, 2), ['eu-west-2', 'sa-east-1']);
    assert.deepEqual(new Set(offered), new Set([...Object.keys(pinpointRegions), 'sa-east-1']));
    assert.equal(offered.length, new Set(offered).size);
  });

  it('are in one partition, if it is known', () => {
    assert.deepEqual(regionsToOffer(['eu-west-1', 'us-gov-east-1'], 'aws-us-gov'), [
      'us-gov-east-1',
      'us-gov-west-1',
    ]);
    const commercial = regionsToOffer(['us-gov-west-1'], 'aws');
    assert.ok(commercial.length > 5);
    assert.ok(commercial.every((region) => partitionOf(region) === 'aws'));
  });
});
