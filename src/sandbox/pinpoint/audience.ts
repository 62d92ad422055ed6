import type { AttributeNames } from './attributeNames.ts';
import type { EndpointLog } from './endpointLog.ts';
import { BadEndpoint, limits } from './endpointRules.ts';
import { hashOf } from './hashIndex.ts';
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

  /** Creates or updates the endpoint with this Id; tells also of the other endpoints that its user had before. */
  upsert(id: string, asked: EndpointRequest): { endpoint: Endpoint; others: readonly Endpoint[] } {
    const request = this.#names.admit(asked);
    const before = this.#log.get(id);
    const merged = mergeEndpoint(this.#appId, before, id, request, new Date(this.#now()).toISOString());
    const userId = merged.User.UserId;
    const others = userId === undefined ? [] : this.#othersOf(userId, id);
    const user = userAs(userId, sharedAttributes(before, others[0], request));
    const endpoint = { ...merged, User: user };
    const text = JSON.stringify(endpoint);
    checkSize(text);
    const leaving = this.#leavingFor(endpoint, others);

    this.#names.record(request);
    this.#put(endpoint, text);
    if (leaving !== undefined) this.#put({ ...leaving, EndpointStatus: 'INACTIVE', User: {} });
    // User attributes are the user's: all endpoints of the user have the same (Developer guide, audience-define-user).
    const shared = JSON.stringify(user);
    for (const other of others) {
      if (other !== leaving && JSON.stringify(other.User) !== shared) this.#put({ ...other, User: user });
    }
    this.#retireAddress(endpoint);
    return { endpoint, others: others.filter((other) => other !== leaving) };
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

  #othersOf(userId: string, id: string): Endpoint[] {
    return this.#log.ofUser(userId).filter((other) => other.Id.toLowerCase() !== id.toLowerCase());
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
    for (const other of this.#log.withAddress(updated.Address)) {
      if (other.Id !== updated.Id && other.EndpointStatus !== 'INACTIVE') {
        this.#put({ ...other, EndpointStatus: 'INACTIVE' });
      }
    }
  }
}

/**
 * The endpoint that comes of a request, in the order of members in which exports write them.
 * What the request does not name stays; a custom attribute that it names gets the new values in place of all old ones
 * (API reference, Endpoint).
 */
export function mergeEndpoint(
  appId: string,
  before: Endpoint | undefined,
  id: string,
  request: EndpointRequest,
  now: string,
): Endpoint {
  const address = (request.Address ?? before?.Address) || undefined;
  const merged = {
    ChannelType: request.ChannelType ?? before?.ChannelType,
    Address: address,
    EndpointStatus: request.EndpointStatus ?? 'ACTIVE',
    // Opted out where it is created without an address; an address that comes later changes nothing about that.
    OptOut: request.OptOut ?? before?.OptOut ?? (address === undefined ? 'ALL' : 'NONE'),
    RequestId: request.RequestId ?? before?.RequestId,
    Location: filled({ ...before?.Location, ...request.Location }),
    Demographic: filled({ ...before?.Demographic, ...request.Demographic }),
    EffectiveDate: request.EffectiveDate ?? now,
    Attributes: filled(mergeValues(before?.Attributes, request.Attributes)),
    Metrics: filled({ ...before?.Metrics, ...request.Metrics }),
    User: userAs(
      request.User?.UserId ?? before?.User.UserId,
      mergeValues(before?.User.UserAttributes, request.User?.UserAttributes),
    ),
    ApplicationId: appId,
    CohortId: before?.CohortId ?? String(hashOf(id.toLowerCase()) % 100),
    Id: before?.Id ?? id,
    CreationDate: before?.CreationDate ?? now,
  };
  // Members that are undefined go with the JSON; until then nobody tells them from absent ones.
  return merged as Endpoint;
}

function sharedAttributes(
  before: Endpoint | undefined,
  other: Endpoint | undefined,
  request: EndpointRequest,
): Values {
  const userId = request.User?.UserId ?? before?.User.UserId;
  const own = before?.User.UserId === undefined || before.User.UserId === userId ? before : undefined;
  return mergeValues((other ?? own)?.User.UserAttributes, request.User?.UserAttributes);
}

function mergeValues(before: Values | undefined, update: Values | undefined): Values {
  const merged = { ...before, ...update };
  return Object.fromEntries(Object.entries(merged).filter(([, values]) => values.length > 0));
}

function userAs(userId: string | undefined, attributes: Values): EndpointUser {
  const kept = filled(attributes);
  return {
    ...(userId === undefined ? {} : { UserId: userId }),
    ...(kept === undefined ? {} : { UserAttributes: kept }),
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
