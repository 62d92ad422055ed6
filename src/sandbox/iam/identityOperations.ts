import { randomBytes } from 'node:crypto';
import { ServiceError } from '../http/http.ts';
import type { XmlValue } from '../s3/xml.ts';
import type { IamParameters, Operation } from './iamRequest.ts';
import { page, pathOf, validationError } from './iamRequest.ts';
import type { Identity, IamState } from './iamState.ts';
import { encodePolicy, readPolicy } from './policyDocuments.ts';

/** Operations on roles and users, without their policies. */

export const createRole: Operation = ({ state, account, now }, parameters) => {
  const name = parameters.required('RoleName');
  if (!/^[\w+=,.@-]{1,64}$/.test(name))
    throw validationError(`The specified value for roleName is invalid: ${name}`);
  if (state.find('role', name)) {
    throw new ServiceError(409, 'EntityAlreadyExists', `Role with name ${name} already exists.`);
  }
  const description = parameters.optional('Description');
  const role: Identity = {
    ...newIdentity('role', name, pathOf(parameters), account, now()),
    trust: readPolicy(parameters.required('AssumeRolePolicyDocument'), 'trust'),
    ...(description !== undefined && { description }),
  };
  state.put(role);
  return { Role: roleXml(role) };
};

export const getRole: Operation = ({ state }, parameters) => ({ Role: roleXml(findRole(state, parameters)) });

export const listRoles: Operation = ({ state }, parameters) => {
  const prefix = parameters.optional('PathPrefix') ?? '/';
  const roles = state.list('role').filter(({ path }) => path.startsWith(prefix));
  return page('Roles', roles.map(roleXml), parameters);
};

export const deleteRole: Operation = ({ state }, parameters) => {
  const role = findRole(state, parameters);
  if (Object.keys(role.inline).length + role.attached.length > 0) {
    throw new ServiceError(409, 'DeleteConflict', 'Cannot delete entity, must delete policies first.');
  }
  state.delete(role);
};

export const updateAssumeRolePolicy: Operation = ({ state }, parameters) => {
  const role = findRole(state, parameters);
  state.put({ ...role, trust: readPolicy(parameters.required('PolicyDocument'), 'trust') });
};

export const getUser: Operation = ({ state, user }, parameters) => {
  const { name, path, id, arn, created } = state.identity('user', parameters.optional('UserName') ?? user);
  return { User: { Path: path, UserName: name, UserId: id, Arn: arn, CreateDate: created } };
};

/** @param now milliseconds since the epoch */
export function newIdentity(
  kind: Identity['kind'],
  name: string,
  path: string,
  account: string,
  now: number,
): Identity {
  const id = (kind === 'role' ? 'AROA' : 'AIDA') + randomBytes(9).toString('hex').slice(0, 17).toUpperCase();
  return {
    kind,
    name,
    path,
    id,
    arn: `arn:aws:iam::${account}:${kind}${path}${name}`,
    created: new Date(now).toISOString(),
    inline: {},
    attached: [],
  };
}

function findRole(state: IamState, parameters: IamParameters): Identity {
  return state.identity('role', parameters.required('RoleName'));
}

function roleXml({ name, path, id, arn, created, trust, description }: Identity): XmlValue {
  return {
    Path: path,
    RoleName: name,
    RoleId: id,
    Arn: arn,
    CreateDate: created,
    AssumeRolePolicyDocument: encodePolicy(trust!),
    Description: description,
    MaxSessionDuration: 3600,
    RoleLastUsed: {},
  };
}
