import { getOwn } from '../../ownMember.ts';
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Actor, Authority, ConditionKeys } from '../authority.ts';
import type { SandboxRequest } from '../http/http.ts';
import { actorOf, ServiceError } from '../http/http.ts';
import type { Arns } from './arns.ts';
import { otherOperation } from './otherOperations.ts';
import { optionalObject } from './fields.ts';
import type { State } from './pinpointState.ts';
import { badRequest, notFound } from './pinpointState.ts';

/** Developer guide, quotas: payload of a request. */
const maxBodyBytes = 7 * 1024 * 1024;

/** A request, matched to its operation. */
export interface Call {
  /** Path parameters, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The request's JSON object; empty if there is no body. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly requestId: string;
  readonly actor: Actor;
  /** True for calls of the sandbox itself. */
  readonly isInternal: boolean;
}

/** Handles a call. Returns or resolves with the response body; `undefined` for none. */
export type Handler = (call: Call) => unknown;

export type Handlers<Names extends string> = Readonly<Record<Names, Handler>>;

/** An operation. In its path, `{label}` matches one segment, `{label+}` all remaining ones; its resource, for policies, uses them. */
export type Operation = readonly [
  name: string,
  method: string,
  path: string,
  successStatus: number,
  handler: Handler,
  resource: string,
];

interface RouterContext {
  readonly state: State;
  readonly arns: Arns;
  /** Absent if everything is allowed. */
  readonly authority: Authority | undefined;
  /** The region of the sandbox's own calls. */
  readonly region: string;
}

interface Route {
  readonly name: string;
  readonly resource: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly status: number;
  readonly handler: Handler;
}

/** Routes requests to operations and responds in restJson1: bare bodies, `x-amzn-RequestId`. */
export class Router {
  readonly #routes: readonly Route[];
  readonly #context: RouterContext;

  constructor(operations: readonly Operation[], context: RouterContext) {
    this.#context = context;
    this.#routes = operations.map(([name, method, path, status, handler, resource]) => ({
      name,
      resource,
      method,
      pattern: pathPattern(path),
      status,
      handler,
    }));
  }

  /** Runs an operation without HTTP. Throws the `ServiceError` that would be the response. */
  async call(method: string, target: string, body: object = {}): Promise<unknown> {
    const { pathname, search } = new URL(target, 'http://localhost');
    const route = this.#routes.find((known) => known.method === method && known.pattern.test(pathname));
    const answer: unknown = await (route ?? notFound()).handler({
      params: decodeParams(route?.pattern.exec(pathname)?.groups),
      query: new URLSearchParams(search),
      body: body as Call['body'],
      requestId: 'sandbox',
      actor: { arn: 'sandbox', region: this.#context.region },
      isInternal: true,
    });
    return answer;
  }

  async answer(request: SandboxRequest, response: ServerResponse): Promise<void> {
    const candidates = this.#routes.filter(({ pattern }) => pattern.test(request.rawPath));
    const route = candidates.find(({ method }) => method === request.method);
    const other = route === undefined ? otherOperation(request.method, request.rawPath) : undefined;
    if (other !== undefined) {
      const message = `The sandbox's Pinpoint doesn't serve ${other}.`;
      throw new ServiceError(501, 'NotImplementedException', message);
    }
    if (candidates.length === 0) notFound();
    if (route === undefined) {
      const allowed = [...candidates.map(({ method }) => method), 'OPTIONS'].join(', ');
      response.setHeader('Allow', allowed);
      if (request.method !== 'OPTIONS') {
        throw new ServiceError(
          405,
          'MethodNotAllowedException',
          `The method isn't allowed. Allowed: ${allowed}`,
        );
      }
    }
    const bytes = await readBody(request.body);
    if (route === undefined) {
      send(response, request.id, 200, undefined);
      return;
    }
    const params = decodeParams(route.pattern.exec(request.rawPath)?.groups);
    const body = parseBody(bytes);
    this.#authorize(route, request, params, body);
    // Projects are only visible in their own region.
    if (params['app'] !== undefined && this.#context.state.app(params['app']).Region !== request.region)
      notFound();
    const result: unknown = await route.handler({
      params,
      query: request.query,
      body,
      requestId: request.id,
      actor: actorOf(request),
      isInternal: false,
    });
    send(response, request.id, route.status, result);
  }

  /** @throws ServiceError 403 if the caller's policies don't allow the operation */
  #authorize(route: Route, request: SandboxRequest, params: Call['params'], body: Call['body']): void {
    const { authority, arns, state } = this.#context;
    const path = route.resource.replace(/\{(\w+)\}/g, (_, label: string) => getOwn(params, label)!);
    const resource = arns.resource(request.region, path);
    const { appId, segmentId } = arns.parse(resource) ?? {};
    const tagged =
      appId === undefined || !state.hasApp(appId)
        ? undefined
        : segmentId === undefined
          ? state.app(appId)
          : state.findSegment(appId, segmentId);
    const tags = optionalObject(body, 'tags');
    const keys = {
      ...tagKeys('aws:ResourceTag', tagged?.tags),
      ...tagKeys('aws:RequestTag', tags),
      'aws:TagKeys': tags === undefined ? undefined : Object.keys(tags),
    };
    const access = { actor: actorOf(request), action: `mobiletargeting:${route.name}`, resource, keys };
    if (authority === undefined || authority.isAllowed(access)) return;
    throw new ServiceError(
      403,
      'AccessDeniedException',
      `User: ${access.actor.arn} is not authorized to perform: ${access.action} on resource: ${resource}`,
    );
  }
}

/** Condition keys `PREFIX/NAME` with the values of tags. */
function tagKeys(prefix: string, tags: object | undefined): ConditionKeys {
  return Object.fromEntries(
    Object.entries(tags ?? {}).flatMap(([name, value]) =>
      typeof value === 'string' ? [[`${prefix}/${name}`, value]] : [],
    ),
  );
}

/** Sends an error as the service does: code in `x-amzn-ErrorType`, message and request id in the body. */
export function sendError(response: ServerResponse, requestId: string, error: unknown): void {
  const known =
    error instanceof ServiceError
      ? error
      : new ServiceError(500, 'InternalServerErrorException', 'Internal error of the sandbox');
  response.setHeader('x-amzn-ErrorType', known.code);
  send(response, requestId, known.status, { RequestID: requestId, Message: known.message });
}

function send(response: ServerResponse, requestId: string, status: number, body: unknown): void {
  response.setHeader('x-amzn-RequestId', requestId);
  if (status === 204) {
    response.writeHead(204).end();
    return;
  }
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(text);
}

/** Reads bodies to the end even if they are too long: otherwise the caller would see a broken connection instead of the error. */
async function readBody(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
  }
  if (bytes > maxBodyBytes) {
    throw new ServiceError(413, 'PayloadTooLargeException', 'The payload exceeds the maximum of 7 MB');
  }
  return Buffer.concat(chunks);
}

function parseBody(bytes: Buffer): Readonly<Record<string, unknown>> {
  if (bytes.length === 0) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(bytes.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) badRequest(`The body isn't valid JSON: ${error.message}`);
    throw error;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    badRequest('The body must be a JSON object');
  }
  return parsed as Record<string, unknown>;
}

function pathPattern(path: string): RegExp {
  const source = path.replaceAll(/\{(\w+)(\+?)\}/g, (_, label: string, greedy: string) =>
    greedy === '' ? `(?<${label}>[^/]+)` : `(?<${label}>.+)`,
  );
  return new RegExp(`^${source}/?$`);
}

function decodeParams(groups: Record<string, string> | undefined): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(groups ?? {}).map(([label, value]) => [label, decodeURIComponent(value)]),
    );
  } catch (error) {
    if (error instanceof URIError) badRequest("The path isn't correctly percent-encoded");
    throw error;
  }
}
