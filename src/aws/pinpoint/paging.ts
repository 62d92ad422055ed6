import { AudienceError } from '../../errors.ts';
import type { Page } from './audienceService.ts';

/** Paging parameters of a request; absent ones are omitted. */
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

/**
 * Rejects ids that would make a different request: the SDK omits empty ones from the path, and signs a path that
 * ends in `..` as its parent, so that deleting such an endpoint could delete its project.
 */
export function checkId(id: string, what: string): string {
  if (id.trim() === '') {
    throw new AudienceError('bad-input', `No ${what} specified`, { help: `Choose a ${what}.` });
  }
  if (id === '.' || id === '..') {
    throw new AudienceError('bad-input', `A ${what} with the Id "${id}" can't be addressed by a request`, {
      help: 'Remove it from the file.',
    });
  }
  return id;
}

export function given<T>(answer: T | undefined): T {
  if (answer !== undefined && answer !== '') return answer;
  throw odd('Amazon Pinpoint returned an empty response');
}

/** A number of things, as the service returned it. */
export function countOf(value: number | undefined): number | undefined {
  if (value === undefined || value >= 0) return value;
  throw odd('Amazon Pinpoint returned a negative count');
}

function odd(message: string): AudienceError {
  return new AudienceError('service', message, { help: 'Try again.' });
}
