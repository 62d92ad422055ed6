import type { SandboxRequest } from '../http/http.ts';
import { ServiceError } from '../http/http.ts';
import { notImplemented } from './s3Errors.ts';
import { noSuchKey } from './s3Store.ts';
import type { StoredObject } from './model.ts';
import { getOwn } from '../../ownMember.ts';

/** The result of conditional headers. */
type Verdict = 'pass' | 'not-modified' | 'failed';

const preconditionFailed = (condition: string): ServiceError =>
  new ServiceError(
    412,
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    { Condition: condition },
  );

/**
 * Applies conditional headers, such as `If-Match`, to a read, in the order of RFC 9110, 13.2.2.
 *
 * @returns true if the client already has the object
 * @throws ServiceError `PreconditionFailed`
 */
export function isNotModified(request: SandboxRequest, object: StoredObject): boolean {
  const verdict = evaluate(request, object, '');
  if (verdict === 'failed') {
    throw preconditionFailed(request.headers['if-match'] === undefined ? 'If-Unmodified-Since' : 'If-Match');
  }
  return verdict === 'not-modified';
}

/** Applies conditional headers of a copy source, such as `x-amz-copy-source-if-match`. @throws ServiceError `PreconditionFailed` */
export function checkCopySource(request: SandboxRequest, source: StoredObject): void {
  if (evaluate(request, source, 'x-amz-copy-source-') !== 'pass') {
    throw preconditionFailed('x-amz-copy-source-If-*');
  }
}

/**
 * Applies `If-None-Match: *` (create only) and `If-Match` (replace only this object) to a write.
 *
 * @param current the existing object
 * @throws ServiceError `PreconditionFailed`, or `NoSuchKey` if there is no object to replace
 */
export function checkWrite(request: SandboxRequest, current: StoredObject | undefined, key: string): void {
  const ifNoneMatch = request.headers['if-none-match'];
  const ifMatch = request.headers['if-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw notImplemented('write with an If-None-Match other than *');
  }
  if (ifNoneMatch !== undefined && current !== undefined) throw preconditionFailed('If-None-Match');
  if (ifMatch !== undefined) requireMatch(ifMatch, current, key);
}

/** @throws ServiceError `PreconditionFailed`, or `NoSuchKey` if there is no object */
export function requireMatch(etags: string, current: StoredObject | undefined, key: string): void {
  if (current === undefined) throw noSuchKey(key);
  if (!matches(etags, current)) throw preconditionFailed('If-Match');
}

function evaluate(request: SandboxRequest, object: StoredObject, prefix: string): Verdict {
  const read = (name: string): string | undefined => getOwn(request.headers, prefix + name)?.toString();
  // Dates in headers have no milliseconds.
  const modified = Math.floor(object.modified / 1000) * 1000;
  const ifMatch = read('if-match');
  const ifNoneMatch = read('if-none-match');
  const unmodifiedSince = Date.parse(read('if-unmodified-since') ?? '');
  const modifiedSince = Date.parse(read('if-modified-since') ?? '');
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object)) return 'failed';
  } else if (modified > unmodifiedSince) return 'failed';
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, object)) return 'not-modified';
  } else if (modified <= modifiedSince) return 'not-modified';
  return 'pass';
}

function matches(etags: string, object: StoredObject): boolean {
  return etags.split(',').some((etag) => {
    const value = etag.trim().replace(/^W\//, '').replaceAll('"', '');
    return value === '*' || value === object.etag;
  });
}
