import { ServiceError } from '../http/http.ts';
import { invalidArgument, sendEmpty } from './s3Errors.ts';
import type { Operation } from './request.ts';
import { checkTags, readBody } from './request.ts';
import type { XmlNode } from './xml.ts';
import { children, malformedXml, parseXml, sendXml, textOf } from './xml.ts';

/** A document that a bucket may have. It is kept as it was sent; what it asks for is not done, but for default encryption. */
interface DocumentKind {
  /** What S3 answers where there is none. */
  readonly missing: readonly [code: string, message: string];
  readonly putStatus: 200 | 204;
  readonly type: string;
  /** @throws ServiceError where S3 would not take it */
  readonly check: (text: string) => void;
}

/** By the name of the sub-resource, as in `PUT /bucket?lifecycle`. */
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
    check: (text) => void readPolicy(text),
  },
};

export const documentNames = Object.keys(kinds);

export const getDocument =
  (name: string): Operation =>
  (s3, request, response) => {
    const text = s3.store.bucket(request.bucket).documents.get(name);
    const { missing, type } = kinds[name]!;
    if (text === undefined) throw new ServiceError(404, ...missing);
    response.writeHead(200, { 'Content-Type': type }).end(text);
  };

export const putDocument =
  (name: string): Operation =>
  async (s3, request, response) => {
    const bucket = s3.store.bucket(request.bucket);
    const text = (await readBody(request)).toString();
    const { check, putStatus } = kinds[name]!;
    check(text);
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
  if (policy === undefined) throw new ServiceError(404, ...kinds['policy']!.missing);
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

function checkLifecycle(root: XmlNode): void {
  const rules = children(root, 'Rule');
  if (rules.length === 0 || rules.length > 1000) throw malformedXml();
  const actions = [
    'Expiration',
    'Transition',
    'AbortIncompleteMultipartUpload',
    'NoncurrentVersionExpiration',
    'NoncurrentVersionTransition',
  ];
  for (const rule of rules) {
    if (!['Enabled', 'Disabled'].includes(textOf(rule, 'Status') ?? '')) throw malformedXml();
    const found = actions.flatMap((action) => children(rule, action));
    if (found.length === 0) {
      throw new ServiceError(400, 'InvalidRequest', 'At least one action needs to be specified in a rule.');
    }
    for (const action of found) {
      const days = textOf(action, 'Days') ?? textOf(action, 'DaysAfterInitiation');
      if (days !== undefined && !/^[1-9]\d*$/.test(days) && children(rule, 'Transition').length === 0) {
        throw invalidArgument("'Days' for Expiration action must be a positive integer");
      }
    }
  }
  const ids = rules.map((rule) => textOf(rule, 'ID')).filter((id) => id !== undefined);
  if (new Set(ids).size < ids.length) throw invalidArgument('Rule ID must be unique.');
}

function checkEncryption(root: XmlNode): void {
  const defaults = children(root, 'Rule').flatMap((rule) =>
    children(rule, 'ApplyServerSideEncryptionByDefault'),
  );
  const algorithm = defaults.length === 1 ? textOf(defaults[0]!, 'SSEAlgorithm') : undefined;
  if (algorithm === undefined || !['AES256', 'aws:kms', 'aws:kms:dsse'].includes(algorithm))
    throw malformedXml();
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
  if (!['BucketOwnerEnforced', 'BucketOwnerPreferred', 'ObjectWriter'].includes(ownership ?? '')) {
    throw malformedXml();
  }
}

function checkBucketTags(root: XmlNode): void {
  const tags = children(root, 'TagSet').flatMap((set) => children(set, 'Tag'));
  checkTags(
    tags.map((tag) => [textOf(tag, 'Key') ?? '', textOf(tag, 'Value') ?? ''] as const),
    50,
  );
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
}

function readPolicy(text: string): readonly Statement[] {
  const malformed = (why: string): ServiceError => new ServiceError(400, 'MalformedPolicy', why);
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  if (typeof policy !== 'object' || policy === null || !('Statement' in policy)) {
    throw malformed('Missing required field Statement');
  }
  const statements = [policy.Statement].flat() as readonly (Statement | null)[];
  if (statements.length === 0) throw malformed('Could not parse the policy: Statement is empty!');
  return statements.map((statement) => {
    if (typeof statement !== 'object' || statement === null)
      throw malformed('A statement has to be an object');
    if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') throw malformed('Invalid effect');
    if (statement.Principal === undefined) throw malformed('Missing required field Principal');
    return statement;
  });
}

/** True where somebody may do something without any condition. AWS looks closer at conditions than the sandbox does. */
function isPublic(policy: string): boolean {
  const isEverybody = (principal: unknown): boolean =>
    principal === '*' ||
    (typeof principal === 'object' &&
      principal !== null &&
      'AWS' in principal &&
      [principal.AWS].flat().includes('*'));
  return readPolicy(policy).some(
    ({ Effect, Principal, Condition }) =>
      Effect === 'Allow' && Condition === undefined && isEverybody(Principal),
  );
}
