import type { AttributeNames } from './attributeNames.ts';
import type { EndpointLog, Entry } from './endpointLog.ts';
import { BadEndpoint, limits } from './endpointRules.ts';
import type { Endpoint, EndpointRequest, EndpointUser, Values } from './types.ts';
import { getOwn } from '../../ownMember.ts';

/**
 * Channels whose oldest endpoint is replaced by a 16th endpoint of the user (Developer guide, audience-define-auto-inactive). On
 * other channels, a 16th endpoint is rejected.
 */
const replaceableChannels = ['ADM', 'GCM', 'APNS', 'APNS_VOIP', 'APNS_VOIP_SANDBOX', 'BAIDU'];

/**
 * The endpoints of one app with the service's rules for writing them. Each call succeeds, or throws `BadEndpoint` without a change.
 * Call `save` before acknowledging changes and before anything asynchronous: `revert` undoes all changes since then.
 */
export class Audience {
  readonly #appId: string;
  readonly #log: EndpointLog;
  readonly #names: AttributeNames;
  readonly #now: () => number;
  #clock = { now: Number.NaN, text: '' };

  constructor(appId: string, log: EndpointLog, names: AttributeNames, now: () => number) {
    this.#appId = appId;
    this.#log = log;
    this.#names = names;
    this.#now = now;
  }

  get log(): EndpointLog {
    return this.#log;
  }

  get names(): AttributeNames {
    return this.#names;
  }

  /**
   * Creates or updates the endpoint with this Id.
   *
   * @param requestId Id of the request; absent for imports
   * @returns the endpoint, and its user's other endpoints
   */
  upsert(
    id: string,
    requested: EndpointRequest,
    requestId?: string,
  ): Entry & { readonly others: readonly Entry[] } {
    const { request, newNames } = this.#names.admit(requested);
    const known = this.#log.find(id);
    const before = known?.endpoint;
    const userId = request.User?.UserId ?? before?.User?.UserId;
    const others = userId === undefined ? [] : this.#log.ofUser(userId, known?.number);
    const user = mergeUser(before, request, others[0]?.endpoint);
    const endpoint = mergeEndpoint(this.#appId, before, id, request, user, this.#timestamp(), requestId);
    checkSize(endpoint);
    const leaving = this.#leavingFor(endpoint, others);

    this.#names.record(newNames);
    const number = this.#log.put(endpoint);
    if (leaving !== undefined) this.#log.put(withoutUser(leaving.endpoint));
    // All endpoints of a user share the user attributes (Developer guide, audience-define-user).
    for (const other of others) {
      if (other !== leaving && !sameUser(other.endpoint.User!, user!))
        this.#log.put({ ...other.endpoint, User: user! });
    }
    this.#retireAddress(number, endpoint);
    return {
      number,
      endpoint,
      others: leaving === undefined ? others : others.filter((other) => other !== leaving),
    };
  }

  /** Makes several changes atomic: undoes them if `change` throws. */
  atomically(change: () => void): void {
    try {
      change();
    } catch (error) {
      this.revert();
      throw error;
    }
  }

  /** Undoes all changes since the last `save`. */
  revert(): void {
    this.#names.revert();
    this.#log.revert();
  }

  delete(id: string): Endpoint | undefined {
    const endpoint = this.#log.get(id);
    if (endpoint !== undefined) this.#log.delete(id);
    return endpoint;
  }

  /** Makes changes survive SIGKILL, or throws and reverts them. */
  save(): void {
    try {
      this.#names.save();
      this.#log.flush();
    } catch (error) {
      this.revert();
      throw error;
    }
  }

  /** Formatting a date takes long, compared with the rest of an import's work per record. */
  #timestamp(): string {
    const now = this.#now();
    if (now !== this.#clock.now) this.#clock = { now, text: new Date(now).toISOString() };
    return this.#clock.text;
  }

  /** The endpoint to remove from a user that would have one too many. */
  #leavingFor(endpoint: Endpoint, others: readonly Entry[]): Entry | undefined {
    if (others.length < limits.endpointsPerUser) return undefined;
    const candidates = replaceableChannels.includes(endpoint.ChannelType ?? '')
      ? others.filter((other) => replaceableChannels.includes(other.endpoint.ChannelType ?? ''))
      : [];
    const oldest = candidates.reduce<Entry | undefined>(
      (found, other) =>
        found === undefined || other.endpoint.EffectiveDate < found.endpoint.EffectiveDate ? other : found,
      undefined,
    );
    if (oldest !== undefined) return oldest;
    throw new BadEndpoint(`Exceeded maximum endpoint per user count: ${limits.endpointsPerUser}`);
  }

  /** Other endpoints with the address of an updated one become inactive (API reference, Endpoint: EndpointStatus). */
  #retireAddress(number: number, { Address }: Endpoint): void {
    if (Address === undefined) return;
    for (const { endpoint } of this.#log.withAddress(Address, number)) {
      if (endpoint.EndpointStatus !== 'INACTIVE') this.#log.put({ ...endpoint, EndpointStatus: 'INACTIVE' });
    }
  }
}

/**
 * Applies a request to an endpoint. Absent members stay; the values of a custom attribute are replaced (API reference, Endpoint).
 * The members are in the order of exports.
 *
 * @throws BadEndpoint if an endpoint without an address would be opted in
 */
export function mergeEndpoint(
  appId: string,
  before: Endpoint | undefined,
  id: string,
  request: EndpointRequest,
  user: EndpointUser | undefined,
  now: string,
  requestId?: string,
): Endpoint {
  const address = (request.Address ?? before?.Address) || undefined;
  const channel = request.ChannelType ?? before?.ChannelType;
  if (address === undefined && channel !== undefined && request.OptOut === 'NONE') {
    throw new BadEndpoint('Missing Address');
  }
  const ownRequestId = request.RequestId ?? (requestId === undefined ? before?.RequestId : undefined);
  const merged = {
    ChannelType: channel,
    Address: address,
    EndpointStatus: request.EndpointStatus ?? 'ACTIVE',
    // Created without an address, an endpoint is opted out; adding an address later doesn't change that.
    OptOut:
      before === undefined && address === undefined ? 'ALL' : (request.OptOut ?? before?.OptOut ?? 'NONE'),
    RequestId: ownRequestId,
    Location: mergeMembers(before?.Location, request.Location),
    Demographic: mergeMembers(before?.Demographic, request.Demographic),
    EffectiveDate: request.EffectiveDate ?? now,
    Attributes: mergeValues(before?.Attributes, request.Attributes),
    Metrics: mergeMembers(before?.Metrics, request.Metrics),
    User: user,
    ApplicationId: appId,
    Id: before?.Id ?? id,
    CreationDate: before?.CreationDate ?? now,
    LastRequestId: ownRequestId === undefined ? (requestId ?? before?.LastRequestId) : undefined,
  };
  // Undefined members disappear in JSON.
  return merged as Endpoint;
}

function withoutUser({ User, ...endpoint }: Endpoint): Endpoint {
  return { ...endpoint, EndpointStatus: 'INACTIVE' };
}

/** The user of an endpoint after a request. @param other another endpoint of the same user, if there is one */
export function mergeUser(
  before: Endpoint | undefined,
  request: EndpointRequest,
  other?: Endpoint,
): EndpointUser | undefined {
  const userId = request.User?.UserId ?? before?.User?.UserId;
  const own = before?.User?.UserId === undefined || before.User.UserId === userId ? before : undefined;
  const attributes = mergeValues((other ?? own)?.User?.UserAttributes, request.User?.UserAttributes);
  if (userId === undefined && attributes === undefined) return undefined;
  return {
    ...(userId !== undefined && { UserId: userId }),
    ...(attributes !== undefined && { UserAttributes: attributes }),
  };
}

/** An empty list removes an attribute. */
function mergeValues(before: Values | undefined, update: Values | undefined): Values | undefined {
  const merged = mergeMembers(before, update);
  if (merged === undefined || Object.values(merged).every((values) => values.length > 0)) return merged;
  return filled(Object.fromEntries(Object.entries(merged).filter(([, values]) => values.length > 0)));
}

function mergeMembers<T extends object>(before: T | undefined, update: T | undefined): T | undefined {
  if (update === undefined) return before;
  return filled(before === undefined ? update : { ...before, ...update });
}

function filled<T extends object>(members: T): T | undefined {
  for (const _ in members) return members;
  return undefined;
}

/** Whether two users have the same attributes; the Id is the same. */
function sameUser(one: EndpointUser, other: EndpointUser): boolean {
  if (one === other) return true;
  const [attributes, otherAttributes] = [one.UserAttributes ?? {}, other.UserAttributes ?? {}];
  const names = Object.keys(attributes);
  return (
    names.length === Object.keys(otherAttributes).length &&
    names.every((name) => {
      const [values, otherValues] = [getOwn(attributes, name)!, getOwn(otherAttributes, name)];
      return (
        values.length === otherValues?.length && values.every((value, index) => value === otherValues[index])
      );
    })
  );
}

function checkSize(endpoint: Endpoint): void {
  if (maxJsonBytes(endpoint) <= limits.endpointBytes) return;
  if (Buffer.byteLength(JSON.stringify(endpoint)) > limits.endpointBytes) {
    throw new BadEndpoint('The endpoint exceeds the maximum size of 15 KB');
  }
}

/** More bytes than the value's JSON has: a character has up to 6, as \u0000, a number up to 24. */
function maxJsonBytes(value: unknown): number {
  if (typeof value === 'string') return 6 * value.length + 3;
  if (typeof value !== 'object' || value === null) return 24;
  let bytes = 2;
  if (Array.isArray(value)) for (const item of value) bytes += maxJsonBytes(item) + 1;
  else {
    for (const name in value) {
      const member = getOwn(value as Record<string, unknown>, name);
      if (member !== undefined) bytes += 6 * name.length + 4 + maxJsonBytes(member);
    }
  }
  return bytes;
}
