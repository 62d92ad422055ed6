import type { AttributeType } from './attributeNames.ts';
import { attributeTypes } from './attributeNames.ts';
import { BadEndpoint, validateRequest } from './endpointRules.ts';
import { optionalObject, requiredTexts } from './fields.ts';
import { hashOf } from './hashIndex.ts';
import type { Call, Handlers } from './router.ts';
import type { State } from './pinpointState.ts';
import { badRequest, notFound } from './pinpointState.ts';
import type { Endpoint } from './types.ts';
import { getOwn } from '../../ownMember.ts';

/** API reference, Endpoints: endpoints in one batch. */
const maxBatch = 100;

/** Operations on endpoints, users and custom attribute names. */
export function endpointHandlers(
  state: State,
): Handlers<
  'get' | 'put' | 'remove' | 'putBatch' | 'getUser' | 'removeUser' | 'removeAttributes' | 'putEvents'
> {
  const accepted = ({ requestId }: Call): object => ({ RequestID: requestId, Message: 'Accepted' });

  const put = async (call: Call): Promise<object> => {
    const { app, endpoint } = call.params;
    const audience = await state.audience(app!);
    rejectingBad(() => {
      const { Id } = validateRequest({ Id: endpoint });
      audience.upsert(Id!, validateRequest(call.body), call.requestId);
    });
    audience.save();
    return accepted(call);
  };

  /** Atomic. AWS doesn't document what happens to valid endpoints beside an invalid one. */
  const putBatch = async (call: Call): Promise<object> => {
    const audience = await state.audience(call.params['app']!);
    const items = call.body['Item'];
    if (!Array.isArray(items) || items.length === 0) badRequest('Item must be a list of endpoints');
    if (items.length > maxBatch) badRequest(`A batch can have at most ${maxBatch} endpoints`);
    audience.atomically(() => {
      items.forEach((item: unknown, index) => {
        rejectingBad(() => {
          const request = validateRequest(item);
          const id = request.Id ?? badRequest(`Item[${index}]: Id is required`);
          audience.upsert(id, request, call.requestId);
        }, `Item[${index}]: `);
      });
    });
    audience.save();
    return accepted(call);
  };

  const remove = async ({ params }: Call): Promise<object> => {
    const audience = await state.audience(params['app']!);
    const removed = audience.delete(params['endpoint']!) ?? notFound();
    audience.save();
    return answer(removed);
  };

  const removeUser = async ({ params }: Call): Promise<object> => {
    const audience = await state.audience(params['app']!);
    const removed = audience.log.ofUser(params['user']!);
    if (removed.length === 0) notFound();
    for (const { endpoint } of removed) audience.delete(endpoint.Id);
    audience.save();
    return { Item: removed.map(({ endpoint }) => answer(endpoint)) };
  };

  const removeAttributes = async ({ params, body }: Call): Promise<object> => {
    const { app, type } = params;
    const audience = await state.audience(app!);
    if (!isAttributeType(type!)) badRequest(`The attribute type must be one of ${attributeTypes.join(', ')}`);
    const names = requiredTexts(body, 'Blacklist');
    // Users report that the service answers with the remaining names; the API reference says the removed ones.
    return { ApplicationId: app, AttributeType: type, Attributes: audience.names.remove(type, names) };
  };

  /** Writes endpoints as UpdateEndpoint does. Events are accepted and ignored: the sandbox has no analytics. */
  const putEvents = async (call: Call): Promise<object> => {
    const audience = await state.audience(call.params['app']!);
    const batch = optionalObject(call.body, 'BatchItem') ?? badRequest('BatchItem is required');
    const write = (id: string, endpoint: Readonly<Record<string, unknown>>): EventResult => {
      if (Object.keys(endpoint).length === 0) return acceptedItem;
      try {
        const { Id } = validateRequest({ Id: id });
        audience.upsert(Id!, validateRequest(endpoint), call.requestId);
        return acceptedItem;
      } catch (error) {
        if (error instanceof BadEndpoint) return { Message: error.message, StatusCode: 400 };
        throw error;
      }
    };
    // All items are read before one is written: a malformed request changes nothing.
    const items = Object.keys(batch).map((id) => {
      const item = optionalObject(batch, id) ?? {};
      const endpoint =
        optionalObject(item, 'Endpoint') ?? badRequest(`BatchItem.${id}: Endpoint is required`);
      const events = optionalObject(item, 'Events') ?? badRequest(`BatchItem.${id}: Events is required`);
      const results = Object.keys(events).map((name): [string, EventResult] => [
        name,
        eventResult(optionalObject(events, name) ?? {}),
      ]);
      return { id, endpoint, EventsItemResponse: Object.fromEntries(results) };
    });
    const results = items.map(({ id, endpoint, EventsItemResponse }): [string, object] => [
      id,
      { EndpointItemResponse: write(id, endpoint), EventsItemResponse },
    ]);
    audience.save();
    return { Results: Object.fromEntries(results) };
  };

  return {
    get: async ({ params }) => {
      const audience = await state.audience(params['app']!);
      return answer(audience.log.get(params['endpoint']!) ?? notFound());
    },
    put,
    remove,
    putBatch,
    // A user without endpoints doesn't exist. AWS doesn't document the service's response to that.
    getUser: async ({ params }) => {
      const audience = await state.audience(params['app']!);
      const endpoints = audience.log.ofUser(params['user']!);
      return endpoints.length === 0
        ? notFound()
        : { Item: endpoints.map(({ endpoint }) => answer(endpoint)) };
    },
    removeUser,
    removeAttributes,
    putEvents,
  };
}

interface EventResult {
  readonly Message: string;
  readonly StatusCode: number;
}

const acceptedItem: EventResult = { Message: 'Accepted', StatusCode: 202 };

function eventResult(event: Readonly<Record<string, unknown>>): EventResult {
  const missing = ['EventType', 'Timestamp'].find((name) => typeof getOwn(event, name) !== 'string');
  return missing === undefined ? acceptedItem : { Message: `${missing} is required`, StatusCode: 400 };
}

/** An endpoint as requests return it: with members that exports lack (API reference, EndpointResponse). */
function answer({ LastRequestId, ...endpoint }: Endpoint): object {
  return {
    ...endpoint,
    CohortId: String(hashOf(endpoint.Id.toLowerCase()) % 100),
    RequestId: endpoint.RequestId ?? LastRequestId,
  };
}

/** Turns `BadEndpoint` into the service's 400. */
function rejectingBad(change: () => void, prefix = ''): void {
  try {
    change();
  } catch (error) {
    if (error instanceof BadEndpoint) badRequest(prefix + error.message);
    throw error;
  }
}

function isAttributeType(type: string): type is AttributeType {
  return (attributeTypes as readonly string[]).includes(type);
}
