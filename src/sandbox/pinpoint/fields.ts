import { badRequest } from './pinpointState.ts';
import { getOwn } from '../../ownMember.ts';

type Body = Readonly<Record<string, unknown>>;

/** A member of a request's body; `null` counts as absent. All functions here throw 400 if a member has the wrong type. */
export function optionalText(body: Body, name: string): string | undefined {
  const value = getOwn(body, name) ?? undefined;
  if (value === undefined || typeof value === 'string') return value;
  return badRequest(`${name} must be a string`);
}

export function requiredText(body: Body, name: string): string {
  const value = optionalText(body, name);
  if (value === undefined || value === '') badRequest(`${name} is required`);
  return value;
}

export function optionalBoolean(body: Body, name: string): boolean | undefined {
  const value = getOwn(body, name) ?? undefined;
  if (value === undefined || typeof value === 'boolean') return value;
  return badRequest(`${name} must be true or false`);
}

export function optionalInteger(body: Body, name: string): number | undefined {
  const value = getOwn(body, name) ?? undefined;
  if (value === undefined || (typeof value === 'number' && Number.isInteger(value))) return value;
  return badRequest(`${name} must be an integer`);
}

export function optionalObject(body: Body, name: string): Body | undefined {
  const value = getOwn(body, name) ?? undefined;
  if (value === undefined || (typeof value === 'object' && !Array.isArray(value))) return value as Body;
  return badRequest(`${name} must be an object`);
}

export function requiredTexts(body: Body, name: string): string[] {
  const value = getOwn(body, name);
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  return badRequest(`${name} must be a list of strings`);
}

/** Tags of a request (Developer guide, quotas: 50 per resource, key 128, value 256 characters). */
export function tagsOf(body: Body): Record<string, string> | undefined {
  const tags = optionalObject(body, 'tags');
  if (tags === undefined) return undefined;
  for (const [key, value] of Object.entries(tags)) {
    if (typeof value !== 'string') badRequest(`The value of the tag ${key} must be a string`);
    if (key === '' || key.length > 128) badRequest('The key of a tag must have 1 to 128 characters');
    if (value.length > 256) badRequest(`The value of the tag ${key} exceeds 256 characters`);
  }
  checkTagCount(tags);
  return tags as Record<string, string>;
}

export function checkTagCount(tags: object): void {
  if (Object.keys(tags).length > 50) badRequest('A resource can have at most 50 tags');
}
