import type { Endpoint, EndpointDefinition, EndpointItem } from '../../endpoints/model/endpointDefinition.ts';

/**
 * The port to single endpoints and users. Ids of endpoints are the same in any case (API Reference, Endpoint).
 * Rates are the caller's to keep: see `endpointRates`.
 */
export interface EndpointService {
  /** `not-found` where there is none. */
  getEndpoint(projectId: string, endpointId: string, signal?: AbortSignal): Promise<Endpoint>;
  /** Every endpoint of a user; `not-found` where there is none. */
  getUser(projectId: string, userId: string, signal?: AbortSignal): Promise<readonly Endpoint[]>;
  /** Creates or updates: what `change` does not name stays, an attribute that it names gets the new values alone. */
  updateEndpoint(projectId: string, endpointId: string, change: EndpointDefinition): Promise<void>;
  /** At most 100 endpoints and 7 MB. Sent once: whoever keeps the rate repeats it. */
  updateEndpoints(projectId: string, items: readonly EndpointItem[], signal?: AbortSignal): Promise<void>;
  /** Resolves with what is gone. Sent once, since a second answer would be `not-found`. */
  deleteEndpoint(projectId: string, endpointId: string): Promise<Endpoint>;
  /** Deletes every endpoint of a user, and resolves with them. Sent once, likewise. */
  deleteUser(projectId: string, userId: string): Promise<readonly Endpoint[]>;
  /** Names, or patterns with `*`, that are no longer captured; resolves with what the service says it removed. */
  removeAttributes(
    projectId: string,
    family: AttributeFamily,
    names: readonly string[],
  ): Promise<readonly string[]>;
}

/** The kinds of custom names that RemoveAttributes knows (API Reference, Attributes). */
export type AttributeFamily = 'Attributes' | 'Metrics' | 'User.UserAttributes';

/** Requests a second, of all callers of an account together (Developer Guide, Quotas). */
export const endpointRates = { update: 10, updateBatch: 2, delete: 5 } as const;

/** The most that one UpdateEndpointsBatch takes (Developer Guide, Quotas; API Reference, Endpoints). */
export const batchLimits = { endpoints: 100, bytes: 7_000_000 } as const;
