/**
 * An endpoint in the service's JSON, as its API and NDJSON files use it (API Reference, Endpoint: EndpointRequest).
 * Everything is optional, because an update has only what it changes.
 */
export interface EndpointDefinition {
  readonly ChannelType?: string | undefined;
  readonly Address?: string | undefined;
  readonly OptOut?: string | undefined;
  readonly EndpointStatus?: string | undefined;
  readonly User?:
    { readonly UserId?: string | undefined; readonly UserAttributes?: NamedValues | undefined } | undefined;
  readonly Attributes?: NamedValues | undefined;
  readonly Metrics?: Readonly<Record<string, number>> | undefined;
  readonly Demographic?: Readonly<Record<string, string | undefined>> | undefined;
  readonly Location?: Readonly<Record<string, string | number | undefined>> | undefined;
  readonly EffectiveDate?: string | undefined;
  readonly RequestId?: string | undefined;
}

type NamedValues = Readonly<Record<string, readonly string[]>>;

/** An endpoint as returned by the service: its definition plus the members that only the service sets. */
export interface Endpoint extends EndpointDefinition {
  readonly Id: string;
  readonly ApplicationId?: string | undefined;
  readonly CohortId?: string | undefined;
  readonly CreationDate?: string | undefined;
}

/** An endpoint in a batch. */
export interface EndpointItem extends EndpointDefinition {
  readonly Id: string;
}
