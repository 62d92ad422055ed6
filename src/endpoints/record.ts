import { channels, limits } from './attributes.ts';
import { codePoints, hash64, slack, type Text } from './bytes.ts';
import { fact, type Facts } from './facts.ts';
import type { Findings } from './findings.ts';
import {
  channelOf,
  countryKind,
  isBlank,
  isDate,
  isEmail,
  isLocale,
  isPhone,
  isTimezone,
  isToken,
  numberOf,
  timezoneOfAnyCase,
  twoLetterCountry,
} from './forms.ts';
import type { RuleCode } from './rules.ts';
import { formCode, leafFlag, Leaves, type Slots } from './slots.ts';

/** Seeds that tell the facts apart. */
const idSeed = 0x1d;
const userSeed = 0x05e2;
const addressSeed = 0xadd2;

const wordAll = 0x4c4c41;
const wordNone = 0x454e4f4e;
const pushChannel = channels.findIndex((channel) => channel.name === 'PUSH');

/** What the reader of a format can tell about a record beyond its values. */
export interface RecordSource {
  readonly csv: boolean;
  /** Where the empty value of a form stands in the record under judgement, as [start, end]. */
  emptyValue(form: number): readonly [number, number] | undefined;
  /** Bytes of the endpoint as a line of JSON. */
  recordBytes(): number;
  /** True where one of the record's attributes may have more than the values it may have. */
  readonly manyValues: boolean;
}

/** Judges one record at a time by every rule that needs no other record, and notes what the other rules need. */
export class RecordJudge {
  readonly leaves = new Leaves();
  readonly #text: Text;
  readonly #slots: Slots;
  readonly #found: Findings;
  readonly #facts: Facts;
  readonly #hash = new Int32Array(2);
  #valuesOfGroup = new Int32Array(64);
  // Of the record under judgement: the leaf of each value that other rules look at, -1 for none.
  #address = -1;
  #addressStart = 0;
  #addressEnd = 0;
  #id = -1;
  #idStart = 0;
  #idEnd = 0;
  #user = -1;
  #userStart = 0;
  #userEnd = 0;

  constructor(text: Text, slots: Slots, found: Findings, facts: Facts) {
    this.#text = text;
    this.#slots = slots;
    this.#found = found;
    this.#facts = facts;
  }

  /** Judges the first `count` leaves as the record between two offsets, which begins on `line` of the stretch. */
  judge(source: RecordSource, count: number, line: number, start: number, end: number): void {
    const text = this.#text;
    const { forms, limits: lengths } = this.#slots;
    const { slots, starts, ends, flags } = this.leaves;
    let present = 0;
    let channel = -1;
    let channelLeaf = -1;
    let latitude = -1;
    let longitude = -1;
    this.#address = -1;
    this.#id = -1;
    this.#user = -1;
    text.scratch = text.end + slack;
    this.#found.at(line, start);

    for (let leaf = 0; leaf < count; leaf++) {
      const slot = slots[leaf]!;
      const form = forms[slot]!;
      let from = starts[leaf]!;
      let to = ends[leaf]!;
      if (form >= formCode.responseOnly || from === to) continue;
      present++;
      const flag = flags[leaf]!;
      if (flag > leafFlag.quoted) {
        if ((flag & leafFlag.wrongType) !== 0) {
          if (form === formCode.address) this.#address = leaf;
          else if (form === formCode.channelType) channelLeaf = leaf;
          else if (form === formCode.id) this.#id = leaf;
          else if (form === formCode.userId) this.#user = leaf;
          else if (form === formCode.latitude) latitude = leaf;
          else if (form === formCode.longitude) longitude = leaf;
          this.#clearFactOf(form);
          continue;
        }
        const written = unescape(text, from, to, flag);
        from = text.scratch;
        to = from + written;
        if (form === formCode.address || form === formCode.id || form === formCode.userId) {
          text.scratch = to + slack;
        }
      }
      if (to - from > lengths[slot]!) this.#checkLength(leaf, from, to);
      if (form === formCode.text) continue;
      const { bytes } = text;
      if (bytes[from]! <= 0x20 || bytes[to - 1]! <= 0x20) {
        if (this.#found.wants('value-blanks')) {
          this.#add(
            leaf,
            `The value of ${this.#name(leaf)} begins or ends with a blank. AWS does not say whether the service removes it.`,
          );
        }
        if (form !== formCode.channelType && form !== formCode.optOut) {
          while (from < to && isBlank(bytes[from]!)) from++;
          while (to > from && isBlank(bytes[to - 1]!)) to--;
        }
      }
      switch (form) {
        case formCode.address:
          this.#address = leaf;
          this.#addressStart = from;
          this.#addressEnd = to;
          break;
        case formCode.channelType:
          channelLeaf = leaf;
          channel = channelOf(text, from, to);
          if (channel < 0 || channel === pushChannel) this.#checkChannel(leaf, channel);
          break;
        case formCode.optOut: {
          const { view } = text;
          const length = to - from;
          if (
            !(length === 3 && (view.getInt32(from, true) & 0xffffff) === wordAll) &&
            !(length === 4 && view.getInt32(from, true) === wordNone) &&
            this.#found.wants('opt-out-unknown')
          ) {
            this.#add(leaf, `OptOut is ${this.#quoted(leaf)}. Expected: ALL or NONE.`);
          }
          break;
        }
        case formCode.country: {
          const kind = countryKind(bytes, from, to);
          if (kind !== 2) this.#checkCountry(leaf, kind);
          break;
        }
        case formCode.locale:
          if (!isLocale(bytes, from, to) && this.#found.wants('locale-form')) {
            this.#add(
              leaf,
              `Locale is ${this.#quoted(leaf)}. Expected: language_COUNTRY such as en_US. AWS's pages disagree: the User Guide asks for ISO 639-1 and ISO 3166-1, the API Reference also accepts es_419 and haw_US.`,
            );
          }
          break;
        case formCode.timezone:
          if (!isTimezone(text, from, to) && this.#found.wants('timezone-unknown')) {
            const near = timezoneOfAnyCase(this.#string(leaf));
            this.#add(
              leaf,
              `Timezone is ${this.#quoted(leaf)}. Expected: a name of the tz database such as ${near ?? 'America/Los_Angeles'}.`,
            );
          }
          break;
        case formCode.latitude:
          latitude = leaf;
          this.#checkDegrees(leaf, from, to, 'latitude-range', 90);
          break;
        case formCode.longitude:
          longitude = leaf;
          this.#checkDegrees(leaf, from, to, 'longitude-range', 180);
          break;
        case formCode.date:
          if (!isDate(bytes, from, to) && this.#found.wants('effective-date-form')) {
            this.#add(
              leaf,
              "EffectiveDate is no date of ISO 8601. Expected: 2019-08-23T10:54:35.220Z. AWS's pages disagree on EffectiveDate: one page lists it as importable and names it as not supported.",
            );
          }
          break;
        case formCode.number:
          if (Number.isNaN(numberOf(text, from, to)) && this.#found.wants('metric-not-number')) {
            this.#add(
              leaf,
              `The value of ${this.#name(leaf)} is no number. Expected: a number with a decimal point, such as 12.5.`,
            );
          }
          break;
        case formCode.id:
          this.#id = leaf;
          this.#idStart = from;
          this.#idEnd = to;
          break;
        case formCode.userId:
          this.#user = leaf;
          this.#userStart = from;
          this.#userEnd = to;
          break;
      }
    }

    if (this.#id >= 0) this.#checkIdSigns(this.#id, this.#idStart, this.#idEnd);
    if (this.#user >= 0) this.#checkIdSigns(this.#user, this.#userStart, this.#userEnd);
    if (channel >= 0 && this.#address >= 0 && this.#addressEnd >= 0) this.#checkAddress(channel);
    if (latitude >= 0 !== longitude >= 0) this.#reportUnpaired(latitude, longitude);
    const usersOnly = present === 1 && this.#user >= 0;
    if (usersOnly) {
      if (source.csv) this.#checkSeveralUsers();
    } else if (channelLeaf < 0 || this.#address < 0) {
      this.#reportMissing(source, channelLeaf, start, end);
    }
    if (count > limits.values && source.manyValues) this.#checkValues(count);
    if (source.recordBytes() > limits.recordBytes) this.reportTooLarge(start, end);
    this.#note(line, start, channel, usersOnly);
  }

  /** Reports a record that is too large, judged or not. */
  reportTooLarge(start: number, end: number): void {
    if (this.#found.wants('record-too-large')) {
      this.#found.add(
        start,
        end,
        `The endpoint has more than ${limits.recordBytes.toLocaleString('en-US')} bytes (15 KB) as a line of JSON.`,
      );
    }
  }

  /** Notes what the rules across records need: facts in `Facts`. */
  #note(line: number, start: number, channel: number, usersOnly: boolean): void {
    const address = channel >= 0 && this.#addressEnd > this.#addressStart ? this.#address : -1;
    const id = this.#idEnd > this.#idStart ? this.#id : -1;
    const user = usersOnly || this.#userEnd <= this.#userStart ? -1 : this.#user;
    if (address < 0 && id < 0 && user < 0) return;
    const at = this.#facts.add();
    const data = this.#facts.data;
    data[at + fact.line] = line;
    data[at + fact.lineStart] = start;
    if (id >= 0) this.#noteOne(data, at + fact.id, id, this.#idStart, this.#idEnd, idSeed, true);
    if (user >= 0) this.#noteOne(data, at + fact.user, user, this.#userStart, this.#userEnd, userSeed, false);
    if (address >= 0) {
      const seed = addressSeed + channel;
      this.#noteOne(data, at + fact.address, address, this.#addressStart, this.#addressEnd, seed, false);
    }
  }

  #noteOne(
    data: Int32Array,
    at: number,
    leaf: number,
    from: number,
    to: number,
    seed: number,
    ignoreCase: boolean,
  ): void {
    const quote = this.leaves.flags[leaf]! & leafFlag.quoted;
    const hash = this.#hash;
    const text = this.#text;
    if (ignoreCase && !isAscii(text.bytes, from, to)) {
      const room = text.bytes.subarray(text.scratch, -slack);
      const { written } = new TextEncoder().encodeInto(text.string(from, to).toLowerCase(), room);
      hash64(text.view, text.scratch, text.scratch + written, seed, false, hash);
    } else {
      hash64(text.view, from, to, seed, ignoreCase, hash);
    }
    data[at] = this.leaves.starts[leaf]! - quote;
    data[at + 1] = this.leaves.ends[leaf]! + quote;
    data[at + 2] = hash[0]!;
    data[at + 3] = hash[1]!;
  }

  /** A value of the wrong type takes part in no rule across records. */
  #clearFactOf(form: number): void {
    if (form === formCode.address) this.#addressEnd = -1;
    else if (form === formCode.id) this.#idEnd = -1;
    else if (form === formCode.userId) this.#userEnd = -1;
  }

  #checkLength(leaf: number, from: number, to: number): void {
    const limit = this.#slots.limits[this.leaves.slots[leaf]!]!;
    const length = codePoints(this.#text.bytes, from, to);
    if (length > limit && this.#found.wants('value-too-long')) {
      this.#add(leaf, `The value of ${this.#name(leaf)} has ${length} characters. It may have ${limit}.`);
    }
  }

  #checkChannel(leaf: number, channel: number): void {
    if (channel === pushChannel) {
      if (this.#found.wants('channel-type-push')) {
        this.#add(
          leaf,
          'ChannelType is PUSH: such endpoints are never targeted. Expected: the push service that the token is of, such as GCM or APNS.',
        );
      }
      return;
    }
    if (!this.#found.wants('channel-type-unknown')) return;
    const value = this.#string(leaf);
    const meant = meantChannel(value);
    const expected = meant ?? channels.map(({ name }) => name).join(', ');
    this.#add(
      leaf,
      `ChannelType is ${this.#quoted(leaf)}. Expected: ${expected}${meant === undefined ? '' : ', in this spelling'}.`,
    );
  }

  #checkCountry(leaf: number, kind: 0 | 3): void {
    if (kind === 3) {
      if (this.#found.wants('country-alpha3')) {
        this.#add(
          leaf,
          `Country is ${this.#quoted(leaf)}. Expected: ${twoLetterCountry(this.#string(leaf).trim()) ?? 'two letters'}. AWS's pages disagree: the User Guide asks for two letters, the API Reference accepts three as well.`,
        );
      }
    } else if (this.#found.wants('country-unknown')) {
      this.#add(
        leaf,
        `Country is ${this.#quoted(leaf)}. Expected: the two letters of ISO 3166-1, such as US.`,
      );
    }
  }

  #checkDegrees(leaf: number, from: number, to: number, code: RuleCode, most: number): void {
    const value = numberOf(this.#text, from, to);
    if (value >= -most && value <= most) return;
    if (!this.#found.wants(code)) return;
    const what = Number.isNaN(value) ? 'is no number' : `is not between -${most} and ${most}`;
    this.#add(leaf, `The value of ${this.#name(leaf)} ${what}. Expected: degrees with a decimal point.`);
  }

  #checkIdSigns(leaf: number, from: number, to: number): void {
    const { bytes } = this.#text;
    for (let here = from; here < to; here++) {
      const byte = bytes[here]!;
      if (byte !== 0x24 && byte !== 0x7b && byte !== 0x7d) continue;
      if (this.#found.wants('id-characters')) {
        this.#add(leaf, `${this.#name(leaf)} must not hold $, { or }.`);
      }
      return;
    }
  }

  #checkAddress(channel: number): void {
    const { bytes } = this.#text;
    const [from, to, leaf] = [this.#addressStart, this.#addressEnd, this.#address];
    const { name, address } = channels[channel]!;
    switch (address) {
      case 'email':
        if (!isEmail(bytes, from, to) && this.#found.wants('address-email')) {
          this.#add(leaf, `ChannelType is ${name}, but Address is no e-mail address. Expected: name@domain.`);
        }
        break;
      case 'phone':
        if (!isPhone(bytes, from, to) && this.#found.wants('address-phone')) {
          this.#add(
            leaf,
            `ChannelType is ${name}, but Address is no phone number in E.164 form. Expected: + and up to 15 digits, such as +12065550100. AWS's pages disagree: the User Guide says that this form is a must, examples in the Developer Guide leave out the plus sign.`,
          );
        }
        break;
      case 'token':
        if (!isToken(bytes, from, to) && this.#found.wants('address-token')) {
          this.#add(
            leaf,
            `ChannelType is ${name}, but Address is no device token: it has blanks or fewer than 8 characters.`,
          );
        }
        break;
      case 'any':
        break;
    }
  }

  #reportUnpaired(latitude: number, longitude: number): void {
    if (!this.#found.wants('location-unpaired')) return;
    const [leaf, other] = latitude >= 0 ? [latitude, 'Longitude'] : [longitude, 'Latitude'];
    this.#add(leaf, `${this.#name(leaf)} needs Location.${other}, too.`);
  }

  #checkSeveralUsers(): void {
    const { bytes } = this.#text;
    for (let here = this.#userStart; here < this.#userEnd; here++) {
      if (bytes[here] !== 0x20) continue;
      if (this.#found.wants('user-ids-spaces')) {
        this.#add(
          this.#user,
          "Several user IDs in one cell. Expected: one a line. AWS's pages disagree: some show several with spaces between them.",
        );
      }
      return;
    }
  }

  #reportMissing(source: RecordSource, channelLeaf: number, start: number, end: number): void {
    const found = this.#found;
    if (this.#id < 0) {
      const expected = 'New endpoints need ChannelType and Address, updates an Id.';
      if (channelLeaf < 0 && found.wants('channel-type-missing')) {
        const [from, to] = source.emptyValue(formCode.channelType) ?? [start, end];
        found.add(from, to, `The record has no ChannelType. ${expected}`);
      }
      if (this.#address < 0 && found.wants('address-missing')) {
        const [from, to] = source.emptyValue(formCode.address) ?? [start, end];
        found.add(from, to, `The record has no Address. ${expected}`);
      }
      return;
    }
    if (this.#address >= 0) return;
    if (channelLeaf >= 0) {
      if (found.wants('address-missing', 'info')) {
        const [from, to] = source.emptyValue(formCode.address) ?? [start, end];
        found.add(
          from,
          to,
          'The record has no Address. Where the endpoint has none yet, it is opted out until it has one and OptOut is set to NONE.',
        );
      }
    } else if (found.wants('id-only')) {
      this.#add(
        this.#id,
        "An update by Id alone: it needs an endpoint that exists. AWS's pages disagree: one asks only new endpoints for ChannelType and Address, another requires both for every segment.",
      );
    }
  }

  #checkValues(count: number): void {
    const { groups, groupCount } = this.#slots;
    if (this.#valuesOfGroup.length < groupCount) this.#valuesOfGroup = new Int32Array(2 * groupCount);
    const values = this.#valuesOfGroup.fill(0);
    const { slots, starts, ends } = this.leaves;
    for (let leaf = 0; leaf < count; leaf++) {
      const group = groups[slots[leaf]!]!;
      if (group < 0 || starts[leaf] === ends[leaf]) continue;
      values[group]!++;
      if (values[group] === limits.values + 1 && this.#found.wants('too-many-values')) {
        this.#add(leaf, `${this.#name(leaf)} has more than ${limits.values} values. This is the 51st.`);
      }
    }
  }

  #add(leaf: number, message: string): void {
    const quote = this.leaves.flags[leaf]! & leafFlag.quoted;
    this.#found.add(this.leaves.starts[leaf]! - quote, this.leaves.ends[leaf]! + quote, message);
  }

  #name(leaf: number): string {
    return this.#slots.names[this.leaves.slots[leaf]!]!;
  }

  #string(leaf: number): string {
    return this.#text.string(this.leaves.starts[leaf]!, this.leaves.ends[leaf]!);
  }

  /** A short value for a message. Only for values that name nobody: channels, countries, locales, zones. */
  #quoted(leaf: number): string {
    const value = this.#string(leaf);
    return value.length > 40 ? `"${value.slice(0, 40)}…"` : `"${value}"`;
  }
}

/** The channel that was meant by another spelling: `GCM` for `fcm`, `EMAIL` for ` E-mail`; `undefined` where there is none. */
export function meantChannel(value: string): string | undefined {
  const bare = value.toUpperCase().replace(/[^A-Z]/g, '');
  if (bare === 'FCM') return 'GCM';
  return channels.find(({ name }) => name.replaceAll('_', '') === bare)?.name;
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let here = start; here < end; here++) if (bytes[here]! >= 0x80) return false;
  return true;
}

/** Writes a value without its escapes to the text's scratch room; returns the number of bytes. */
export function unescape(text: Text, start: number, end: number, flag: number): number {
  const { bytes } = text;
  let to = text.scratch;
  if ((flag & leafFlag.doubledQuotes) !== 0) {
    for (let here = start; here < end; here++) {
      const byte = bytes[here]!;
      bytes[to++] = byte;
      if (byte === 0x22) here++;
    }
    return to - text.scratch;
  }
  for (let here = start; here < end;) {
    const byte = bytes[here++]!;
    if (byte !== 0x5c) {
      bytes[to++] = byte;
      continue;
    }
    const sign = bytes[here++]!;
    if (sign !== 0x75) {
      bytes[to++] = simpleEscapes[sign]!;
      continue;
    }
    let unit = hexUnit(bytes, here);
    here += 4;
    if (unit >= 0xd800 && unit < 0xdc00 && bytes[here] === 0x5c && bytes[here + 1] === 0x75) {
      const low = hexUnit(bytes, here + 2);
      if (low >= 0xdc00 && low < 0xe000) {
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
        here += 6;
      }
    }
    to = writeCodePoint(bytes, to, unit);
  }
  return to - text.scratch;
}

/** What stands for what behind a backslash; 0 for what must not stand there. */
export const simpleEscapes = new Uint8Array(256);
for (const [sign, meaning] of ['""', '\\\\', '//', 'b\b', 'f\f', 'n\n', 'r\r', 't\t']) {
  simpleEscapes[sign!.charCodeAt(0)] = meaning!.charCodeAt(0);
}

function hexUnit(bytes: Uint8Array, start: number): number {
  let unit = 0;
  for (let here = start; here < start + 4; here++) {
    const byte = bytes[here]!;
    unit = unit * 16 + (byte <= 0x39 ? byte - 0x30 : (byte | 0x20) - 0x57);
  }
  return unit;
}

/** Lone surrogates are written as three bytes, as if they were characters, so that they stay apart from each other. */
function writeCodePoint(bytes: Uint8Array, to: number, point: number): number {
  if (point < 0x80) bytes[to++] = point;
  else {
    if (point < 0x800) bytes[to++] = 0xc0 | (point >> 6);
    else {
      if (point < 0x10000) bytes[to++] = 0xe0 | (point >> 12);
      else {
        bytes[to++] = 0xf0 | (point >> 18);
        bytes[to++] = 0x80 | ((point >> 12) & 0x3f);
      }
      bytes[to++] = 0x80 | ((point >> 6) & 0x3f);
    }
    bytes[to++] = 0x80 | (point & 0x3f);
  }
  return to;
}
