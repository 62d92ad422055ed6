import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Principal, ServiceHandler } from '../http/http.ts';
import { ServiceError } from '../http/http.ts';
import { readParameters, sendQueryError, sendResult } from '../http/query.ts';
import type { Roles } from '../roles.ts';
import type { XmlValue } from '../s3/xml.ts';
import { judge, keysOf, statementsOf } from './evaluatePolicy.ts';
import type { Identity } from './iamState.ts';
import { IamState, noSuch } from './iamState.ts';

const namespace = 'https://iam.amazonaws.com/doc/2010-05-08/';

export interface IamOptions {
  /** The sandbox's data folder; IAM's part is `iam` in it. */
  readonly dataDir: string;
  readonly account: string;
  readonly region: string;
  /** The user that the sandbox's printed key belongs to. */
  readonly user: string;
  readonly now: () => number;
}

export interface Iam extends ServiceHandler, Roles {
  /** @throws ServiceError 403 where what IAM knows of `principal` does not allow it */
  authorize(principal: Principal, action: string, resource: string): void;
  close(): void;
}

interface Call {
  readonly get: (name: string) => string;
  readonly optional: (name: string) => string | undefined;
  readonly list: (name: string) => readonly string[];
}

/**
 * Identity and Access Management as far as a set-up needs it: roles with trust, inline and attached policies, policies of the
 * user that the sandbox has, managed policies, SimulatePrincipalPolicy. Callers need the permission for what they ask.
 * Begins with the roles PinpointImport and PinpointExport, which work with every project and bucket of the sandbox.
 */
export function createIam(options: IamOptions): Iam {
  const { account, region } = options;
  const state = new IamState(join(options.dataDir, 'iam'));
  const created = (): string => new Date(options.now()).toISOString();
  if (state.isNew) seed(state, options, created());

  const role = (call: Call): Identity => state.identity('role', call.get('RoleName'));
  const user = (call: Call): Identity => state.identity('user', call.get('UserName'));

  /** The actions on policies are the same for roles and users, but for their names. */
  const policyActions = (kind: 'Role' | 'User', find: (call: Call) => Identity): Record<string, Action> => ({
    [`Put${kind}Policy`]: (call) => {
      const identity = find(call);
      const document = readPolicy(call.get('PolicyDocument'), 'identity');
      state.put({ ...identity, inline: { ...identity.inline, [call.get('PolicyName')]: document } });
    },
    [`Get${kind}Policy`]: (call) => {
      const identity = find(call);
      const name = call.get('PolicyName');
      const document = identity.inline[name];
      if (document === undefined)
        throw noSuch(`The ${identity.kind} policy with name ${name} cannot be found.`);
      return { [`${kind}Name`]: identity.name, PolicyName: name, PolicyDocument: encode(document) };
    },
    [`Delete${kind}Policy`]: (call) => {
      const identity = find(call);
      const { [call.get('PolicyName')]: gone, ...inline } = identity.inline;
      if (gone === undefined) throw noSuch(`The ${identity.kind} policy cannot be found.`);
      state.put({ ...identity, inline });
    },
    [`List${kind}Policies`]: (call) => page('PolicyNames', Object.keys(find(call).inline).sort()),
    [`Attach${kind}Policy`]: (call) => {
      const identity = find(call);
      const { arn } = state.policy(call.get('PolicyArn'));
      state.put({ ...identity, attached: [...new Set([...identity.attached, arn])] });
    },
    [`Detach${kind}Policy`]: (call) => {
      const identity = find(call);
      const arn = call.get('PolicyArn');
      if (!identity.attached.includes(arn)) throw noSuch(`Policy ${arn} was not found.`);
      state.put({ ...identity, attached: identity.attached.filter((other) => other !== arn) });
    },
    [`ListAttached${kind}Policies`]: (call) =>
      page(
        'AttachedPolicies',
        find(call).attached.map((arn) => ({ PolicyName: state.policy(arn).name, PolicyArn: arn })),
      ),
  });

  const actions: Record<string, Action> = {
    CreateRole: (call) => {
      const name = call.get('RoleName');
      if (!/^[\w+=,.@-]{1,64}$/.test(name))
        throw invalid(`The specified value for roleName is invalid: ${name}`);
      if (state.find('role', name)) {
        throw new ServiceError(409, 'EntityAlreadyExists', `Role with name ${name} already exists.`);
      }
      const path = call.optional('Path') ?? '/';
      const description = call.optional('Description');
      const made: Identity = {
        ...newIdentity('role', name, path, account, created()),
        trust: readPolicy(call.get('AssumeRolePolicyDocument'), 'trust'),
        ...(description !== undefined && { description }),
      };
      state.put(made);
      return { Role: roleXml(made) };
    },
    GetRole: (call) => ({ Role: roleXml(role(call)) }),
    ListRoles: () => page('Roles', state.list('role').map(roleXml)),
    DeleteRole: (call) => {
      const found = role(call);
      if (Object.keys(found.inline).length + found.attached.length > 0) {
        throw new ServiceError(409, 'DeleteConflict', 'Cannot delete entity, must delete policies first.');
      }
      state.delete(found);
    },
    UpdateAssumeRolePolicy: (call) => {
      state.put({ ...role(call), trust: readPolicy(call.get('PolicyDocument'), 'trust') });
    },
    GetUser: (call) => {
      const {
        name,
        path,
        id,
        arn,
        created: at,
      } = state.identity('user', call.optional('UserName') ?? options.user);
      return { User: { Path: path, UserName: name, UserId: id, Arn: arn, CreateDate: at } };
    },
    ...policyActions('Role', role),
    ...policyActions('User', user),

    CreatePolicy: (call) => {
      const name = call.get('PolicyName');
      const arn = `arn:aws:iam::${account}:policy/${name}`;
      state.putPolicy({
        arn,
        name,
        created: created(),
        document: readPolicy(call.get('PolicyDocument'), 'identity'),
      });
      return {
        Policy: { PolicyName: name, Arn: arn, Path: '/', DefaultVersionId: 'v1', IsAttachable: true },
      };
    },
    GetPolicy: (call) => {
      const { name, arn, created: at } = state.policy(call.get('PolicyArn'));
      return {
        Policy: {
          PolicyName: name,
          Arn: arn,
          Path: '/',
          DefaultVersionId: 'v1',
          IsAttachable: true,
          CreateDate: at,
        },
      };
    },
    GetPolicyVersion: (call) => {
      const { document, created: at } = state.policy(call.get('PolicyArn'));
      if (call.get('VersionId') !== 'v1') throw noSuch('The policy has the version v1 only.');
      const version = { Document: encode(document), VersionId: 'v1', IsDefaultVersion: true, CreateDate: at };
      return { PolicyVersion: version };
    },
    DeletePolicy: (call) => {
      state.deletePolicy(state.policy(call.get('PolicyArn')).arn);
    },

    SimulatePrincipalPolicy: (call) => {
      const arn = call.get('PolicySourceArn');
      const identity = [...state.list('role'), ...state.list('user')].find((known) => known.arn === arn);
      if (identity === undefined) throw noSuch(`The entity with ARN ${arn} cannot be found.`);
      const documents = state.documentsOf(identity);
      const keys = contextOf(call);
      const missing = keysOf(documents).filter((key) => !(key in keys));
      const resources = call.list('ResourceArns');
      const results = call.list('ActionNames').flatMap((action) =>
        (resources.length > 0 ? resources : ['*']).map((resource) => ({
          EvalActionName: action,
          EvalResourceName: resource,
          EvalDecision: judge(documents, { action, resource, keys }),
          MissingContextValues: { member: missing },
        })),
      );
      return page('EvaluationResults', results);
    },
  };

  const authorize: Iam['authorize'] = ({ arn }, action, resource) => {
    const identity = identityOf(state, arn);
    // Roles that only STS has heard of may do everything, as they did before the sandbox had an IAM.
    if (identity === undefined || judge(state.documentsOf(identity), { action, resource }) === 'allowed')
      return;
    throw new ServiceError(
      403,
      'AccessDenied',
      `User: ${arn} is not authorized to perform: ${action} on resource: ${resource}`,
    );
  };

  return {
    service: 'iam',

    async handle(request, response) {
      const parameters = await readParameters(request);
      const name = parameters.get('Action') ?? '';
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (action === undefined) {
        const known = Object.keys(actions).join(', ');
        throw new ServiceError(400, 'InvalidAction', `The sandbox's IAM has ${known}, but no '${name}'.`);
      }
      const call = readCall(parameters);
      const resource = call.optional('RoleName');
      authorize(
        request.principal,
        `iam:${name}`,
        resource === undefined
          ? '*'
          : (state.find('role', resource)?.arn ?? `arn:aws:iam::${account}:role/${resource}`),
      );
      sendResult(response, request.id, name, namespace, action(call) ?? undefined);
    },

    sendError: (response, requestId, error) => sendQueryError(response, requestId, namespace, error),

    authorize,

    check({ roleArn, principalArn, projectArn, needs }) {
      const used = state.list('role').find(({ arn }) => arn === roleArn);
      if (used === undefined) return 'ok';
      const caller = principalArn === undefined ? undefined : identityOf(state, principalArn);
      const passing = {
        action: 'iam:PassRole',
        resource: roleArn,
        keys: { 'iam:passedtoservice': 'pinpoint.amazonaws.com' },
      };
      if (caller && judge(state.documentsOf(caller), passing) !== 'allowed') return 'not-passable';
      const assuming = {
        action: 'sts:AssumeRole',
        who: 'Service pinpoint.amazonaws.com',
        keys: { 'aws:sourceaccount': account, 'aws:sourcearn': projectArn },
      };
      if (judge([used.trust!], assuming) !== 'allowed') return 'not-assumable';
      const documents = state.documentsOf(used);
      const keys = { 'aws:requestedregion': region, 'aws:securetransport': 'true' };
      const may = needs.every(
        ([action, resource]) => judge(documents, { action, resource, keys }) === 'allowed',
      );
      return may ? 'ok' : 'no-access';
    },

    close: () => state.close(),
  };
}

// eslint-disable-next-line @typescript-eslint/no-invalid-void-type -- an action without a result says nothing
type Action = (call: Call) => XmlValue | void;

/** What a new sandbox has: a user who may do everything, and the two roles that imports and exports need. */
function seed(state: IamState, { account, region, user }: IamOptions, created: string): void {
  state.put({
    ...newIdentity('user', user, '/', account, created),
    id: 'AIDASANDBOXSANDBOX000',
    attached: ['arn:aws:iam::aws:policy/AdministratorAccess'],
  });
  const trust = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'pinpoint.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: {
          StringEquals: { 'aws:SourceAccount': account },
          ArnLike: { 'aws:SourceArn': `arn:aws:mobiletargeting:${region}:${account}:apps/*` },
        },
      },
    ],
  });
  const bucketAndObjects = 'arn:aws:s3:::*';
  const roles = {
    PinpointImport: [
      { Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: bucketAndObjects },
    ],
    PinpointExport: [
      {
        Effect: 'Allow',
        Action: ['s3:PutObject', 's3:GetObject', 's3:DeleteObject', 's3:ListBucket', 's3:GetBucketLocation'],
        Resource: bucketAndObjects,
      },
      { Effect: 'Allow', Action: 's3:ListAllMyBuckets', Resource: '*' },
    ],
  };
  for (const [name, Statement] of Object.entries(roles)) {
    state.put({
      ...newIdentity('role', name, '/', account, created),
      trust,
      inline: { Staging: JSON.stringify({ Version: '2012-10-17', Statement }) },
    });
  }
}

function newIdentity(
  kind: Identity['kind'],
  name: string,
  path: string,
  account: string,
  created: string,
): Identity {
  const id = (kind === 'role' ? 'AROA' : 'AIDA') + randomBytes(9).toString('hex').slice(0, 17).toUpperCase();
  return {
    kind,
    name,
    path,
    id,
    arn: `arn:aws:iam::${account}:${kind}${path}${name}`,
    created,
    inline: {},
    attached: [],
  };
}

/** The user or role behind the ARN of a user or of a session of a role. */
function identityOf(state: IamState, arn: string): Identity | undefined {
  const role = /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  if (role !== undefined) return state.find('role', role);
  return arn.includes(':user/') ? state.find('user', arn.slice(arn.lastIndexOf('/') + 1)) : undefined;
}

function readCall(parameters: URLSearchParams): Call {
  const optional = (name: string): string | undefined => parameters.get(name) ?? undefined;
  return {
    optional,
    get: (name) => {
      const value = optional(name);
      if (value === undefined || value === '')
        throw invalid(`1 validation error detected: ${name} must not be null`);
      return value;
    },
    list: (name) => {
      const values: string[] = [];
      for (let at = 1; parameters.has(`${name}.member.${at}`); at += 1)
        values.push(parameters.get(`${name}.member.${at}`)!);
      return values;
    },
  };
}

function contextOf({ optional }: Call): Record<string, string> {
  const keys: Record<string, string> = {};
  for (let at = 1; ; at += 1) {
    const name = optional(`ContextEntries.member.${at}.ContextKeyName`);
    if (name === undefined) return keys;
    keys[name.toLowerCase()] = optional(`ContextEntries.member.${at}.ContextKeyValues.member.1`) ?? '';
  }
}

/** @throws ServiceError `MalformedPolicyDocument` where IAM would not take it */
function readPolicy(text: string, kind: 'trust' | 'identity'): string {
  const malformed = (why: string): ServiceError => new ServiceError(400, 'MalformedPolicyDocument', why);
  let statements;
  try {
    statements = statementsOf(text);
  } catch {
    throw malformed('Syntax errors in policy.');
  }
  for (const statement of statements) {
    if (typeof statement !== 'object' || !['Allow', 'Deny'].includes(String(statement['Effect']))) {
      throw malformed('Syntax errors in policy.');
    }
    if (!('Action' in statement) && !('NotAction' in statement))
      throw malformed('Policy statement must contain actions.');
    const namesResource = 'Resource' in statement || 'NotResource' in statement;
    const namesPrincipal = 'Principal' in statement || 'NotPrincipal' in statement;
    if (kind === 'trust' && namesResource) throw malformed('Has prohibited field Resource');
    if (kind === 'trust' && !namesPrincipal) throw malformed('AssumeRole policy must contain principals');
    if (kind === 'identity' && namesPrincipal)
      throw malformed('Policy document should not specify a principal.');
    if (kind === 'identity' && !namesResource) throw malformed('Policy statement must contain resources.');
  }
  return text;
}

function roleXml({ name, path, id, arn, created, trust, description }: Identity): XmlValue {
  return {
    Path: path,
    RoleName: name,
    RoleId: id,
    Arn: arn,
    CreateDate: created,
    AssumeRolePolicyDocument: encode(trust!),
    Description: description,
    MaxSessionDuration: 3600,
  };
}

/** Lists are never so long here that they come in pages. */
function page(name: string, items: readonly XmlValue[]): XmlValue {
  return { [name]: { member: items }, IsTruncated: false };
}

/** Documents come percent-encoded (IAM API reference, GetRolePolicy). */
function encode(document: string): string {
  return encodeURIComponent(document);
}

function invalid(message: string): ServiceError {
  return new ServiceError(400, 'ValidationError', message);
}
