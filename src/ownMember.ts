/** The member that `table` has under a name that may be anybody's. Unlike an index this never finds what objects inherit, as `constructor`. */
export function getOwn<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Sets a member whatever its name is. Unlike an assignment this can't set the prototype (`__proto__`). */
export function setOwn<T>(table: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') {
    Object.defineProperty(table, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    table[name] = value;
  }
}
