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

describe('The arguments of a command', () => {
  it('are recognized as a click if they come from the editor', () => {
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

  it("are recognized as a program's if no menu passes them", () => {
    for (const args of [[file], [[file]], [file, {}], [{}], ['id'], ['id', { confirm: false }], [node, {}]]) {
      assert.equal(readInvocation(args).isProgrammatic, true, JSON.stringify(args));
    }
  });

  it('suppress all questions with confirm: false', () => {
    assert.equal(readInvocation([file, { confirm: false }]).isInteractive, false);
    assert.equal(readInvocation([file, { confirm: true }]).isInteractive, true);
  });

  it('can be the selection of the Explorer, a list, a URI, its parts, or a path', () => {
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

  it('distinguish one item from a list of one', () => {
    assert.equal(namesOne(readInvocation([file])), true);
    assert.equal(namesOne(readInvocation([[file]])), false);
    assert.equal(namesOne(readInvocation([])), false);
  });

  it('name the clicked node first, then the rest of the selection', () => {
    const call = readInvocation([second, [node, second]]);
    assert.equal(call.node, second);
    assert.equal(call.targets.length, 2);
    assert.equal(call.targets[0], second.target);
  });

  it('are absent only if nothing was passed', () => {
    assert.equal(readInvocation([]).hasNoArguments, true);
    assert.equal(readInvocation([undefined, undefined]).hasNoArguments, false);
    assert.equal(readInvocation([node]).hasNoArguments, false);
  });

  it('include options by type; others are rejected with an explanation', () => {
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
