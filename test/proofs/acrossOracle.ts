/** One record, as far as rules across records look at it. Empty: absent. */
export interface Row {
  readonly id: string;
  readonly channel: string;
  readonly address: string;
  readonly user: string;
}

/** The records that break a rule across records, by their indices, each with the index of the first with the same value. */
export interface AcrossTruth {
  readonly ids: readonly (readonly [index: number, first: number])[];
  readonly addresses: readonly (readonly [index: number, first: number])[];
  readonly users: readonly (readonly [index: number, first: number])[];
}

const maxEndpoints = 15;

/** What the rules say, kept the plain way: with maps of whole values. It shares nothing with the product. */
export function truthOf(rows: readonly Row[]): AcrossTruth {
  const ids: [number, number][] = [];
  const addresses: [number, number][] = [];
  const users: [number, number][] = [];
  const firstOfId = new Map<string, number>();
  const firstOfAddress = new Map<string, number>();
  const firstOfUser = new Map<string, number>();
  /** Of each endpoint: its user as of the last record that names one, and the record from which on it is that one. */
  const endpoints = new Map<string, { user: string; from: number }>();
  rows.forEach(({ id, channel, address, user }, index) => {
    const lower = id.toLowerCase();
    const place = `${channel} ${address}`;
    if (id !== '') {
      const first = firstOfId.get(lower);
      if (first === undefined) firstOfId.set(lower, index);
      else ids.push([index, first]);
    }
    if (address !== '') {
      const first = firstOfAddress.get(place);
      if (first === undefined) firstOfAddress.set(place, index);
      else if (id === '' || rows[first]!.id.toLowerCase() !== lower) addresses.push([index, first]);
    }
    if (user === '') return;
    if (!firstOfUser.has(user)) firstOfUser.set(user, index);
    const endpoint = id !== '' ? `id ${lower}` : address !== '' ? `address ${place}` : `record ${index}`;
    const known = endpoints.get(endpoint);
    if (known?.user !== user) endpoints.set(endpoint, { user, from: index });
  });
  const counts = new Map<string, number>();
  for (const { user, from } of [...endpoints.values()].sort((one, other) => one.from - other.from)) {
    const count = (counts.get(user) ?? 0) + 1;
    counts.set(user, count);
    if (count > maxEndpoints) users.push([from, firstOfUser.get(user)!]);
  }
  return { ids, addresses, users };
}
