import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CallNode, isTargetNode, type Target } from '../../../src/host/targets.ts';

describe("A command's target node", () => {
  const target: Target = { kind: 'mirror', name: 'All', declaredIn: '/data/pinpoint-audience.json' };

  it('is recognized if it is one of ours', () => {
    assert.equal(isTargetNode(new CallNode(target)), true);
    class Other {
      readonly target = target;
    }
    assert.equal(isTargetNode(new Other()), true);
  });

  it('is not what a link or a keybinding passes, however much it looks like one', () => {
    const forged: readonly unknown[] = [
      { target },
      JSON.parse(JSON.stringify(new CallNode(target))),
      JSON.parse(`{"__proto__":{"x":1},"target":${JSON.stringify(target)}}`),
      Object.assign(Object.create(null) as object, { target }),
      { constructor: { name: 'CallNode' }, target },
      new CallNode({} as Target),
      null,
      'target',
    ];
    for (const each of forged) assert.equal(isTargetNode(each), false, JSON.stringify(each));
  });
});
