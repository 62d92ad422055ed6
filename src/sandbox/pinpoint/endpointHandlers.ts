import type { AttributeType } from './attributeNames.ts';
import { attributeTypes } from './attributeNames.ts';
import { BadEndpoint, validateRequest } from './endpointRules.ts';
import { requiredTexts } from './fields.ts';
import type { Call, Handlers } from './router.ts';
import type { State } from './pinpointState.ts';
import { badRequest, notFound } from './pinpointState.ts';

/** API reference, Endpoints: endpoints in one batch. */
const maxBatch = 100;

/** Endpoints, the users that they make up, and the names of custom attributes. */
export function endpointHandlers(
  state: State,
): Handlers<'get' | 'put' | 'remove' | 'putBatch' | 'getUser' | 'removeUser' | 'removeAttributes'> {
  const accepted = ({ requestId }: Call): object => ({ RequestID: requestId, Message: 'Accepted' });

  const put = async (call: Call): Promise<object> => {
    const { app, endpoint } = call.params;
    const audience = await state.audience(app!);
    refusing(() => {
      const { Id } = validateRequest({ Id: endpoint });
      audience.upsert(Id!, validateRequest(call.body));
    });
    audience.save();
    return accepted(call);
  };

  /** All of the batch or nothing; the service's own way with one bad endpoint among good ones is not documented. */
  const putBatch = async (call: Call): Promise<object> => {
    const audience = await state.audience(call.params['app']!);
    const items = call.body['Item'];
    if (!Array.isArray(items) || items.length === 0) badRequest('Item must be a list of endpoints');
    if (items.length > maxBatch) badRequest(`A batch can have at most ${maxBatch} endpoints`);
    audience.atomically(() => {
      items.forEach((item: unknown, index) => {
        refusing(() => {
          const request = validateRequest(item);
          audience.upsert(request.Id ?? badRequest(`Item[${index}]: Id is required`), request);
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
    return removed;
  };

  const removeUser = async ({ params }: Call): Promise<object> => {
    const audience = await state.audience(params['app']!);
    const removed = audience.log.ofUser(params['user']!);
    if (removed.length === 0) notFound();
    for (const { Id } of removed) audience.delete(Id);
    audience.save();
    return { Item: removed };
  };

  const removeAttributes = async ({ params, body }: Call): Promise<object> => {
    const { app, type } = params;
    const audience = await state.audience(app!);
    if (!isAttributeType(type!)) badRequest(`The attribute type must be one of ${attributeTypes.join(', ')}`);
    const names = requiredTexts(body, 'Blacklist');
    audience.names.remove(type, names);
    return { ApplicationId: app, AttributeType: type, Attributes: names };
  };

  return {
    get: async ({ params }) => {
      const audience = await state.audience(params['app']!);
      return audience.log.get(params['endpoint']!) ?? notFound();
    },
    put,
    remove,
    putBatch,
    // A user is nothing but its endpoints: without any it is not there. What the service answers then is not documented.
    getUser: async ({ params }) => {
      const audience = await state.audience(params['app']!);
      const endpoints = audience.log.ofUser(params['user']!);
      return endpoints.length === 0 ? notFound() : { Item: endpoints };
    },
    removeUser,
    removeAttributes,
  };
}

function refusing(change: () => void, prefix = ''): void {
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
