import { join } from 'node:path';
import type { Principal, ServiceHandler } from '../http/http.ts';
import { ServiceError } from '../http/http.ts';
import { readParameters, sendQueryError, sendResult } from '../http/query.ts';
import type { Roles } from '../roles.ts';
import { judge } from './evaluatePolicy.ts';
import type { IamContext, Operation } from './iamRequest.ts';
import { iamParameters } from './iamRequest.ts';
import type { Identity } from './iamState.ts';
import { IamState } from './iamState.ts';
import {
  createRole,
  deleteRole,
  getRole,
  getUser,
  listRoles,
  updateAssumeRolePolicy,
} from './identityOperations.ts';
import {
  attachPolicy,
  createPolicy,
  deleteInlinePolicy,
  deletePolicy,
  detachPolicy,
  getInlinePolicy,
  getPolicy,
  getPolicyVersion,
  listAttachedPolicies,
  listInlinePolicies,
  putInlinePolicy,
  simulatePrincipalPolicy,
} from './policyOperations.ts';
import { seedIam } from './seedIam.ts';

const namespace = 'https://iam.amazonaws.com/doc/2010-05-08/';

export interface IamOptions {
  /** The sandbox's data folder; IAM's part is `iam` in it. */
  readonly dataDir: string;
  readonly account: string;
  readonly region: string;
  /** The user that the sandbox's printed key belongs to. */
  readonly user: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Iam extends ServiceHandler, Roles {
  /** @throws ServiceError 403 if the policies of `principal` don't allow it */
  authorize(principal: Principal, action: string, resource: string): void;
  close(): void;
}

const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries({
    CreateRole: createRole,
    GetRole: getRole,
    ListRoles: listRoles,
    DeleteRole: deleteRole,
    UpdateAssumeRolePolicy: updateAssumeRolePolicy,
    PutRolePolicy: putInlinePolicy('role'),
    GetRolePolicy: getInlinePolicy('role'),
    DeleteRolePolicy: deleteInlinePolicy('role'),
    ListRolePolicies: listInlinePolicies('role'),
    AttachRolePolicy: attachPolicy('role'),
    DetachRolePolicy: detachPolicy('role'),
    ListAttachedRolePolicies: listAttachedPolicies('role'),

    GetUser: getUser,
    PutUserPolicy: putInlinePolicy('user'),
    GetUserPolicy: getInlinePolicy('user'),
    DeleteUserPolicy: deleteInlinePolicy('user'),
    ListUserPolicies: listInlinePolicies('user'),
    AttachUserPolicy: attachPolicy('user'),
    DetachUserPolicy: detachPolicy('user'),
    ListAttachedUserPolicies: listAttachedPolicies('user'),

    CreatePolicy: createPolicy,
    GetPolicy: getPolicy,
    GetPolicyVersion: getPolicyVersion,
    DeletePolicy: deletePolicy,
    SimulatePrincipalPolicy: simulatePrincipalPolicy,
  }),
);

/**
 * Identity and Access Management as far as a setup needs it: roles with trust, inline and attached policies, policies of the
 * sandbox's user, managed policies, SimulatePrincipalPolicy. Callers need the permission for what they ask.
 * Begins with the roles PinpointImport and PinpointExport, which work with every project and bucket of the sandbox.
 */
export function createIam({ dataDir, account, region, user, now }: IamOptions): Iam {
  const state = new IamState(join(dataDir, 'iam'));
  if (state.isNew) seedIam(state, { account, region, user, now });
  const context: IamContext = { state, account, user, now };

  const authorize: Iam['authorize'] = ({ arn }, action, resource) => {
    const identity = identityOf(state, arn);
    // Roles that only STS knows may do everything: code that only speaks Pinpoint needn't create one first.
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
      const form = await readParameters(request);
      const name = form.get('Action') ?? '';
      const operation = operations.get(name);
      if (operation === undefined) {
        const known = [...operations.keys()].join(', ');
        throw new ServiceError(400, 'InvalidAction', `The sandbox's IAM has ${known}, but no '${name}'.`);
      }
      const parameters = iamParameters(form);
      const role = parameters.optional('RoleName');
      const resource =
        role === undefined ? '*' : (state.find('role', role)?.arn ?? `arn:aws:iam::${account}:role/${role}`);
      authorize(request.principal, `iam:${name}`, resource);
      sendResult(response, request.id, name, namespace, operation(context, parameters) ?? undefined);
    },

    sendError: (response, requestId, error) => sendQueryError(response, requestId, namespace, error),

    authorize,

    check({ roleArn, principalArn, projectArn, needs }) {
      const role = state.list('role').find(({ arn }) => arn === roleArn);
      if (role === undefined) return 'ok';
      const caller = principalArn === undefined ? undefined : identityOf(state, principalArn);
      const passRole = {
        action: 'iam:PassRole',
        resource: roleArn,
        keys: { 'iam:passedtoservice': 'pinpoint.amazonaws.com' },
      };
      if (caller && judge(state.documentsOf(caller), passRole) !== 'allowed') return 'not-passable';
      const assumeRole = {
        action: 'sts:AssumeRole',
        who: 'Service pinpoint.amazonaws.com',
        keys: { 'aws:sourceaccount': account, 'aws:sourcearn': projectArn },
      };
      if (judge([role.trust!], assumeRole) !== 'allowed') return 'not-assumable';
      const documents = state.documentsOf(role);
      const keys = { 'aws:requestedregion': region, 'aws:securetransport': 'true' };
      const isAllowed = needs.every(
        ([action, resource]) => judge(documents, { action, resource, keys }) === 'allowed',
      );
      return isAllowed ? 'ok' : 'no-access';
    },

    close: () => state.close(),
  };
}

/** The user or role behind the ARN of a user or of a role's session. */
function identityOf(state: IamState, arn: string): Identity | undefined {
  const role = /:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  if (role !== undefined) return state.find('role', role);
  return arn.includes(':user/') ? state.find('user', arn.slice(arn.lastIndexOf('/') + 1)) : undefined;
}
