import { ServiceError } from '../http/http.ts';
import { policyProblem } from '../iam/policyDocuments.ts';
import { requireOwnerEnforced } from './accessControl.ts';
import { invalidArgument, sendEmpty } from './s3Errors.ts';
import { encryptionAlgorithms } from './model.ts';
import type { Operation } from './request.ts';
import { readBody, readTagSet } from './request.ts';
import type { XmlNode } from './xml.ts';
import { children, malformedXml, parseXml, sendXml, textOf } from './xml.ts';
import { getOwn } from '../../ownMember.ts';

/** A document of a bucket, stored as sent. For the effect of a lifecycle, see `applyLifecycle`. */
interface DocumentKind {
  /** S3's error if the bucket doesn't have one. */
  readonly missing: readonly [code: string, message: string];
  readonly putStatus: 200 | 204;
  readonly type: string;
  /** @throws ServiceError if S3 would reject it */
  readonly check: (text: string, bucket: string) => void;
}

/** By sub-resource, as in `PUT /bucket?lifecycle`. */
const kinds: Record<string, DocumentKind> = {
  lifecycle: xmlKind('LifecycleConfiguration', 200, checkLifecycle, [
    'NoSuchLifecycleConfiguration',
    'The lifecycle configuration does not exist',
  ]),
  encryption: xmlKind('ServerSideEncryptionConfiguration', 200, checkEncryption, [
    'ServerSideEncryptionConfigurationNotFoundError',
    'The server side encryption configuration was not found',
  ]),
  publicAccessBlock: xmlKind('PublicAccessBlockConfiguration', 200, checkPublicAccessBlock, [
    'NoSuchPublicAccessBlockConfiguration',
    'The public access block configuration was not found',
  ]),
  ownershipControls: xmlKind('OwnershipControls', 200, checkOwnership, [
    'OwnershipControlsNotFoundError',
    'The bucket ownership controls were not found',
  ]),
  tagging: xmlKind('Tagging', 204, checkBucketTags, ['NoSuchTagSet', 'The TagSet does not exist']),
  policy: {
    missing: ['NoSuchBucketPolicy', 'The bucket policy does not exist'],
    putStatus: 204,
    type: 'application/json',
    check: checkPolicy,
  },
};

export const documentNames = Object.keys(kinds);

export const getDocument =
  (name: string): Operation =>
  (s3, request, response) => {
    const text = s3.store.bucket(request.bucket).documents.get(name);
    const { missing, type } = getOwn(kinds, name)!;
    if (text === undefined) throw new ServiceError(404, ...missing, { BucketName: request.bucket });
    response.writeHead(200, { 'Content-Type': type }).end(text);
  };

export const putDocument =
  (name: string): Operation =>
  async (s3, request, response) => {
    const bucket = s3.store.bucket(request.bucket);
    const text = (await readBody(request)).toString();
    const { check, putStatus } = getOwn(kinds, name)!;
    check(text, request.bucket);
    const blocked = bucket.documents.get('publicAccessBlock');
    if (name === 'policy' && isPublic(text) && blocked !== undefined && blocksPublicPolicies(blocked)) {
      throw new ServiceError(
        403,
        'AccessDenied',
        'Public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.',
      );
    }
    s3.store.setDocument(request.bucket, name, text);
    sendEmpty(response, putStatus);
  };

export const deleteDocument =
  (name: string): Operation =>
  (s3, request, response) => {
    s3.store.setDocument(request.bucket, name, undefined);
    sendEmpty(response, 204);
  };

export const getPolicyStatus: Operation = (s3, request, response) => {
  const policy = s3.store.bucket(request.bucket).documents.get('policy');
  if (policy === undefined)
    throw new ServiceError(404, ...kinds['policy']!.missing, { BucketName: request.bucket });
  sendXml(response, 200, 'PolicyStatus', { IsPublic: isPublic(policy) ? 'TRUE' : 'FALSE' });
};

function xmlKind(
  root: string,
  putStatus: 200 | 204,
  check: (root: XmlNode) => void,
  missing: DocumentKind['missing'],
): DocumentKind {
  return {
    missing,
    putStatus,
    type: 'application/xml',
    check: (text) => {
      check(parseXml(text, root));
    },
  };
}

/** S3 API reference, LifecycleRule and PutBucketLifecycleConfiguration. */
function checkLifecycle(root: XmlNode): void {
  const rules = children(root, 'Rule');
  if (rules.length === 0 || rules.length > 1000) throw malformedXml();
  for (const rule of rules) checkLifecycleRule(rule);
  const ids = rules.map((rule) => textOf(rule, 'ID')).filter((id) => id !== undefined);
  if (new Set(ids).size < ids.length)
    throw invalidArgument('Rule ID must be unique. Found same ID for more than one rule');
}

const lifecycleActions = [
  'Expiration',
  'Transition',
  'AbortIncompleteMultipartUpload',
  'NoncurrentVersionExpiration',
  'NoncurrentVersionTransition',
];

function checkLifecycleRule(rule: XmlNode): void {
  if (!['Enabled', 'Disabled'].includes(textOf(rule, 'Status') ?? '')) throw malformedXml();
  if (Array.from(textOf(rule, 'ID') ?? '').length > 255)
    throw invalidArgument('ID length should not exceed allowed limit of 255');
  const [filter] = children(rule, 'Filter');
  if ((filter === undefined) === (textOf(rule, 'Prefix') === undefined)) throw malformedXml();
  const actions = lifecycleActions.flatMap((name) => children(rule, name).map((node) => ({ name, node })));
  if (actions.length === 0) {
    throw new ServiceError(400, 'InvalidRequest', 'At least one action needs to be specified in a rule');
  }
  for (const { name, node } of actions) {
    const when = ['Days', 'Date', 'ExpiredObjectDeleteMarker'].filter(
      (member) => textOf(node, member) !== undefined,
    );
    if ((name === 'Expiration' || name === 'Transition') && when.length !== 1) throw malformedXml();
    const days =
      textOf(node, 'Days') ?? textOf(node, 'DaysAfterInitiation') ?? textOf(node, 'NoncurrentDays');
    const minDays = name === 'Transition' || name === 'NoncurrentVersionTransition' ? 0 : 1;
    if (days !== undefined && (!/^\d+$/.test(days) || Number(days) < minDays)) {
      throw invalidArgument(
        `'Days' for ${name} action must be a ${minDays === 0 ? 'nonnegative' : 'positive'} integer`,
      );
    }
    const date = textOf(node, 'Date');
    if (date !== undefined && !/T00:00:00(?:\.0+)?(?:Z|[+]00:00)$/.test(date)) {
      throw invalidArgument("'Date' must be at midnight GMT");
    }
  }
  const hasTags =
    filter !== undefined &&
    (children(filter, 'Tag').length > 0 ||
      children(filter, 'And').some((and) => children(and, 'Tag').length > 0));
  if (hasTags && actions.some(({ name }) => name === 'AbortIncompleteMultipartUpload')) {
    throw new ServiceError(
      400,
      'InvalidRequest',
      'AbortIncompleteMultipartUpload cannot be specified with Tags.',
    );
  }
}

function checkEncryption(root: XmlNode): void {
  const defaults = children(root, 'Rule').flatMap((rule) =>
    children(rule, 'ApplyServerSideEncryptionByDefault'),
  );
  const algorithm = defaults.length === 1 ? textOf(defaults[0]!, 'SSEAlgorithm') : undefined;
  if (algorithm === undefined || !encryptionAlgorithms.includes(algorithm)) throw malformedXml();
  if (algorithm === 'AES256' && textOf(defaults[0]!, 'KMSMasterKeyID') !== undefined) {
    throw invalidArgument('a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms');
  }
}

function checkPublicAccessBlock(root: XmlNode): void {
  const names = ['BlockPublicAcls', 'IgnorePublicAcls', 'BlockPublicPolicy', 'RestrictPublicBuckets'];
  const values = names.map((name) => textOf(root, name)).filter((value) => value !== undefined);
  const areBooleans = values.every((value) => /^(?:true|false)$/i.test(value));
  if (values.length === 0 || !areBooleans) throw malformedXml();
}

function checkOwnership(root: XmlNode): void {
  const [rule] = children(root, 'Rule');
  const ownership = rule === undefined ? undefined : textOf(rule, 'ObjectOwnership');
  requireOwnerEnforced(ownership ?? '', malformedXml);
}

function checkBucketTags(root: XmlNode): void {
  readTagSet(root, 50);
}

function blocksPublicPolicies(document: string): boolean {
  return (
    textOf(parseXml(document, 'PublicAccessBlockConfiguration'), 'BlockPublicPolicy')?.toLowerCase() ===
    'true'
  );
}

interface Statement {
  readonly Effect?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
}

function checkPolicy(text: string, bucket: string): void {
  const malformed = (why: string): ServiceError => new ServiceError(400, 'MalformedPolicy', why);
  if (!text.trimStart().startsWith('{'))
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  const problem = policyProblem(text, 'resource');
  if (problem !== undefined) throw malformed(problem);
  for (const { Resource, NotResource } of statementsOf(text)) {
    for (const resource of [Resource ?? NotResource].flat()) {
      const name = /^arn:[^:]+:s3:::([^/]+)/.exec(String(resource))?.[1];
      const isOwn = name === bucket || (name !== undefined && /[*?]/.test(name));
      if (!isOwn && resource !== '*') throw malformed('Policy has invalid resource');
    }
  }
}

function statementsOf(policy: string): readonly Statement[] {
  return [(JSON.parse(policy) as { Statement: Statement | Statement[] }).Statement].flat();
}

/** True if a statement allows something to everybody without conditions. AWS also evaluates conditions. */
function isPublic(policy: string): boolean {
  const isEverybody = (principal: unknown): boolean =>
    principal === '*' ||
    (typeof principal === 'object' &&
      principal !== null &&
      'AWS' in principal &&
      [principal.AWS].flat().includes('*'));
  return statementsOf(policy).some(
    ({ Effect, Principal, Condition }) =>
      Effect === 'Allow' && Condition === undefined && isEverybody(Principal),
  );
}
