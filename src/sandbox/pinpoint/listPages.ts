import { badRequest } from './pinpointState.ts';

/** AWS documents neither a default nor a maximum of `page-size`, nor an order; these are the sandbox's. */
const defaultPageSize = 100;
const maxPageSize = 1000;

/**
 * One page of a list, newest first, in the service's form. A token names the last item of its page, so that items created or
 * deleted in between neither repeat nor hide others.
 *
 * @param list identifies the list; tokens of other lists are rejected
 */
export function pageOf<T extends { readonly Seq: number }>(
  list: string,
  items: readonly T[],
  query: URLSearchParams,
  answer: (item: T) => object,
): { Item: object[]; NextToken?: string } {
  const size = pageSize(query.get('page-size'));
  const token = query.get('token');
  const before = token === null ? Number.POSITIVE_INFINITY : readToken(list, token);
  const left = items.filter(({ Seq }) => Seq < before).sort((one, other) => other.Seq - one.Seq);
  const page = left.slice(0, size);
  const last = page.at(-1);
  return {
    Item: page.map(answer),
    ...(left.length > size && last !== undefined ? { NextToken: writeToken(list, last.Seq) } : {}),
  };
}

function pageSize(asked: string | null): number {
  if (asked === null) return defaultPageSize;
  if (!/^[1-9]\d{0,8}$/.test(asked)) badRequest('page-size must be a positive integer');
  return Math.min(Number(asked), maxPageSize);
}

function writeToken(list: string, seq: number): string {
  return Buffer.from(JSON.stringify([list, seq])).toString('base64url');
}

function readToken(list: string, token: string): number {
  const [, seq] = /^\["[^"]*",(\d+)\]$/.exec(Buffer.from(token, 'base64url').toString()) ?? [];
  if (seq === undefined || writeToken(list, Number(seq)) !== token) badRequest('The token is invalid');
  return Number(seq);
}
