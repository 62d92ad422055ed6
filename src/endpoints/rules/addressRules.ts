import { channels } from '../model/attributes.ts';
import { csv, lineOf, ndjson, pages, type Rule } from './rule.ts';

/** The channel intended by another spelling: `GCM` for `fcm`, `EMAIL` for ` E-mail`; `undefined` if there is none. */
export function meantChannel(value: string): string | undefined {
  if (!/^[\s_.\-A-Za-z]*$/.test(value)) return undefined;
  const letters = value.toUpperCase().replace(/[^A-Z]/g, '');
  if (letters === 'FCM') return 'GCM';
  return channels.find(({ name }) => name.replaceAll('_', '') === letters)?.name;
}

const channelOf = (index: number): string => channels[index]!.name;

/** Rules of ChannelType and Address. */
export const addressRules = {
  'channel-type-missing': {
    severity: 'error',
    title: 'Missing ChannelType',
    what: 'A record without a ChannelType that has neither an Id (which makes it an update) nor only a User.UserId (which lists a user). The empty value is marked, or the whole record.',
    why: 'A new endpoint needs a ChannelType and an Address.',
    fix: 'Add the ChannelType, or the Id of the endpoint to update.',
    sources: [pages.importing],
    examples: [
      csv('ChannelType,Address\n,jane@example.com\n', 'ChannelType,Address\nEMAIL,jane@example.com\n'),
      ndjson('{"Address":"jane@example.com"}\n', '{"ChannelType":"EMAIL","Address":"jane@example.com"}\n'),
    ],
    message: () => 'Missing ChannelType. New endpoints need ChannelType and Address, updates an Id.',
  },
  'channel-type-unknown': {
    severity: 'error',
    title: 'Unknown ChannelType',
    what: 'A ChannelType other than ADM, APNS, APNS_SANDBOX, APNS_VOIP, APNS_VOIP_SANDBOX, BAIDU, CUSTOM, EMAIL, GCM, IN_APP, PUSH, SMS and VOICE.',
    why: 'The service accepts these 13 values, in upper case. Firebase tokens belong to GCM.',
    fix: 'Use one of these values: GCM instead of FCM, EMAIL instead of Email.',
    fixability: 'certain',
    sources: [pages.endpoint, pages.importing],
    examples: [
      csv('ChannelType,Address\nEmail,jane@example.com\n', 'ChannelType,Address\nEMAIL,jane@example.com\n'),
      ndjson(
        '{"ChannelType":"FCM","Address":"d5e1fb0a91"}\n',
        '{"ChannelType":"GCM","Address":"d5e1fb0a91"}\n',
      ),
    ],
    nearMiss: meantChannel,
    message: ({ near, shape }) =>
      near === undefined
        ? `Unknown ChannelType: ${shape}. Expected: EMAIL, SMS, VOICE, GCM, APNS or another channel.`
        : `Unknown ChannelType "${near.written}". Did you mean ${near.meant}?`,
  },
  'channel-type-push': {
    severity: 'warning',
    title: 'ChannelType is PUSH',
    what: 'An endpoint whose ChannelType is PUSH.',
    why: 'PUSH is a value of the API, but endpoints must not use it: they are never targeted.',
    fix: 'Use the push service that issued the token: GCM, APNS, ADM or BAIDU.',
    sources: [pages.endpoint],
    examples: [
      csv('ChannelType,Address\nPUSH,d5e1fb0a91\n', 'ChannelType,Address\nGCM,d5e1fb0a91\n'),
      ndjson(
        '{"ChannelType":"PUSH","Address":"d5e1fb0a91"}\n',
        '{"ChannelType":"GCM","Address":"d5e1fb0a91"}\n',
      ),
    ],
    message: () =>
      'Endpoints with ChannelType PUSH are never targeted. Use the push service, such as GCM or APNS.',
  },
  'address-missing': {
    severity: 'error',
    title: 'Missing Address',
    what: 'A record without an Address that has neither an Id (which makes it an update) nor only a User.UserId (which lists a user). With an Id and a ChannelType it is an info. The empty value is marked, or the whole record.',
    why: 'A new endpoint needs a ChannelType and an Address. An endpoint that is created without one is opted out until it has one and OptOut is set to NONE.',
    fix: 'Add the Address, or the Id of the endpoint to update.',
    sources: [pages.importing, pages.endpoint],
    examples: [
      csv('ChannelType,Address\nEMAIL,\n', 'ChannelType,Address\nEMAIL,jane@example.com\n'),
      ndjson('{"ChannelType":"EMAIL"}\n', '{"ChannelType":"EMAIL","Address":"jane@example.com"}\n'),
    ],
    message: {
      newEndpoint: () => 'Missing Address. New endpoints need ChannelType and Address, updates an Id.',
      update: () =>
        'Missing Address. An endpoint without one stays opted out until it has one and OptOut NONE.',
    },
  },
  'address-email': {
    severity: 'error',
    title: 'Not an email address',
    what: "An EMAIL endpoint whose Address doesn't have the form of an email address, or contains a space or an invisible character such as a no-break space. Whether the mailbox exists isn't checked.",
    why: 'No message can reach it, and it counts as a bounce.',
    fix: 'Correct the address.',
    sources: [pages.endpoint],
    examples: [
      csv('ChannelType,Address\nEMAIL,jane.example.com\n', 'ChannelType,Address\nEMAIL,jane@example.com\n'),
      ndjson(
        '{"ChannelType":"EMAIL","Address":"jane@example"}\n',
        '{"ChannelType":"EMAIL","Address":"jane@example.com"}\n',
      ),
    ],
    message: ({ hasHidden }) =>
      hasHidden
        ? "Address isn't a valid email address: it contains an invisible character or an unusual space."
        : "Address isn't a valid email address. Expected: name@domain.",
  },
  'address-phone': {
    severity: 'warning',
    title: 'Not an E.164 phone number',
    what: "An SMS or VOICE endpoint whose Address isn't a plus sign followed by up to 15 digits (country code first) without spaces or other characters.",
    why: 'A number without its country code may reach the wrong person or no one.',
    fix: 'Write +12065550100 instead of (206) 555-0100.',
    fixability: 'likely',
    sources: [pages.importing, pages.defineImport],
    disputed:
      'The User Guide says that phone numbers must have the E.164 form. Examples in the Developer Guide leave out the plus sign.',
    examples: [
      csv('ChannelType,Address\nSMS,1 206 555-0100\n', 'ChannelType,Address\nSMS,+12065550100\n'),
      ndjson(
        '{"ChannelType":"SMS","Address":"12065550100"}\n',
        '{"ChannelType":"SMS","Address":"+12065550100"}\n',
      ),
    ],
    message: ({ number }) =>
      `${channelOf(number)} address isn't a phone number in E.164 form. Expected: + and digits, such as +12065550100.`,
  },
  'address-token': {
    severity: 'warning',
    title: 'Not a device token',
    what: 'An endpoint of a push channel (GCM, APNS and its variants, ADM, BAIDU) whose Address contains spaces or has fewer than 8 characters.',
    why: "Tokens of push services are much longer and have no spaces. Their form depends on the push service and isn't checked otherwise.",
    fix: 'Use the token as the push service issued it.',
    sources: [pages.endpoint],
    examples: [
      csv('ChannelType,Address\nGCM,token\n', 'ChannelType,Address\nGCM,d5e1fb0a91\n'),
      ndjson(
        '{"ChannelType":"APNS","Address":"d5e1 fb0a 91c2"}\n',
        '{"ChannelType":"APNS","Address":"d5e1fb0a91c2"}\n',
      ),
    ],
    message: ({ number }) =>
      `${channelOf(number)} address isn't a device token: it has spaces or fewer than 8 characters.`,
  },
  'address-duplicate': {
    severity: 'warning',
    title: 'Duplicate address',
    what: 'A ChannelType and an Address that an earlier record has as well, if that record has another Id or one of them has none. The later one is marked. It is compared with the first record with that address.',
    why: 'Two endpoints with one address: the person gets messages twice, or one of the endpoints becomes inactive.',
    fix: 'Keep one of the records, or give both the same Id if they are the same endpoint.',
    sources: [pages.endpoint],
    examples: [
      csv(
        'ChannelType,Address,Id\nEMAIL,jane@example.com,1\nEMAIL,jane@example.com,2\n',
        'ChannelType,Address,Id\nEMAIL,jane@example.com,1\nEMAIL,joe@example.com,2\n',
      ),
      ndjson(
        '{"ChannelType":"EMAIL","Address":"jane@example.com"}\n{"ChannelType":"EMAIL","Address":"jane@example.com"}\n',
        '{"ChannelType":"EMAIL","Address":"jane@example.com"}\n{"ChannelType":"EMAIL","Address":"joe@example.com"}\n',
      ),
    ],
    message: ({ number }) =>
      `Duplicate address: ${lineOf(number)} has the same channel and address, but not the same Id.`,
  },
} as const satisfies Readonly<Record<string, Rule>>;
