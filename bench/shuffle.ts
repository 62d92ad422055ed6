import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { seeded } from '../test/support/random.ts';

/*
 * node bench/shuffle.ts IN OUT: writes NDJSON with the members of every object in a different order on each line, without a
 * fifth of the optional ones. This is the hard case for readers that profit from similar lines.
 */

type Json = string | number | readonly Json[] | { readonly [name: string]: Json };

const needed = new Set(['ChannelType', 'Address', 'Id', 'Latitude', 'Longitude']);
const random = seeded(1);

function shuffled(value: Json): Json {
  if (typeof value !== 'object' || Array.isArray(value)) return value;
  const members = Object.entries(value).filter(([name]) => needed.has(name) || random.chance(0.8));
  return Object.fromEntries(random.shuffle(members).map(([name, inner]) => [name, shuffled(inner)]));
}

const [from, to] = process.argv.slice(2) as [string, string];
const out = createWriteStream(to);
for await (const line of createInterface({ input: createReadStream(from) })) {
  if (!out.write(`${JSON.stringify(shuffled(JSON.parse(line) as Json))}\n`)) await once(out, 'drain');
}
out.end();
await once(out, 'close');
