import { pipeline, Readable, Transform } from 'node:stream';

export interface ResponseLimits {
  readonly maxBytes: number;
  /** Milliseconds from the headers to the end of the body. */
  readonly timeoutMs: number;
}

/** The largest responses, pages of 1,000 keys, have some 2 MB. */
export const responseLimits: ResponseLimits = { maxBytes: 16 * 2 ** 20, timeoutMs: 60_000 };

interface Response {
  readonly statusCode: number;
  body?: unknown;
}

type Handler = (given: never) => Promise<{ readonly response: unknown }>;

/** The used part of an SDK client's middleware stack. */
interface Stack {
  add(
    middleware: (next: Handler, context: { readonly commandName?: string }) => Handler,
    options: { readonly step: 'deserialize'; readonly priority: 'low'; readonly name: string },
  ): void;
}

/**
 * A plugin for clients of the SDK: gives up responses that don't end, with a `ResponseTooLarge` or a `TimeoutError`. The SDK keeps a
 * response in memory, however long it is. Content of objects is left alone: it is streamed.
 */
export function boundedResponses(limits: ResponseLimits = responseLimits): {
  applyToStack(stack: unknown): void;
} {
  return {
    applyToStack(stack) {
      (stack as Stack).add(
        (next, { commandName }) =>
          async (given) => {
            const result = await next(given);
            const response = result.response as Response;
            const isObject = commandName === 'GetObjectCommand' && response.statusCode < 300;
            if (!isObject && response.body instanceof Readable)
              response.body = bounded(response.body, limits);
            return result;
          },
        { step: 'deserialize', priority: 'low', name: 'boundedResponses' },
      );
    },
  };
}

/** Adds the plugin to a client. */
export function withBoundedResponses<T extends object>(client: T, limits?: ResponseLimits): T {
  boundedResponses(limits).applyToStack((client as unknown as { middlewareStack: unknown }).middlewareStack);
  return client;
}

function bounded(body: Readable, { maxBytes, timeoutMs }: ResponseLimits): Readable {
  let left = maxBytes;
  const limited = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left < 0) done(named('ResponseTooLarge'));
      else done(null, chunk);
    },
  });
  const timer = setTimeout(() => limited.destroy(named('TimeoutError')), timeoutMs);
  pipeline(body, limited, () => clearTimeout(timer));
  return limited;
}

function named(name: string): Error {
  return Object.assign(new Error(name), { name, code: name });
}
