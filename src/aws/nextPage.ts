import { AudienceError } from '../errors.ts';

/**
 * The token of the next page of a list.
 *
 * @param token what the page that was just read says is next; `undefined` after the last page
 * @param previous the token of the page that was just read
 * @throws AudienceError `service` if they are the same: AWS never repeats one, and the list would never end
 */
export function nextPage(token: string | undefined, previous: string | undefined): string | undefined {
  if (token === undefined || token === '') return undefined;
  if (token !== previous) return token;
  throw new AudienceError('service', 'The list never ends: the service returns the same page token again', {
    help: 'Check the service URL.',
  });
}
