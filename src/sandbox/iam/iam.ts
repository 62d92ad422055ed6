import { join } from 'node:path';
import type { Actor, Authority, ConditionKeys } from '../authority.ts';
import type { ServiceHandler } from '../http/http.ts';
import { actorOf, ServiceError } from '../http/http.ts';
import { readParameters, sendQueryError, sendResult } from '../http/query.ts';
import { evaluatePolicies } from './evaluatePolicy.ts';
import type { IamContext, Operation } from './iamRequest.ts';
import { iamParameters, refuseOtherParameters } from './iamRequest.ts';
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
  /** The sandbox's data folder; IAM uses `iam` in it. */
  readonly dataDir: string;
  readonly account: string;
  /** The owner of the sandbox's access key. */
  readonly user: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Iam extends ServiceHandler, Authority {
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
 * The parts of Identity and Access Management that a setup needs: roles with trust, inline and attached policies, policies of the
 * sandbox's user, managed policies, SimulatePrincipalPolicy. Callers need permissions for these operations, too. A new sandbox has
 * the roles PinpointImport and PinpointExport, which work with all of its projects and buckets.
 */
export function createIam({ dataDir, account, user, now }: IamOptions): Iam {
  const state = new IamState(join(dataDir, 'iam'));
  if (state.isNew) seedIam(state, { account, user, now });
  const context: IamContext = { state, account, user, now };

  const isAllowed: Authority['isAllowed'] = (access) => {
    const { actor, action, resource, resourcePolicy } = access;
    const identity = identityOf(state, actor.arn);
    const request = { action, resource, keys: { ...keysOf(actor, identity), ...access.keys } };
    const own = identity && evaluatePolicies(state.documentsOf(identity), request);
    const who = { account, arns: [actor.arn, ...(identity === undefined ? [] : [identity.arn])] };
    const granted =
      resourcePolicy === undefined ? 'implicitDeny' : evaluatePolicies([resourcePolicy], { ...request, who });
    if (own === 'explicitDeny' || granted === 'explicitDeny') return false;
    if (granted === 'allowed') return true;
    if (access.needsResourcePolicy === true && granted !== 'delegated') return false;
    // Roles unknown to IAM may do everything, so that code that only calls Pinpoint doesn't have to create one.
    return own === undefined || own === 'allowed';
  };

  const authorize: Authority['authorize'] = (access) => {
    if (isAllowed(access)) return;
    const { actor, action, resource } = access;
    throw new ServiceError(
      403,
      'AccessDenied',
      `User: ${actor.arn} is not authorized to perform: ${action} on resource: ${resource}`,
    );
  };

  /** Condition keys of the actor (IAM user guide, reference_policies_condition-keys). */
  const keysOf = (actor: Actor, identity: Identity | undefined): ConditionKeys => ({
    'aws:PrincipalArn': identity?.arn ?? actor.arn,
    'aws:PrincipalAccount': account,
    'aws:PrincipalType': actor.arn.includes(':user/') ? 'User' : 'AssumedRole',
    'aws:PrincipalIsAWSService': 'false',
    'aws:ViaAWSService': 'false',
    'aws:username': identity?.kind === 'user' ? identity.name : undefined,
    'aws:userid': identity?.id,
    'aws:RequestedRegion': actor.region,
    'aws:ResourceAccount': account,
    // The sandbox has no TLS, but policies are written for AWS, which does.
    'aws:SecureTransport': 'true',
    'aws:CurrentTime': new Date(now()).toISOString(),
    'aws:EpochTime': String(Math.floor(now() / 1000)),
    ...actor.keys,
  });

  return {
    service: 'iam',

    async handle(request, response) {
      const form = await readParameters(request);
      const name = form.get('Action') ?? '';
      const operation = operations.get(name);
      if (operation === undefined) {
        const known = [...operations.keys()].join(', ');
        throw new ServiceError(400, 'InvalidAction', `The sandbox's IAM serves ${known}, but not '${name}'.`);
      }
      refuseOtherParameters(form);
      const parameters = iamParameters(form);
      const role = parameters.optional('RoleName');
      const resource =
        role === undefined ? '*' : (state.find('role', role)?.arn ?? `arn:aws:iam::${account}:role/${role}`);
      authorize({ actor: actorOf(request), action: `iam:${name}`, resource });
      sendResult(response, request.id, name, namespace, operation(context, parameters) ?? undefined);
    },

    sendError: (response, requestId, error) => sendQueryError(response, requestId, namespace, error),

    authorize,

    isAllowed,

    checkRole({ roleArn, caller, projectArn }) {
      const role = state.list('role').find(({ arn }) => arn === roleArn);
      if (role === undefined) return 'ok';
      const passRole = {
        action: 'iam:PassRole',
        resource: roleArn,
        keys: { 'iam:PassedToService': 'pinpoint.amazonaws.com', 'iam:AssociatedResourceArn': projectArn },
      };
      if (caller !== undefined && !isAllowed({ actor: caller, ...passRole })) return 'not-passable';
      const assumeRole = {
        action: 'sts:AssumeRole',
        who: { service: 'pinpoint.amazonaws.com' },
        keys: { 'aws:SourceAccount': account, 'aws:SourceArn': projectArn },
      };
      return evaluatePolicies([role.trust!], assumeRole) === 'allowed' ? 'ok' : 'not-assumable';
    },

    close: () => state.close(),
  };
}

/** The identity of the ARN of a user, a role or a role session. */
function identityOf(state: IamState, arn: string): Identity | undefined {
  const role = /:assumed-role\/([^/]+)\//.exec(arn)?.[1] ?? /:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1];
  if (role !== undefined) return state.find('role', role);
  return arn.includes(':user/') ? state.find('user', arn.slice(arn.lastIndexOf('/') + 1)) : undefined;
}
