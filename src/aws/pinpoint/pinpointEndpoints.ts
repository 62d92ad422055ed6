import type { EndpointBatchItem, EndpointRequest, EndpointResponse } from '@aws-sdk/client-pinpoint';
import {
  DeleteEndpointCommand,
  DeleteUserEndpointsCommand,
  GetEndpointCommand,
  GetUserEndpointsCommand,
  RemoveAttributesCommand,
  UpdateEndpointCommand,
  UpdateEndpointsBatchCommand,
} from '@aws-sdk/client-pinpoint';
import type { Endpoint, EndpointDefinition, EndpointItem } from '../../endpoints/model/endpointDefinition.ts';
import { checkId, given } from './paging.ts';
import type { Clients } from '../connection/clients.ts';
import { sending } from '../connection/clients.ts';
import type { AttributeFamily, EndpointService } from './endpointService.ts';

/** Implements the port with Amazon Pinpoint (Amazon Pinpoint API reference). */
export class PinpointEndpoints implements EndpointService {
  readonly #clients: Clients;

  constructor(clients: Clients) {
    this.#clients = clients;
  }

  async getEndpoint(projectId: string, endpointId: string, signal?: AbortSignal): Promise<Endpoint> {
    const input = endpointPath(projectId, endpointId);
    const { EndpointResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'read the endpoint', isAboutPeople: true },
      ({ pinpoint }) => pinpoint.send(new GetEndpointCommand(input), sending(signal)),
    );
    return toEndpoint(given(answer));
  }

  async getUser(projectId: string, userId: string, signal?: AbortSignal): Promise<readonly Endpoint[]> {
    const input = { ApplicationId: checkId(projectId, 'project'), UserId: checkId(userId, 'user') };
    const { EndpointsResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'read the endpoints of the user', isAboutPeople: true },
      ({ pinpoint }) => pinpoint.send(new GetUserEndpointsCommand(input), sending(signal)),
    );
    return (answer?.Item ?? []).map(toEndpoint);
  }

  async updateEndpoint(projectId: string, endpointId: string, change: EndpointDefinition): Promise<void> {
    const input = { ...endpointPath(projectId, endpointId), EndpointRequest: change as EndpointRequest };
    await this.#clients.ask(
      { service: 'audience', doing: 'update the endpoint', isAboutPeople: true },
      ({ pinpoint }) => pinpoint.send(new UpdateEndpointCommand(input)),
    );
  }

  async updateEndpoints(
    projectId: string,
    items: readonly EndpointItem[],
    signal?: AbortSignal,
  ): Promise<void> {
    const input = {
      ApplicationId: checkId(projectId, 'project'),
      EndpointBatchRequest: { Item: items as EndpointBatchItem[] },
    };
    await this.#clients.ask(
      { service: 'audience', doing: 'update the endpoints', isAboutPeople: true },
      ({ pinpointOnce }) => pinpointOnce.send(new UpdateEndpointsBatchCommand(input), sending(signal)),
    );
  }

  async deleteEndpoint(projectId: string, endpointId: string): Promise<Endpoint> {
    const input = endpointPath(projectId, endpointId);
    const { EndpointResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'delete the endpoint', isAboutPeople: true },
      ({ pinpointOnce }) => pinpointOnce.send(new DeleteEndpointCommand(input)),
    );
    return toEndpoint(given(answer));
  }

  async deleteUser(projectId: string, userId: string): Promise<readonly Endpoint[]> {
    const input = { ApplicationId: checkId(projectId, 'project'), UserId: checkId(userId, 'user') };
    const { EndpointsResponse: answer } = await this.#clients.ask(
      { service: 'audience', doing: 'delete the user', isAboutPeople: true },
      ({ pinpointOnce }) => pinpointOnce.send(new DeleteUserEndpointsCommand(input)),
    );
    return (answer?.Item ?? []).map(toEndpoint);
  }

  async removeAttributes(
    projectId: string,
    family: AttributeFamily,
    names: readonly string[],
  ): Promise<void> {
    const input = {
      ApplicationId: checkId(projectId, 'project'),
      AttributeType: attributeTypes[family],
      UpdateAttributesRequest: { Blacklist: [...names] },
    };
    await this.#clients.ask({ service: 'audience', doing: 'remove the attributes' }, ({ pinpoint }) =>
      pinpoint.send(new RemoveAttributesCommand(input)),
    );
  }
}

const attributeTypes: Readonly<Record<AttributeFamily, string>> = {
  Attributes: 'endpoint-custom-attributes',
  Metrics: 'endpoint-metric-attributes',
  'User.UserAttributes': 'endpoint-user-attributes',
};

function endpointPath(projectId: string, endpointId: string): { ApplicationId: string; EndpointId: string } {
  return { ApplicationId: checkId(projectId, 'project'), EndpointId: checkId(endpointId, 'endpoint') };
}

/** Orders members by how often people look for them. Omits members without a value. */
function toEndpoint(answer: EndpointResponse): Endpoint {
  const { Id, ChannelType, Address, OptOut, EndpointStatus, User, Attributes, Metrics } = answer;
  const { Demographic, Location, EffectiveDate, RequestId, CohortId, CreationDate, ApplicationId } = answer;
  const endpoint = {
    Id: given(Id),
    ChannelType,
    Address,
    OptOut,
    EndpointStatus,
    User,
    Attributes,
    Metrics,
    Demographic,
    Location,
    EffectiveDate,
    RequestId,
    CohortId,
    CreationDate,
    ApplicationId,
  };
  return JSON.parse(JSON.stringify(endpoint)) as Endpoint;
}
