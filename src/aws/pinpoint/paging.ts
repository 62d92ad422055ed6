import { AudienceError } from '../../errors.ts';
import type { Page } from './audienceService.ts';

/** The token and the page size, a string in the service's model, where they are given. */
export function paging(
  token: string | undefined,
  pageSize: number | undefined,
): { Token?: string; PageSize?: string } {
  return {
    ...(token !== undefined && { Token: token }),
    ...(pageSize !== undefined && { PageSize: String(pageSize) }),
  };
}

export function pageOf<From, To>(
  items: readonly From[] | undefined,
  nextToken: string | undefined,
  convert: (item: From) => To,
): Page<To> {
  return { items: (items ?? []).map(convert), nextToken: nextToken || undefined };
}

/** The SDK would drop an empty one from the path and ask for something else. */
export function checkId(id: string, what: string): string {
  if (id.trim() !== '') return id;
  throw new AudienceError('bad-input', `No ${what} is given`, { help: `Choose a ${what}.` });
}

export function given<T>(answer: T | undefined): T {
  if (answer !== undefined) return answer;
  throw new AudienceError('service', 'The answer of Amazon Pinpoint is empty', { help: 'Try again.' });
}
