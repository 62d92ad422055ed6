import type { Endpoint, EndpointDefinition, EndpointItem } from '../../endpoints/model/endpointDefinition.ts';

/**
 * The port to single endpoints and users. Endpoint Ids aren't case-sensitive (API Reference, Endpoint). Callers are responsible for
 * the rates: see `endpointRates`.
 */
export interface EndpointService {
  /** `not-found` if it doesn't exist. */
  getEndpoint(projectId: string, endpointId: string, signal?: AbortSignal): Promise<Endpoint>;
  /** All endpoints of a user; `not-found` if there are none. */
  getUser(projectId: string, userId: string, signal?: AbortSignal): Promise<readonly Endpoint[]>;
  /** Creates or updates an endpoint: absent members stay, the values of an attribute are replaced. */
  updateEndpoint(projectId: string, endpointId: string, change: EndpointDefinition): Promise<void>;
  /** At most 100 endpoints and 7 MB. Not retried: that's up to the caller, who keeps the rate. */
  updateEndpoints(projectId: string, items: readonly EndpointItem[], signal?: AbortSignal): Promise<void>;
  /** Resolves with the deleted endpoint. Not retried, since a second attempt would fail with `not-found`. */
  deleteEndpoint(projectId: string, endpointId: string): Promise<Endpoint>;
  /** Deletes all endpoints of a user and resolves with them. Not retried, either. */
  deleteUser(projectId: string, userId: string): Promise<readonly Endpoint[]>;
  /** Stops storing attributes by name or pattern with `*`; what the service answers isn't reliable. */
  removeAttributes(projectId: string, family: AttributeFamily, names: readonly string[]): Promise<void>;
}

/** The attribute families of RemoveAttributes (API Reference, Attributes). */
export type AttributeFamily = 'Attributes' | 'Metrics' | 'User.UserAttributes';

/** Requests per second and account (Developer Guide, Quotas). */
export const endpointRates = { update: 10, updateBatch: 2, delete: 5 } as const;

/** Limits of UpdateEndpointsBatch (Developer Guide, Quotas; API Reference, Endpoints). */
export const batchLimits = { endpoints: 100, bytes: 7_000_000 } as const;
