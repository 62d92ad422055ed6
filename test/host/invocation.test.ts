import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import {
  namesOne,
  readInvocation,
  readOptions,
  textOf,
  urisOf,
} from '../../src/commands/framework/invocation.ts';
import { CallNode } from '../../src/host/targets.ts';

const file = vscode.Uri.file('/data/customers.csv');
const other = vscode.Uri.file('/data/more.csv');
const node = new CallNode({ kind: 'other' });
const second = new CallNode({ kind: 'other' });

describe('What a command was called with', () => {
  it('is a person’s click, where the editor passes what it passes', () => {
    const clicks: Readonly<Record<string, readonly unknown[]>> = {
      palette: [],
      explorer: [file, [file, other]],
      'tab menu': [file, { groupId: 0, editorIndex: 1 }],
      tree: [node, undefined],
      'tree selection': [node, [node, second]],
      'tree node that is gone': [undefined, undefined],
      'dropped files': [node, [file]],
    };
    for (const [where, args] of Object.entries(clicks)) {
      const call = readInvocation(args);
      assert.equal(call.isProgrammatic, false, where);
      assert.equal(call.isInteractive, true, where);
    }
  });

  it('is a program’s call, where it passes anything that no menu does', () => {
    for (const args of [[file], [[file]], [file, {}], [{}], ['id'], ['id', { confirm: false }], [node, {}]]) {
      assert.equal(readInvocation(args).isProgrammatic, true, JSON.stringify(args));
    }
  });

  it('asks nothing with confirm: false', () => {
    assert.equal(readInvocation([file, { confirm: false }]).isInteractive, false);
    assert.equal(readInvocation([file, { confirm: true }]).isInteractive, true);
  });

  it('takes the selection of the Explorer, a list, one URI, parts of one, or a path', () => {
    const paths = (...args: readonly unknown[]): readonly string[] =>
      urisOf(readInvocation(args)).map(({ path }) => path);
    assert.deepEqual(paths(file, [file, other]), [file.path, other.path]);
    assert.deepEqual(paths([file, other]), [file.path, other.path]);
    assert.deepEqual(paths(file, { groupId: 0 }), [file.path]);
    assert.deepEqual(paths(file.toJSON()), [file.path]);
    assert.deepEqual(paths('/data/customers.csv'), [file.path]);
    assert.deepEqual(paths('file:///data/customers.csv'), [file.path]);
    assert.deepEqual(paths(node, [file]), [file.path]);
    assert.deepEqual(paths(node, [node, second]), []);
    assert.deepEqual(paths({ projectId: 'p' }), []);
  });

  it('tells one thing from a list of one', () => {
    assert.equal(namesOne(readInvocation([file])), true);
    assert.equal(namesOne(readInvocation([[file]])), false);
    assert.equal(namesOne(readInvocation([])), false);
  });

  it('is about the node clicked first, then the rest of the selection', () => {
    const call = readInvocation([second, [node, second]]);
    assert.equal(call.node, second);
    assert.equal(call.targets.length, 2);
    assert.equal(call.targets[0], second.target);
  });

  it('has no arguments only if nothing at all was passed', () => {
    assert.equal(readInvocation([]).hasNoArguments, true);
    assert.equal(readInvocation([undefined, undefined]).hasNoArguments, false);
    assert.equal(readInvocation([node]).hasNoArguments, false);
  });

  it('reads options by their types, and refuses others in words', () => {
    const call = readInvocation([{ projectId: 'p', version: 2, defineSegment: true, other: [] }]);
    const types = {
      projectId: 'string',
      version: 'number',
      defineSegment: 'boolean',
      absent: 'string',
    } as const;
    assert.deepEqual(readOptions(call, types), { projectId: 'p', version: 2, defineSegment: true });
    assert.throws(() => readOptions(call, { other: 'string' }), {
      code: 'bad-input',
      message: /Option other/,
    });
    assert.throws(() => textOf(readInvocation([7])), { code: 'bad-input' });
  });
});
