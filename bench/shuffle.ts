import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { seeded } from '../test/support/random.ts';

/*
 * node bench/shuffle.ts IN OUT: writes NDJSON with the members of every object in another order on each line, and a fifth of
 * those left out that an endpoint can do without. For readers that profit from lines that look alike, this is the hard case.
 */

type Json = string | number | readonly Json[] | { readonly [name: string]: Json };

const needed = new Set(['ChannelType', 'Address', 'Id', 'Latitude', 'Longitude']);
const random = seeded(1);

function unordered(value: Json): Json {
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  const members = Object.entries(value).filter(([name]) => needed.has(name) || random.chance(0.8));
  return Object.fromEntries(random.shuffle(members).map(([name, inner]) => [name, unordered(inner)]));
}

const [from, to] = process.argv.slice(2) as [string, string];
const out = createWriteStream(to);
for await (const line of createInterface({ input: createReadStream(from) })) {
  if (!out.write(`${JSON.stringify(unordered(JSON.parse(line) as Json))}\n`)) await once(out, 'drain');
}
out.end();
await once(out, 'close');
