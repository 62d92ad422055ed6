import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { privateFolder } from '../../permissions.ts';
import { readAll } from '../http/body.ts';
import type { Access, Actor, Authority } from '../authority.ts';
import type { ServiceHandler } from '../http/http.ts';
import { actorOf, ServiceError } from '../http/http.ts';
import { policyProblem } from '../iam/policyDocuments.ts';
import { Journal } from '../storage/stateJournal.ts';
import { getOwn } from '../../ownMember.ts';

interface Key {
  readonly id: string;
  readonly arn: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  readonly policy: string;
  readonly description: string;
  readonly alias?: string;
}

export interface KmsOptions {
  /** The sandbox's data folder; KMS uses `kms` in it. */
  readonly dataDir: string;
  readonly account: string;
  readonly iam: Authority;
  readonly now: () => number;
}

/** KMS keys, as S3 uses them. */
export interface DataKeys {
  /**
   * Checks that `actor` may use a key for an object.
   *
   * @param keyId an Id, ARN or alias
   * @throws ServiceError with S3's codes: `KMS.NotFoundException`, `KMS.DisabledException`, `KMS.KMSInvalidStateException`, `AccessDenied`
   */
  use(keyId: string, action: 'kms:GenerateDataKey' | 'kms:Decrypt', actor: Actor): void;
}

export interface Kms extends ServiceHandler, DataKeys {
  close(): void;
}

type Body = Readonly<Record<string, unknown>>;

/**
 * The parts of Key Management Service that a setup needs: keys, their policies, states and aliases. Nothing is encrypted: the
 * sandbox's S3 stores plain objects on this machine's disk.
 */
export function createKms({ dataDir, account, iam, now }: KmsOptions): Kms {
  const dir = join(dataDir, 'kms');
  mkdirSync(dir, { recursive: true, mode: privateFolder });
  const keys = new Map<string, Key>();
  const journal = Journal.open<Key>(join(dir, 'journal.ndjson'), (key) => keys.set(key.id, key));
  const save = (key: Key): Key => {
    journal.append(key);
    keys.set(key.id, key);
    return key;
  };
  const find = (body: Body, region: string): Key => {
    const name = text(body, 'KeyId');
    const local = name.replace(`arn:aws:kms:${region}:${account}:`, '').replace(/^key\//, '');
    const key = keys.get(local) ?? [...keys.values()].find(({ alias }) => alias === local);
    const isHere = key?.arn.split(':')[3] === region;
    if (key === undefined || !isHere)
      throw new ServiceError(400, 'NotFoundException', `Key '${name}' does not exist`);
    return key;
  };
  const metadata = ({ id, arn, created, state, description }: Key): object => ({
    AWSAccountId: account,
    Arn: arn,
    CreationDate: created / 1000,
    Description: description,
    Enabled: state === 'Enabled',
    KeyId: id,
    KeyManager: 'CUSTOMER',
    KeySpec: 'SYMMETRIC_DEFAULT',
    KeyState: state,
    KeyUsage: 'ENCRYPT_DECRYPT',
    MultiRegion: false,
    Origin: 'AWS_KMS',
  });
  const policyOf = (body: Body): string =>
    body['Policy'] === undefined ? accountPolicy(account) : keyPolicy(text(body, 'Policy'));
  const setState =
    (state: Key['state']) =>
    (body: Body, region: string): object => {
      const key = find(body, region);
      if (key.state === 'PendingDeletion') throw invalidState(key);
      save({ ...key, state });
      return {};
    };

  const actions: Record<string, (body: Body, region: string) => object> = {
    CreateKey: (body, region) => {
      const id = randomUUID();
      const policy = policyOf(body);
      const arn = `arn:aws:kms:${region}:${account}:key/${id}`;
      const description = body['Description'] === undefined ? '' : text(body, 'Description');
      return {
        KeyMetadata: metadata(save({ id, arn, created: now(), state: 'Enabled', policy, description })),
      };
    },
    DescribeKey: (body, region) => ({ KeyMetadata: metadata(find(body, region)) }),
    GetKeyPolicy: (body, region) => ({ Policy: find(body, region).policy, PolicyName: 'default' }),
    PutKeyPolicy: (body, region) => {
      save({ ...find(body, region), policy: keyPolicy(text(body, 'Policy')) });
      return {};
    },
    ListKeys: (_body, region) => ({
      Keys: [...keys.values()]
        .filter(({ arn }) => arn.split(':')[3] === region)
        .map(({ id, arn }) => ({ KeyId: id, KeyArn: arn })),
      Truncated: false,
    }),
    CreateAlias: (body, region) => {
      save({ ...find({ KeyId: body['TargetKeyId'] }, region), alias: text(body, 'AliasName') });
      return {};
    },
    EnableKey: setState('Enabled'),
    DisableKey: setState('Disabled'),
    ScheduleKeyDeletion: (body, region) => {
      const days = body['PendingWindowInDays'] ?? 30;
      if (typeof days !== 'number' || !Number.isInteger(days) || days < 7 || days > 30)
        throw new ServiceError(400, 'ValidationException', 'PendingWindowInDays must be 7 to 30');
      const key = find(body, region);
      setState('PendingDeletion')(body, region);
      return {
        KeyId: key.arn,
        KeyState: 'PendingDeletion',
        DeletionDate: now() / 1000 + days * 86_400,
        PendingWindowInDays: days,
      };
    },
    CancelKeyDeletion: (body, region) => {
      const key = find(body, region);
      if (key.state !== 'PendingDeletion') throw invalidState(key);
      save({ ...key, state: 'Disabled' });
      return { KeyId: key.arn };
    },
  };

  return {
    service: 'kms',

    async handle(request, response) {
      const name = String(request.headers['x-amz-target'] ?? '').replace('TrentService.', '');
      const action = getOwn(actions, name);
      if (action === undefined) {
        const known = Object.keys(actions).join(', ');
        throw new ServiceError(
          400,
          'UnknownOperationException',
          `The sandbox's KMS serves ${known}, but not '${name}'.`,
        );
      }
      const body = parse((await readAll(request.body as AsyncIterable<Buffer>)).toString());
      const actor = actorOf(request);
      const key = keyActions.has(name) ? find(keyNamedBy(body), request.region) : undefined;
      authorize(iam, { actor, action: `kms:${name}`, ...(key === undefined ? anyKey : useOf(key)) });
      if (name === 'CreateKey') refuseOtherKeys(body);
      const isPolicySet = name === 'PutKeyPolicy' || name === 'CreateKey';
      if (isPolicySet && body['BypassPolicyLockoutSafetyCheck'] !== true) {
        const changed = { arn: key?.arn ?? '*', policy: policyOf(body) };
        if (!iam.isAllowed({ actor, action: 'kms:PutKeyPolicy', ...useOf(changed) })) throw lockedOut();
      }
      send(response, 200, request.id, action(body, request.region));
    },

    sendError(response, requestId, error) {
      const { status, code, message } =
        error instanceof ServiceError
          ? error
          : new ServiceError(500, 'KMSInternalException', 'The sandbox failed.');
      send(response, status, requestId, { __type: code, message });
    },

    use(keyId, action, actor) {
      // The whole account may use the key that AWS manages for S3.
      if (keyId.endsWith('alias/aws/s3')) return;
      const refusal = (status: number, code: string, message: string): ServiceError =>
        new ServiceError(status, code, message);
      let key: Key;
      try {
        key = find({ KeyId: keyId }, actor.region);
      } catch (error) {
        throw error instanceof ServiceError ? refusal(400, 'KMS.NotFoundException', error.message) : error;
      }
      if (key.state === 'Disabled') throw refusal(400, 'KMS.DisabledException', `${key.arn} is disabled.`);
      if (key.state === 'PendingDeletion')
        throw refusal(400, 'KMS.KMSInvalidStateException', `${key.arn} is pending deletion.`);
      iam.authorize({
        actor,
        action,
        ...useOf(key),
        keys: { 'kms:ViaService': `s3.${actor.region}.amazonaws.com`, 'kms:CallerAccount': account },
      });
    },

    close: () => journal.close(),
  };
}

/** Operations on one key, which its policy must allow (KMS developer guide, key-policies). */
const keyActions = new Set([
  'DescribeKey',
  'GetKeyPolicy',
  'PutKeyPolicy',
  'CreateAlias',
  'EnableKey',
  'DisableKey',
  'ScheduleKeyDeletion',
  'CancelKeyDeletion',
]);

const keyNamedBy = (body: Body): Body => ({ KeyId: body['KeyId'] ?? body['TargetKeyId'] });

const anyKey = { resource: '*' } as const;

const useOf = ({ arn, policy }: Pick<Key, 'arn' | 'policy'>) =>
  ({ resource: arn, resourcePolicy: policy, needsResourcePolicy: true }) as const;

/** Settings of a new key that S3 can use; others are rejected (KMS API reference, CreateKey). */
const onlyValues: readonly (readonly [name: string, value: unknown])[] = [
  ['KeySpec', 'SYMMETRIC_DEFAULT'],
  ['CustomerMasterKeySpec', 'SYMMETRIC_DEFAULT'],
  ['KeyUsage', 'ENCRYPT_DECRYPT'],
  ['Origin', 'AWS_KMS'],
  ['MultiRegion', false],
  ['CustomKeyStoreId', undefined],
  ['XksKeyId', undefined],
  ['Tags', undefined],
];

function refuseOtherKeys(body: Body): void {
  const other = onlyValues.find(([name, value]) => (getOwn(body, name) ?? value) !== value)?.[0];
  if (other === undefined) return;
  const value = JSON.stringify(getOwn(body, other));
  throw new ServiceError(
    400,
    'UnsupportedOperationException',
    `The sandbox's KMS doesn't support ${other} ${value}.`,
  );
}

const invalidState = ({ arn, state }: Key): ServiceError =>
  new ServiceError(400, 'KMSInvalidStateException', `${arn} is ${state}.`);

const lockedOut = (): ServiceError =>
  new ServiceError(
    400,
    'MalformedPolicyDocumentException',
    'The new key policy will not allow you to update the key policy in the future.',
  );

/** The code is another than that of IAM. */
function authorize(iam: Authority, access: Access): void {
  try {
    iam.authorize(access);
  } catch (error) {
    throw error instanceof ServiceError
      ? new ServiceError(400, 'AccessDeniedException', error.message)
      : error;
  }
}

/** @throws ServiceError `MalformedPolicyDocumentException` */
function keyPolicy(document: string): string {
  const problem = policyProblem(document, 'resource');
  if (problem !== undefined) throw new ServiceError(400, 'MalformedPolicyDocumentException', problem);
  return document;
}

/** The default key policy: delegates everything to IAM policies (KMS developer guide, key-policy-default). */
function accountPolicy(account: string): string {
  const statement = {
    Sid: 'Enable IAM User Permissions',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
  return JSON.stringify({ Version: '2012-10-17', Id: 'key-default-1', Statement: [statement] });
}

function text(body: Body, name: string): string {
  const value = getOwn(body, name);
  if (typeof value === 'string' && value !== '') return value;
  throw new ServiceError(400, 'ValidationException', `${name} is missing`);
}

function parse(json: string): Body {
  let body: unknown;
  try {
    body = JSON.parse(json);
  } catch {
    throw new ServiceError(400, 'SerializationException', "The body isn't valid JSON.");
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body as Body;
  throw new ServiceError(400, 'SerializationException', "The body isn't a JSON object.");
}

function send(
  response: Parameters<ServiceHandler['sendError']>[0],
  status: number,
  requestId: string,
  body: object,
): void {
  response
    .writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1', 'x-amzn-RequestId': requestId })
    .end(JSON.stringify(body));
}
