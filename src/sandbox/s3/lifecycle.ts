import type { StoredObject } from './model.ts';
import type { S3 } from './request.ts';
import type { Bucket } from './s3Store.ts';
import type { XmlNode } from './xml.ts';
import { children, parseXml, textOf } from './xml.ts';
import { getOwn } from '../../ownMember.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** The day and the rules that were last applied, by bucket. */
const applied = new WeakMap<Bucket, string>();

/**
 * Deletes and moves what a bucket's lifecycle rules say by now: expirations, transitions and aborts of incomplete uploads. As in S3,
 * they are due at the first midnight (UTC) after the given time (S3 user guide, intro-lifecycle-rules), so once a day is enough.
 */
export function applyLifecycle(s3: S3, name: string): void {
  const bucket = s3.store.find(name);
  const document = bucket?.documents.get('lifecycle');
  if (bucket === undefined || document === undefined) return;
  const now = s3.now();
  const state = `${Math.floor(now / dayMs)} ${document}`;
  if (applied.get(bucket) === state) return;
  for (const rule of children(parseXml(document, 'LifecycleConfiguration'), 'Rule')) {
    if (textOf(rule, 'Status') === 'Enabled') applyRule(s3, bucket, rule, now);
  }
  applied.set(bucket, state);
}

function applyRule(s3: S3, bucket: Bucket, rule: XmlNode, now: number): void {
  const matches = filterOf(rule);
  const name = bucket.info.name;
  for (const expiration of children(rule, 'Expiration')) {
    for (const { key, modified } of [...bucket.objects.values()].filter(matches))
      if (isDue(expiration, 'Days', modified, now)) s3.store.delete(name, key);
  }
  for (const transition of children(rule, 'Transition')) {
    const storageClass = textOf(transition, 'StorageClass');
    if (storageClass === undefined) continue;
    for (const { key, modified, settings } of [...bucket.objects.values()].filter(matches)) {
      if (settings.storageClass !== storageClass && isDue(transition, 'Days', modified, now))
        s3.store.update(name, key, { ...settings, storageClass });
    }
  }
  for (const abort of children(rule, 'AbortIncompleteMultipartUpload')) {
    for (const { upload } of [...bucket.uploads.values()]) {
      if (upload.key.startsWith(prefixOf(rule)) && isDue(abort, 'DaysAfterInitiation', upload.initiated, now))
        s3.store.abortUpload(name, upload);
    }
  }
}

/** Whether an action is due for an object of this age. An action without days or a date never is. */
function isDue(action: XmlNode, days: string, since: number, now: number): boolean {
  const date = textOf(action, 'Date');
  if (date !== undefined) return now >= Date.parse(date);
  const count = textOf(action, days);
  return count !== undefined && now >= Math.ceil((since + Number(count) * dayMs) / dayMs) * dayMs;
}

/** The elements that restrict a rule: those of its filter, or of the filter's `And`. */
function conditionsOf(rule: XmlNode): readonly XmlNode[] {
  const filters = children(rule, 'Filter');
  return [rule, ...filters, ...filters.flatMap((filter) => children(filter, 'And'))];
}

function prefixOf(rule: XmlNode): string {
  for (const node of conditionsOf(rule)) {
    const prefix = textOf(node, 'Prefix');
    if (prefix !== undefined) return prefix;
  }
  return '';
}

function filterOf(rule: XmlNode): (object: StoredObject) => boolean {
  const nodes = conditionsOf(rule);
  const prefix = prefixOf(rule);
  const tags = nodes.flatMap((node) => children(node, 'Tag'));
  const bound = (name: string, fallback: number): number =>
    Number(nodes.map((node) => textOf(node, name)).find((value) => value !== undefined) ?? fallback);
  const [above, below] = [
    bound('ObjectSizeGreaterThan', -1),
    bound('ObjectSizeLessThan', Number.POSITIVE_INFINITY),
  ];
  return ({ key, size, settings }) =>
    key.startsWith(prefix) &&
    size > above &&
    size < below &&
    tags.every((tag) => getOwn(settings.tags, textOf(tag, 'Key') ?? '') === textOf(tag, 'Value'));
}
