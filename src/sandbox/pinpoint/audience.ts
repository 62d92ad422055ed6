import type { AttributeNames } from './attributeNames.ts';
import type { EndpointLog } from './endpointLog.ts';
import { BadEndpoint, limits } from './endpointRules.ts';
import type { Endpoint, EndpointRequest, EndpointUser, Values } from './types.ts';

/**
 * The channels of which the oldest endpoint makes room for a 16th endpoint of a user
 * (Developer guide, audience-define-auto-inactive); all others are refused.
 */
const yieldingChannels = ['ADM', 'GCM', 'APNS', 'APNS_VOIP', 'APNS_VOIP_SANDBOX', 'BAIDU'];

/**
 * The endpoints of one app with the service's rules of writing them. Each call is whole, or throws `BadEndpoint` and changes nothing.
 * Changes are acknowledged only after `save`.
 */
export class Audience {
  readonly #appId: string;
  readonly #log: EndpointLog;
  readonly #names: AttributeNames;
  readonly #now: () => number;
  /** While a batch runs: the endpoints that it touched, as they were before. */
  #undo: Map<string, Endpoint | undefined> | undefined;

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
   * @param requestId the call that asked for it; absent for imports
   * @returns the endpoint, and the other endpoints of its user
   */
  upsert(
    id: string,
    asked: EndpointRequest,
    requestId?: string,
  ): { endpoint: Endpoint; others: readonly Endpoint[] } {
    const request = this.#names.admit(asked);
    const before = this.#log.get(id);
    const now = new Date(this.#now()).toISOString();
    const merged = mergeEndpoint(this.#appId, before, id, request, now, requestId);
    const userId = merged.User?.UserId;
    const others = userId === undefined ? [] : this.#log.ofUser(userId, id);
    const user =
      userId === undefined ? merged.User : userAs(userId, sharedAttributes(before, others[0], request));
    const endpoint = user === merged.User ? merged : { ...merged, User: user! };
    const text = JSON.stringify(endpoint);
    checkSize(text);
    const leaving = this.#leavingFor(endpoint, others);

    this.#names.record(request);
    this.#put(endpoint, text);
    if (leaving !== undefined) this.#put(withoutUser(leaving));
    // User attributes are the user's: all endpoints of the user have the same (Developer guide, audience-define-user).
    if (others.length > 0) {
      const shared = JSON.stringify(user);
      for (const other of others) {
        if (other !== leaving && JSON.stringify(other.User) !== shared) this.#put({ ...other, User: user! });
      }
    }
    this.#retireAddress(endpoint);
    return { endpoint, others: leaving === undefined ? others : others.filter((other) => other !== leaving) };
  }

  /** Does several changes as one: where `change` throws, nothing has changed. */
  atomically(change: () => void): void {
    this.#names.save();
    this.#undo = new Map();
    try {
      change();
    } catch (error) {
      for (const [id, before] of this.#undo) {
        if (before === undefined) this.#log.delete(id);
        else this.#log.put(before);
      }
      this.#names.revert();
      throw error;
    } finally {
      this.#undo = undefined;
    }
  }

  delete(id: string): Endpoint | undefined {
    const endpoint = this.#log.get(id);
    if (endpoint !== undefined) this.#log.delete(id);
    return endpoint;
  }

  /** Makes what was changed safe from SIGKILL. */
  save(): void {
    this.#names.save();
    this.#log.flush();
  }

  #put(endpoint: Endpoint, text?: string): void {
    const key = endpoint.Id.toLowerCase();
    if (this.#undo !== undefined && !this.#undo.has(key)) this.#undo.set(key, this.#log.get(key));
    this.#log.put(endpoint, text);
  }

  /** The endpoint that makes room where a user would have one too many. */
  #leavingFor(endpoint: Endpoint, others: readonly Endpoint[]): Endpoint | undefined {
    if (others.length < limits.endpointsPerUser) return undefined;
    const candidates = yieldingChannels.includes(endpoint.ChannelType ?? '')
      ? others.filter((other) => yieldingChannels.includes(other.ChannelType ?? ''))
      : [];
    const oldest = candidates.reduce<Endpoint | undefined>(
      (found, other) => (found === undefined || other.EffectiveDate < found.EffectiveDate ? other : found),
      undefined,
    );
    if (oldest !== undefined) return oldest;
    throw new BadEndpoint(`Exceeded maximum endpoint per user count: ${limits.endpointsPerUser}`);
  }

  /** Another endpoint with the address of an updated one becomes inactive (API reference, Endpoint: EndpointStatus). */
  #retireAddress(updated: Endpoint): void {
    if (updated.Address === undefined) return;
    for (const other of this.#log.withAddress(updated.Address, updated.Id)) {
      if (other.EndpointStatus !== 'INACTIVE') this.#put({ ...other, EndpointStatus: 'INACTIVE' });
    }
  }
}

/**
 * The endpoint that comes of a request, in the order of members in which exports write them.
 * What the request does not name stays; a custom attribute that it names gets the new values in place of all old ones
 * (API reference, Endpoint).
 *
 * @throws BadEndpoint where an endpoint without an address would be opted in
 */
export function mergeEndpoint(
  appId: string,
  before: Endpoint | undefined,
  id: string,
  request: EndpointRequest,
  now: string,
  requestId?: string,
): Endpoint {
  const address = (request.Address ?? before?.Address) || undefined;
  const channel = request.ChannelType ?? before?.ChannelType;
  if (address === undefined && channel !== undefined && request.OptOut === 'NONE') {
    throw new BadEndpoint('Missing Address');
  }
  const user = userAs(
    request.User?.UserId ?? before?.User?.UserId,
    mergeValues(before?.User?.UserAttributes, request.User?.UserAttributes),
  );
  const ownRequestId = request.RequestId ?? (requestId === undefined ? before?.RequestId : undefined);
  const merged = {
    ChannelType: channel,
    Address: address,
    EndpointStatus: request.EndpointStatus ?? 'ACTIVE',
    // Opted out where it is created without an address; an address that comes later changes nothing about that.
    OptOut: request.OptOut ?? before?.OptOut ?? (address === undefined ? 'ALL' : 'NONE'),
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
  // JSON leaves undefined members out, and nothing else distinguishes them from absent ones.
  return merged as Endpoint;
}

function withoutUser({ User, ...endpoint }: Endpoint): Endpoint {
  return { ...endpoint, EndpointStatus: 'INACTIVE' };
}

function sharedAttributes(
  before: Endpoint | undefined,
  other: Endpoint | undefined,
  request: EndpointRequest,
): Values | undefined {
  const userId = request.User?.UserId ?? before?.User?.UserId;
  const own = before?.User?.UserId === undefined || before.User.UserId === userId ? before : undefined;
  return mergeValues((other ?? own)?.User?.UserAttributes, request.User?.UserAttributes);
}

/** Attributes after an update; a name that got an empty list is gone. */
function mergeValues(before: Values | undefined, update: Values | undefined): Values | undefined {
  const merged = mergeMembers(before, update);
  if (merged === undefined || Object.values(merged).every((values) => values.length > 0)) return merged;
  return filled(Object.fromEntries(Object.entries(merged).filter(([, values]) => values.length > 0)));
}

function mergeMembers<T extends object>(before: T | undefined, update: T | undefined): T | undefined {
  if (update === undefined) return before;
  return filled(before === undefined ? update : { ...before, ...update });
}

function userAs(userId: string | undefined, attributes: Values | undefined): EndpointUser | undefined {
  if (userId === undefined && attributes === undefined) return undefined;
  return {
    ...(userId !== undefined && { UserId: userId }),
    ...(attributes !== undefined && { UserAttributes: attributes }),
  };
}

function filled<T extends object>(members: T): T | undefined {
  return Object.keys(members).length === 0 ? undefined : members;
}

function checkSize(text: string): void {
  if (Buffer.byteLength(text) > limits.endpointBytes) {
    throw new BadEndpoint('The endpoint exceeds the maximum size of 15 KB');
  }
}
