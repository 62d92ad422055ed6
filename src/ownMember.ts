/** The member of `table` with an untrusted name. Unlike an index, this never finds inherited members such as `constructor`. */
export function getOwn<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** Sets a member with an untrusted name. Unlike an assignment, this can't set the prototype (`__proto__`). */
export function setOwn<T>(table: Record<string, T>, name: string, value: T): void {
  if (name === '__proto__') {
    Object.defineProperty(table, name, { value, enumerable: true, configurable: true, writable: true });
  } else {
    table[name] = value;
  }
}
