import { attributes, channels } from '../../endpoints/model/attributes.ts';

/*
 * Leaves addresses of people out of a text of a service, which may quote a record without saying so. What a service's own texts name
 * stays: ARNs, accounts, dates and hexadecimal IDs.
 */

/** An at sign as people, URLs, JSON and XML write it. */
const atSign = '\\s?(?:[@\\uff20\\ufe6b]|%(?:25){0,3}40|\\\\u0040|&#0{0,5}64;|&#x0{0,5}40;|&commat;)\\s?';

/** Stays with an at sign: names of sessions are often email addresses, and a refusal is about them. */
const identity =
  'arn:aws[\\w-]{0,20}:(?:iam|sts)::\\d{12}:(?:user|role|assumed-role|federated-user|group|policy)/[\\w+=,.@/-]{1,1024}';

/** Stays although it has many digits, unless it is part of an address. */
const numbered: readonly string[] = [
  'arn:aws[\\w-]{0,20}:[\\w-]{1,40}:[\\w-]{0,40}:(?:\\d{12})?:[\\w*?./:-]{0,1024}',
  '\\baccount\\W{0,3}(?:id|number)?\\W{0,3}\\d{12}(?!\\d)',
  '(?:19|20)\\d\\d-[01]\\d-[0-3]\\d(?:[T ]\\d\\d:\\d\\d(?::\\d\\d(?:[.,]\\d{1,9})?)?(?:Z|[+-]\\d\\d:?\\d\\d)?)?(?![\\d-])',
  '\\d{8}T\\d{6}Z',
  '[\\da-f]{8}-(?:[\\da-f]{4}-){3}[\\da-f]{12}(?![\\da-f])',
  '(?=\\d*[a-f])[\\da-f]{16,64}(?![\\da-z])',
];
const separator = '(?:[\\s./()\\u2010-\\u2015\\u2212-]|%(?:2[089D]|2E))';

const known = new RegExp(
  `(?<![\\w.+%-])(${identity}|(?<!\\p{Nd}${separator}{1,3})(?:${numbered.join('|')})(?!\\S{0,300}?(?:${atSign})))`,
  'giu',
);

/** Seven digits or more with what people write between them. */
const phone = new RegExp(
  `(?<!%|%[\\da-f])(?:[+\\uff0b]|%2B)?(?:\\((?=\\p{Nd}))?\\p{Nd}(?:${separator}{0,3}\\p{Nd}){6,}`,
  'giu',
);

/** Services write less. More is read than is shown, so that no address is cut before it is recognized. */
const maxText = 4000;

/** The end of a text that was cut may be the beginning of an address, which isn't recognized. No address is longer. */
const maxAddress = 400;

/** The text with `…` in place of email addresses and phone numbers. */
export function withoutAddresses(text: string): string {
  const redacted = text
    .slice(0, 2 * maxText)
    .split(known)
    .map((part, index) => (index % 2 === 1 ? part : withoutEmails(part.replace(phone, '…'))))
    .join('');
  const length = text.length > 2 * maxText ? Math.max(0, redacted.length - maxAddress) : redacted.length;
  return length > maxText || length < redacted.length
    ? `${redacted.slice(0, Math.min(length, maxText))}…`
    : redacted;
}

/** Not by one pattern, which would look at a long word from each of its characters. */
function withoutEmails(text: string): string {
  const [first = '', ...others] = text.split(new RegExp(atSign, 'iu'));
  let left = first;
  for (const right of others) left = `${withoutLocalPart(left)}…${withoutDomain(right)}`;
  return left;
}

/** What delimits an address; an apostrophe may be in one. */
const delimiter = /[\s"<>,;:()[\]{}=]/;

function withoutLocalPart(text: string): string {
  let end = text.length;
  if (text.endsWith('"')) {
    end -= 1;
    while (end > 0 && !(text[end - 1] === '"' && text[end - 2] !== '\\')) end -= 1;
    return text.slice(0, Math.max(0, end - 1));
  }
  while (end > 0 && !delimiter.test(text[end - 1]!) && !isOpeningQuote(text, end - 1)) end -= 1;
  return text.slice(0, end);
}

function isOpeningQuote(text: string, at: number): boolean {
  return text[at] === "'" && !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '');
}

function withoutDomain(text: string): string {
  const literal = /^\[[^\]\s]{0,100}\]/.exec(text)?.[0];
  if (literal !== undefined) return text.slice(literal.length);
  let start = 0;
  while (start < text.length && /[^\s"'<>,;:()[\]{}=&?#/]/.test(text[start]!)) start += 1;
  return text.slice(start);
}

/** Words that services write about a request: no names, and nothing that identifies a person. */
const vocabulary: ReadonlySet<string> = new Set(
  `a access action again all already an and any application are array at attempt attribute attributes authorized be because been between
  body boolean but by bytes can cannot channel characters code constraint contain contains could count deleted denied detected did
  disabled does due duplicate each empty endpoint endpoints enum enabled error errors exceed exceeded exceeds exist exists explicit
  expected failed failure field fields first for format found from greater has have identity in incorrect integer internal into invalid is
  it its item items json key kb last later least length less limit list malformed many map matching max maximum mb member message min
  minimum missing more most must name negative no not null number object of on one only operation or other out parameter part
  per perform permission please policy positive present project provided range rate read reason regular expression pattern received record records
  request requested required resource responded retry role same satisfy segment service set should size string supported than that the
  this throttled throttling time to token too try two type types unable unknown unsupported unexpected update updated used user users
  valid validation value values was were when while with within wrong you your zero equal endpointrequest endpointbatchrequest endpointid
  applicationid userid accessdenied badrequest notfound exception unrecognized close marker end end-of-input escape illegal unquoted numeric
  utf-8 deserialize instance construct coerce creator property trailing content document nesting depth allowed row rows line lines column
  columns`
    .split(/\s+/)
    .concat(
      attributes.flatMap(({ path }) => path.toLowerCase().split('.')),
      channels.map(({ name }) => name.toLowerCase()),
    ),
);

/** The same, whatever separates the digits. */
const anyNumber = /[+\uff0b]?\p{Nd}(?:[^\p{L}\p{N}]{0,5}\p{Nd}){6,}/gu;

/** Names of actions, of who asked, and of the kind of thing that was asked for. */
const named =
  /(arn:aws[\w-]{0,20}:(?:iam|sts)::\d{12}:[\w+=,.@/-]{1,1024}|mobiletargeting:[A-Z][A-Za-z]{2,60}|arn:aws[\w-]{0,20}:mobiletargeting:[\w-]{0,40}:\d{12}:apps\/[\da-f]{32}(?:\/(?:endpoints|users|segments|attributes)\b)?)/u;

/** The text with `…` in place of every word that isn't one of a service's own: what it may quote of a record is not an address only. */
export function inServiceWords(text: string): string {
  const isKnown = (word: string): boolean =>
    /^\d{1,3}$/.test(word) ||
    word
      .split('.')
      .every((part) => part === '' || vocabulary.has(part.toLowerCase()) || /^\d{1,3}$/.test(part));
  return withoutAddresses(text)
    .split(named)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part
            .replace(anyNumber, '…')
            .replace(/[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}_.'’+-]*[\p{L}\p{M}\p{N}_])?/gu, (word) =>
              isKnown(word) ? word : '…',
            ),
    )
    .join('')
    .replace(/…(?:[\s/:,;-]{0,3}…)+/g, '…');
}
