/**
 * An endpoint in the service's own JSON, as its API takes it and as a line of NDJSON holds it (API Reference, Endpoint:
 * EndpointRequest). Everything is optional, since an update names only what it changes.
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

/** An endpoint as the service tells it: its definition, and what only the service writes. */
export interface Endpoint extends EndpointDefinition {
  readonly Id: string;
  readonly ApplicationId?: string | undefined;
  readonly CohortId?: string | undefined;
  readonly CreationDate?: string | undefined;
}

/** An endpoint of a batch. */
export interface EndpointItem extends EndpointDefinition {
  readonly Id: string;
}
