import { getOwn, setOwn } from '../../ownMember.ts';

/**
 * The nested JSON members of a path. The first dot separates an object from its member, in `User.UserAttributes` also
 * the second; further dots belong to a custom name.
 */
export function memberPath(path: string): readonly string[] {
  const custom = 'User.UserAttributes.';
  if (path.startsWith(custom)) return ['User', 'UserAttributes', path.slice(custom.length)];
  const dot = path.indexOf('.');
  return dot < 0 ? [path] : [path.slice(0, dot), path.slice(dot + 1)];
}

/** Sets the value at a path and creates the objects around it. */
export function putMember(root: Record<string, unknown>, path: string, value: unknown): void {
  const members = memberPath(path);
  let at = root;
  for (const member of members.slice(0, -1)) {
    if (!Object.hasOwn(at, member)) setOwn(at, member, {});
    at = getOwn(at, member) as Record<string, unknown>;
  }
  setOwn(at, members.at(-1)!, value);
}

/** Objects that contain attributes or further objects, by dotted path. */
export function holdsMembers(path: string): boolean {
  return !path.includes('.') || path === 'User.UserAttributes';
}
