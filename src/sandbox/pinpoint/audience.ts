import type { AttributeNames } from './attributeNames.ts';
import type { EndpointLog } from './endpointLog.ts';
import { BadEndpoint, limits } from './endpointRules.ts';
import type { Endpoint, EndpointRequest, EndpointUser, Values } from './types.ts';

/**
 * Channels whose oldest endpoint is replaced by a 16th endpoint of the user (Developer guide, audience-define-auto-inactive). On
 * other channels, a 16th endpoint is rejected.
 */
const replaceableChannels = ['ADM', 'GCM', 'APNS', 'APNS_VOIP', 'APNS_VOIP_SANDBOX', 'BAIDU'];

/**
 * The endpoints of one app with the service's rules for writing them. Each call succeeds, or throws `BadEndpoint` without a change.
 * Call `save` before acknowledging changes.
 */
export class Audience {
  readonly #appId: string;
  readonly #log: EndpointLog;
  readonly #names: AttributeNames;
  readonly #now: () => number;
  /** During a batch: the changed endpoints as they were before. */
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
   * @param requestId Id of the request; absent for imports
   * @returns the endpoint, and its user's other endpoints
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
    // All endpoints of a user share the user attributes (Developer guide, audience-define-user).
    if (others.length > 0) {
      const shared = JSON.stringify(user);
      for (const other of others) {
        if (other !== leaving && JSON.stringify(other.User) !== shared) this.#put({ ...other, User: user! });
      }
    }
    this.#retireAddress(endpoint);
    return { endpoint, others: leaving === undefined ? others : others.filter((other) => other !== leaving) };
  }

  /** Makes several changes atomic: undoes them if `change` throws. */
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

  /** Makes changes survive SIGKILL. */
  save(): void {
    this.#names.save();
    this.#log.flush();
  }

  #put(endpoint: Endpoint, text?: string): void {
    const key = endpoint.Id.toLowerCase();
    if (this.#undo !== undefined && !this.#undo.has(key)) this.#undo.set(key, this.#log.get(key));
    this.#log.put(endpoint, text);
  }

  /** The endpoint to remove from a user that would have one too many. */
  #leavingFor(endpoint: Endpoint, others: readonly Endpoint[]): Endpoint | undefined {
    if (others.length < limits.endpointsPerUser) return undefined;
    const candidates = replaceableChannels.includes(endpoint.ChannelType ?? '')
      ? others.filter((other) => replaceableChannels.includes(other.ChannelType ?? ''))
      : [];
    const oldest = candidates.reduce<Endpoint | undefined>(
      (found, other) => (found === undefined || other.EffectiveDate < found.EffectiveDate ? other : found),
      undefined,
    );
    if (oldest !== undefined) return oldest;
    throw new BadEndpoint(`Exceeded maximum endpoint per user count: ${limits.endpointsPerUser}`);
  }

  /** Other endpoints with the address of an updated one become inactive (API reference, Endpoint: EndpointStatus). */
  #retireAddress(updated: Endpoint): void {
    if (updated.Address === undefined) return;
    for (const other of this.#log.withAddress(updated.Address, updated.Id)) {
      if (other.EndpointStatus !== 'INACTIVE') this.#put({ ...other, EndpointStatus: 'INACTIVE' });
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
    // Created without an address, an endpoint is opted out; adding an address later doesn't change that.
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
  // Undefined members disappear in JSON.
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
