import { createHash } from 'node:crypto';
import { ServiceError } from '../http/http.ts';
import type { XmlValue } from '../s3/xml.ts';
import { conditionKeysOf, evaluatePolicies } from './evaluatePolicy.ts';
import type { IamContext, IamParameters, Operation } from './iamRequest.ts';
import { page, pathOf, policyNameOf } from './iamRequest.ts';
import type { IamState, Identity, ManagedPolicy } from './iamState.ts';
import { inlinePolicy, noSuch } from './iamState.ts';
import { encodePolicy, readPolicy } from './policyDocuments.ts';

/** Roles and users have the same policy operations, except for their names. */
type Kind = Identity['kind'];

const nameParameters = { role: 'RoleName', user: 'UserName' } as const;

function find({ state }: IamContext, kind: Kind, parameters: IamParameters): Identity {
  return state.identity(kind, parameters.required(nameParameters[kind]));
}

export const putInlinePolicy =
  (kind: Kind): Operation =>
  (iam, parameters) => {
    const identity = find(iam, kind, parameters);
    const document = readPolicy(parameters.required('PolicyDocument'), 'identity');
    iam.state.put({
      ...identity,
      inline: { ...identity.inline, [policyNameOf(parameters)]: document },
    });
  };

export const getInlinePolicy =
  (kind: Kind): Operation =>
  (iam, parameters) => {
    const identity = find(iam, kind, parameters);
    const name = parameters.required('PolicyName');
    return {
      [nameParameters[kind]]: identity.name,
      PolicyName: name,
      PolicyDocument: encodePolicy(inlinePolicy(identity, name)),
    };
  };

export const deleteInlinePolicy =
  (kind: Kind): Operation =>
  (iam, parameters) => {
    const identity = find(iam, kind, parameters);
    const name = parameters.required('PolicyName');
    inlinePolicy(identity, name);
    const rest = Object.entries(identity.inline).filter(([other]) => other !== name);
    iam.state.put({ ...identity, inline: Object.fromEntries(rest) });
  };

export const listInlinePolicies =
  (kind: Kind): Operation =>
  (iam, parameters) =>
    page('PolicyNames', Object.keys(find(iam, kind, parameters).inline).sort(), parameters);

export const attachPolicy =
  (kind: Kind): Operation =>
  (iam, parameters) => {
    const identity = find(iam, kind, parameters);
    const { arn } = iam.state.policy(parameters.required('PolicyArn'));
    iam.state.put({ ...identity, attached: [...new Set([...identity.attached, arn])] });
  };

export const detachPolicy =
  (kind: Kind): Operation =>
  (iam, parameters) => {
    const identity = find(iam, kind, parameters);
    const arn = parameters.required('PolicyArn');
    if (!identity.attached.includes(arn)) throw noSuch(`Policy ${arn} was not found.`);
    iam.state.put({ ...identity, attached: identity.attached.filter((other) => other !== arn) });
  };

export const listAttachedPolicies =
  (kind: Kind): Operation =>
  (iam, parameters) => {
    const { attached } = find(iam, kind, parameters);
    return page(
      'AttachedPolicies',
      attached.map((arn) => ({ PolicyName: iam.state.policy(arn).name, PolicyArn: arn })),
      parameters,
    );
  };

export const createPolicy: Operation = ({ state, account, now }, parameters) => {
  const name = policyNameOf(parameters);
  const path = pathOf(parameters);
  const arn = `arn:aws:iam::${account}:policy${path}${name}`;
  if (state.hasPolicy(arn)) {
    const message = `A policy called ${name} already exists. Duplicate names are not allowed.`;
    throw new ServiceError(409, 'EntityAlreadyExists', message);
  }
  const policy: ManagedPolicy = {
    arn,
    name,
    created: new Date(now()).toISOString(),
    document: readPolicy(parameters.required('PolicyDocument'), 'identity'),
  };
  state.putPolicy(policy);
  return { Policy: policyXml(policy, 0) };
};

export const getPolicy: Operation = ({ state }, parameters) => {
  const policy = state.policy(parameters.required('PolicyArn'));
  return { Policy: policyXml(policy, attachments(state, policy.arn)) };
};

export const getPolicyVersion: Operation = ({ state }, parameters) => {
  const { document, created } = state.policy(parameters.required('PolicyArn'));
  if (parameters.required('VersionId') !== 'v1') throw noSuch('The policy only has the version v1.');
  return {
    PolicyVersion: {
      Document: encodePolicy(document),
      VersionId: 'v1',
      IsDefaultVersion: true,
      CreateDate: created,
    },
  };
};

export const deletePolicy: Operation = ({ state }, parameters) => {
  const { arn } = state.policy(parameters.required('PolicyArn'));
  if (attachments(state, arn) > 0)
    throw new ServiceError(409, 'DeleteConflict', 'Cannot delete a policy attached to entities.');
  state.deletePolicy(arn);
};

export const simulatePrincipalPolicy: Operation = ({ state }, parameters) => {
  const arn = parameters.required('PolicySourceArn');
  const identity = [...state.list('role'), ...state.list('user')].find((known) => known.arn === arn);
  if (identity === undefined) throw noSuch(`The entity with ARN ${arn} cannot be found.`);
  const documents = state.documentsOf(identity);
  const keys = contextOf(parameters);
  const missing = conditionKeysOf(documents).filter((key) => !Object.hasOwn(keys, key));
  const resources = parameters.list('ResourceArns');
  const results = parameters.list('ActionNames').flatMap((action) =>
    (resources.length > 0 ? resources : ['*']).map((resource) => ({
      EvalActionName: action,
      EvalResourceName: resource,
      EvalDecision: evaluatePolicies(documents, { action, resource, keys }),
      MissingContextValues: { member: missing },
    })),
  );
  return page('EvaluationResults', results, parameters);
};

function attachments(state: IamState, arn: string): number {
  return [...state.list('role'), ...state.list('user')].filter(({ attached }) => attached.includes(arn))
    .length;
}

function policyXml({ name, arn, created }: ManagedPolicy, attached: number): XmlValue {
  return {
    PolicyName: name,
    PolicyId: `ANPA${createHash('sha256').update(arn).digest('hex').slice(0, 17).toUpperCase()}`,
    Arn: arn,
    Path: arn.slice(arn.indexOf('/'), arn.lastIndexOf('/') + 1),
    DefaultVersionId: 'v1',
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: created,
    UpdateDate: created,
  };
}

function contextOf(parameters: IamParameters): Record<string, readonly string[]> {
  const entries: [string, readonly string[]][] = [];
  for (let at = 1; ; at += 1) {
    const name = parameters.optional(`ContextEntries.member.${at}.ContextKeyName`);
    if (name === undefined) return Object.fromEntries(entries);
    entries.push([name.toLowerCase(), parameters.list(`ContextEntries.member.${at}.ContextKeyValues`)]);
  }
}
