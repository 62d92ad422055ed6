const text = (maxLength: number): object => ({ type: 'string', maxLength });
const values: object = { type: 'array', maxItems: 50, items: text(100) };
const named = (value: object): object => ({
  type: 'object',
  propertyNames: { maxLength: 50 },
  additionalProperties: value,
});
const members = (properties: Record<string, object>): object => ({
  type: 'object',
  properties,
  additionalProperties: false,
});

/**
 * A schema for ajv as written without our validator: the members, their types and the maximum lengths. By hand, not from our
 * table of attributes: it represents another tool.
 */
export const endpointSchema: object = members({
  Address: text(2048),
  Attributes: named(values),
  ChannelType: text(100),
  Demographic: members({
    AppVersion: text(50),
    Locale: text(100),
    Make: text(50),
    Model: text(100),
    ModelVersion: text(50),
    Platform: text(50),
    PlatformVersion: text(50),
    Timezone: text(100),
  }),
  EffectiveDate: text(100),
  Id: text(100),
  Location: members({
    City: text(75),
    Country: text(3),
    Latitude: { type: 'number' },
    Longitude: { type: 'number' },
    PostalCode: text(100),
    Region: text(75),
  }),
  Metrics: named({ type: 'number' }),
  OptOut: text(100),
  RequestId: text(100),
  User: members({ UserId: text(100), UserAttributes: named(values) }),
});
