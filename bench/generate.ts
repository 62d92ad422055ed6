import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import type { FileType } from '../src/endpoints/model/fileType.ts';

/*
 * Endpoint files for benchmarks: 18 columns, two of them a repeated Attributes.Interests, one quoted with doubled quotes, some
 * non-ASCII cities. The same valid records in both formats; about 168 bytes per record as CSV and 458 as NDJSON.
 */

const channels = ['EMAIL', 'EMAIL', 'EMAIL', 'SMS', 'SMS', 'GCM', 'APNS'] as const;
const cities = [
  'Seattle,US,en_US,America/Los_Angeles',
  'Portland,US,en_US,America/Los_Angeles',
  'New York,US,en_US,America/New_York',
  'München,DE,de_DE,Europe/Berlin',
  'Köln,DE,de_DE,Europe/Berlin',
  'São Paulo,BR,pt_BR,America/Sao_Paulo',
  '東京,JP,ja_JP,Asia/Tokyo',
  'Kraków,PL,pl_PL,Europe/Warsaw',
  'London,GB,en_GB,Europe/London',
  'Madrid,ES,es_ES,Europe/Madrid',
].map((line) => line.split(','));
const interests = ['bus', 'train', 'running', 'cycling', 'cooking', 'jazz', 'chess', 'gardens'] as const;
const plans = ['free', 'basic', 'gold', 'platinum'] as const;
const makes = ['apple', 'samsung', 'google', 'xiaomi'] as const;
const names = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Frances', 'Ken'] as const;

/** A small generator of numbers from a seed (mulberry32): from 0 to below `below`. */
function randomOf(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return Math.floor((((value ^ (value >>> 14)) >>> 0) / 4294967296) * below);
  };
}

interface Endpoint {
  readonly channel: string;
  readonly address: string;
  readonly id: string;
  readonly optOut: string;
  readonly date: string;
  readonly user: string;
  readonly first: string;
  readonly note: string;
  readonly place: readonly string[];
  readonly latitude: string;
  readonly longitude: string;
  readonly make: string;
  readonly plan: string;
  readonly interests: readonly string[];
  readonly visits: number;
}

function endpoint(index: number, random: (below: number) => number): Endpoint {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)]!;
  const channel = pick(channels);
  const number = String(index).padStart(7, '0');
  const address =
    channel === 'EMAIL'
      ? `user${number}@example.com`
      : channel === 'SMS'
        ? `+1206${number}`
        : `${(0x10000000 + random(0xefffffff)).toString(16)}${number}`;
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    channel,
    address,
    id: `e-${number}`,
    optOut: random(10) === 0 ? 'ALL' : 'NONE',
    date: `20${two(10 + random(16))}-${two(1 + random(12))}-${two(1 + random(28))}T${two(random(24))}:${two(random(60))}:00Z`,
    user: `u-${Math.floor(index / 3)}`,
    first: pick(names),
    note: `the "${pick(plans)}" one, paid`,
    place: pick(cities),
    latitude: (random(1700) / 10 - 85).toFixed(1),
    longitude: (random(3400) / 10 - 170).toFixed(1),
    make: pick(makes),
    plan: pick(plans),
    interests: [pick(interests), pick(interests)],
    visits: random(1000),
  };
}

const header = [
  'ChannelType,Address,Id,OptOut,EffectiveDate,User.UserId,User.UserAttributes.FirstName,Attributes.Note',
  'Location.City,Location.Country,Demographic.Locale,Demographic.Timezone,Location.Latitude,Location.Longitude',
  'Demographic.Make,Attributes.Interests,Attributes.Interests,Metrics.Visits\n',
].join(',');

function csvLine(e: Endpoint): string {
  const [city, country, locale, timezone] = e.place;
  const note = `"${e.note.replaceAll('"', '""')}"`;
  return `${e.channel},${e.address},${e.id},${e.optOut},${e.date},${e.user},${e.first},${note},${city!},${country!},${locale!},${timezone!},${e.latitude},${e.longitude},${e.make},${e.interests.join(',')},${e.visits}\n`;
}

function jsonLine(e: Endpoint): string {
  const [City, Country, Locale, Timezone] = e.place;
  return `${JSON.stringify({
    ChannelType: e.channel,
    Address: e.address,
    Id: e.id,
    OptOut: e.optOut,
    EffectiveDate: e.date,
    User: { UserId: e.user, UserAttributes: { FirstName: [e.first] } },
    Location: { City, Country, Latitude: Number(e.latitude), Longitude: Number(e.longitude) },
    Demographic: { Locale, Timezone, Make: e.make },
    Attributes: { Note: [e.note], Interests: e.interests },
    Metrics: { Visits: e.visits },
  })}\n`;
}

/** Writes a file of `records` endpoints. The same seed makes the same file. */
export async function generate(kind: FileType, records: number, seed: number, path: string): Promise<void> {
  const out = createWriteStream(path, { highWaterMark: 4 * 1024 * 1024 });
  const random = randomOf(seed);
  const line = kind === 'csv' ? csvLine : jsonLine;
  let block = kind === 'csv' ? header : '';
  for (let index = 0; index < records; index++) {
    block += line(endpoint(index, random));
    if (block.length < 1 << 20) continue;
    if (!out.write(block)) await once(out, 'drain');
    block = '';
  }
  out.end(block);
  await once(out, 'finish');
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [kind, records, path, seed = '1'] = process.argv.slice(2);
  if ((kind !== 'csv' && kind !== 'ndjson') || !(Number(records) >= 0) || path === undefined) {
    console.error('Usage: node bench/generate.ts csv|ndjson RECORDS FILE [SEED]');
    process.exitCode = 2;
  } else await generate(kind, Number(records), Number(seed), path);
}
