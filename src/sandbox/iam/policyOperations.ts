import type { XmlValue } from '../s3/xml.ts';
import { judge, keysOf } from './evaluatePolicy.ts';
import type { IamContext, IamParameters, Operation } from './iamRequest.ts';
import { page } from './iamRequest.ts';
import type { Identity, ManagedPolicy } from './iamState.ts';
import { inlinePolicy, noSuch } from './iamState.ts';
import { encodePolicy, readPolicy } from './policyDocuments.ts';

/** Operations on the policies of an identity are the same for roles and users, except for their names. */
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
      inline: { ...identity.inline, [parameters.required('PolicyName')]: document },
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
    page('PolicyNames', Object.keys(find(iam, kind, parameters).inline).sort());

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
    );
  };

export const createPolicy: Operation = ({ state, account, now }, parameters) => {
  const name = parameters.required('PolicyName');
  const policy: ManagedPolicy = {
    arn: `arn:aws:iam::${account}:policy/${name}`,
    name,
    created: new Date(now()).toISOString(),
    document: readPolicy(parameters.required('PolicyDocument'), 'identity'),
  };
  state.putPolicy(policy);
  return { Policy: policyXml(policy) };
};

export const getPolicy: Operation = ({ state }, parameters) => {
  const policy = state.policy(parameters.required('PolicyArn'));
  return { Policy: policyXml(policy) };
};

export const getPolicyVersion: Operation = ({ state }, parameters) => {
  const { document, created } = state.policy(parameters.required('PolicyArn'));
  if (parameters.required('VersionId') !== 'v1') throw noSuch('The policy has the version v1 only.');
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
  state.deletePolicy(state.policy(parameters.required('PolicyArn')).arn);
};

export const simulatePrincipalPolicy: Operation = ({ state }, parameters) => {
  const arn = parameters.required('PolicySourceArn');
  const identity = [...state.list('role'), ...state.list('user')].find((known) => known.arn === arn);
  if (identity === undefined) throw noSuch(`The entity with ARN ${arn} cannot be found.`);
  const documents = state.documentsOf(identity);
  const keys = contextOf(parameters);
  const missing = keysOf(documents).filter((key) => !Object.hasOwn(keys, key));
  const resources = parameters.list('ResourceArns');
  const results = parameters.list('ActionNames').flatMap((action) =>
    (resources.length > 0 ? resources : ['*']).map((resource) => ({
      EvalActionName: action,
      EvalResourceName: resource,
      EvalDecision: judge(documents, { action, resource, keys }),
      MissingContextValues: { member: missing },
    })),
  );
  return page('EvaluationResults', results);
};

function policyXml({ name, arn, created }: ManagedPolicy): XmlValue {
  return {
    PolicyName: name,
    Arn: arn,
    Path: '/',
    DefaultVersionId: 'v1',
    IsAttachable: true,
    CreateDate: created,
  };
}

function contextOf(parameters: IamParameters): Record<string, string> {
  const entries: [string, string][] = [];
  for (let at = 1; ; at += 1) {
    const name = parameters.optional(`ContextEntries.member.${at}.ContextKeyName`);
    if (name === undefined) return Object.fromEntries(entries);
    entries.push([
      name.toLowerCase(),
      parameters.optional(`ContextEntries.member.${at}.ContextKeyValues.member.1`) ?? '',
    ]);
  }
}
