import * as vscode from 'vscode';
import { AudienceError } from '../../errors.ts';
import { isTargetNode, type Target, type TargetNode } from '../../host/targets.ts';
import { getOwn, setOwn } from '../../ownMember.ts';

/** One call of a command, read from whatever the editor or a program passed. */
export interface Invocation {
  /** Positional arguments that are neither nodes of our trees nor options. */
  readonly args: readonly unknown[];
  /** The tree nodes to act on: the one clicked first, then the rest of the selection. */
  readonly targets: readonly Target[];
  /** The node clicked. */
  readonly node?: TargetNode;
  readonly options: Readonly<Record<string, unknown>>;
  /** The option `signal`: cancels what the command does. */
  readonly signal?: AbortSignal;
  /** As from the palette and keybindings, which pass nothing: the selection applies. */
  readonly hasNoArguments: boolean;
  /** False with `confirm: false`: no prompts, and missing options are errors. */
  readonly isInteractive: boolean;
  /**
   * A program called, so failures reach it as rejections; otherwise a person clicked, and sees them.
   * Menus, the palette and trees are recognized by what they pass: nothing, a node, or a resource with its selection or
   * editor. So a program that passes options, even `{}`, is always recognized.
   */
  readonly isProgrammatic: boolean;
}

export function readInvocation(raw: readonly unknown[]): Invocation {
  const given = raw.filter((value) => value !== undefined && value !== null);
  const last = given.at(-1);
  const options = isOptions(last) ? last : undefined;
  const positional = given.filter((value) => value !== options && !isEditorContext(value));
  const [first, second] = positional;
  const signal = options?.['signal'] instanceof AbortSignal ? { signal: options['signal'] } : {};

  if (isTargetNode(first)) {
    const selected = Array.isArray(second) ? second.filter(isTargetNode) : [];
    const isSelection = (value: unknown): boolean => Array.isArray(value) && value.every(isTargetNode);
    const nodes = [first, ...selected.filter((node) => node !== first)];
    return {
      args: positional.slice(1).filter((value) => !isSelection(value)),
      targets: nodes.map((node) => node.target),
      node: first,
      options: options ?? {},
      ...signal,
      hasNoArguments: false,
      isInteractive: options?.['confirm'] !== false,
      isProgrammatic: options !== undefined,
    };
  }
  const fromExplorer = isUri(first) && Array.isArray(second);
  const fromEditor = isUri(first) && given.some(isEditorContext);
  return {
    args: fromExplorer ? [second] : positional,
    targets: [],
    options: options ?? {},
    ...signal,
    hasNoArguments: raw.length === 0,
    isInteractive: options?.['confirm'] !== false,
    isProgrammatic: options !== undefined || (positional.length > 0 && !fromExplorer && !fromEditor),
  };
}

/** The same call with other arguments and options, for one command that continues as another. */
export function withArguments(
  { isInteractive, isProgrammatic, signal }: Invocation,
  args: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
): Invocation {
  return {
    args,
    targets: [],
    options,
    ...(signal && { signal }),
    hasNoArguments: false,
    isInteractive,
    isProgrammatic,
  };
}

/** The files and folders that a call names, if any. Paths and URIs as strings, as keybindings pass them, work too. */
export function urisOf(call: Invocation): readonly vscode.Uri[] {
  const [first] = call.args;
  if (first === undefined) return [];
  return (Array.isArray(first) ? first : [first]).map(toUri);
}

/** True if a call names one thing, not a list: then its result is one thing, too. */
export function namesOne(call: Invocation): boolean {
  return call.args.length > 0 && !Array.isArray(call.args[0]);
}

/** The text given as the first argument, such as a job's id. */
export function textOf(call: Invocation): string | undefined {
  const [first] = call.args;
  if (first === undefined) return undefined;
  if (typeof first === 'string') return first;
  throw new AudienceError('bad-input', 'The first argument must be a string', {
    help: 'Pass an id, or nothing to choose from a list.',
  });
}

/** The error of a call that isn't interactive and lacks an option. */
export function missing(what: string, help: string): AudienceError {
  return new AudienceError('bad-input', `No ${what.replace(/^an? /, '')} specified`, { help });
}

interface OptionTypes {
  string: string;
  boolean: boolean;
  number: number;
}

/** Reads options by a table of name → type. One of another type is a `bad-input`; unknown ones are ignored. */
export function readOptions<T extends Readonly<Record<string, keyof OptionTypes>>>(
  call: Invocation,
  types: T,
): { readonly [K in keyof T]?: OptionTypes[T[K]] } {
  const read: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(types)) {
    const value = getOwn(call.options, name);
    if (value === undefined || value === null) continue;
    if (typeof value !== type) {
      throw new AudienceError('bad-input', `Option ${name} must be a ${type}`, {
        help: `Pass a ${type}, or omit ${name}.`,
      });
    }
    setOwn(read, name, value);
  }
  return read as { readonly [K in keyof T]?: OptionTypes[T[K]] };
}

function isOptions(value: unknown): value is Record<string, unknown> {
  return isPlainObject(value) && !isUri(value) && !isTargetNode(value) && !isEditorContext(value);
}

/** What the editor adds for its title and tab menus. */
function isEditorContext(value: unknown): boolean {
  return isPlainObject(value) && 'groupId' in value;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isUri(value: unknown): value is vscode.Uri | { scheme: string; path: string } {
  if (value instanceof vscode.Uri) return true;
  return isPlainObject(value) && typeof value['scheme'] === 'string' && typeof value['path'] === 'string';
}

function toUri(value: unknown): vscode.Uri {
  if (value instanceof vscode.Uri) return value;
  if (typeof value === 'string' && value !== '') {
    return /^[a-z][a-z0-9+.-]+:/i.test(value) ? vscode.Uri.parse(value, true) : vscode.Uri.file(value);
  }
  if (isUri(value)) return vscode.Uri.from(value);
  throw new AudienceError('bad-input', 'A file must be a URI or a path', {
    help: 'Pass a vscode.Uri, several of them in an array, or an absolute path.',
  });
}
