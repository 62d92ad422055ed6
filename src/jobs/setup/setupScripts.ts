import type { PolicyDocument } from '../../aws/iam/policy.ts';
import type { SetupCall } from '../../aws/iam/setupServices.ts';
import { AudienceError } from '../../errors.ts';
import { legible, legibleJson } from '../../legible.ts';
import { shellWord } from '../../shellWord.ts';
import type { PlanStep, SetupPlan } from './setupPlan.ts';
import { stepsToTake } from './setupPlan.ts';

/** The formats for saving a setup instead of creating it. */
export type ScriptKind = 'cli' | 'cloudformation' | 'terraform';

/** The VS Code language ID of each format. */
export const scriptLanguages: Readonly<Record<ScriptKind, string>> = {
  cli: 'shellscript',
  cloudformation: 'yaml',
  terraform: 'terraform',
};

type Taken = ReturnType<typeof stepsToTake>[number];
type CallOf<O extends SetupCall['operation']> = Extract<SetupCall, { operation: O }>;

/** One step as a command of the AWS CLI. */
export function cliCommand({ service, operation, input }: SetupCall, indent = ''): string {
  const flags = Object.entries(input).map(([name, value]) => {
    const flag = `--${kebab(name).replace('k-m-s', 'kms')}`;
    // JSON has line breaks between tokens only.
    if (typeof value !== 'string')
      return `${flag} ${singleQuoted(legibleJson(value, 2).replaceAll('\n', `\n${indent}`))}`;
    // A value that begins with a dash would be another flag.
    return `${flag}${value.startsWith('-') ? '=' : ' '}${shellQuoted(value)}`;
  });
  return [`aws ${service === 's3' ? 's3api' : service} ${kebab(operation)}`, ...flags].join(
    ` \\\n${indent}  `,
  );
}

/** A Bash script that applies the plan; safe to run again. */
export function cliScript(plan: SetupPlan, changeExisting: boolean): string {
  const { account, region } = plan.wanted.identity;
  const steps = stepsToTake(plan, changeExisting);
  return [
    '#!/usr/bin/env bash',
    ...[...heading(plan), ...unchanged(plan, changeExisting)].map(comment),
    'set -euo pipefail',
    `export AWS_REGION=${shellQuoted(region)} AWS_DEFAULT_REGION=${shellQuoted(region)} AWS_PAGER=`,
    '',
    `if [ "$(aws sts get-caller-identity --query Account --output text)" != ${shellQuoted(account)} ]; then`,
    `  printf '%s\\n' ${shellQuoted(`These credentials don't belong to account ${account}.`)} >&2`,
    '  exit 1',
    'fi',
    ...steps.flatMap(({ call, title, summary }) => ['', comment(`${title}: ${summary}`), ...guarded(call)]),
    '',
  ].join('\n');
}

/** Skips what exists by the time the script runs. */
function guarded(call: SetupCall): readonly string[] {
  const exists =
    call.operation === 'CreateBucket'
      ? `aws s3api head-bucket --bucket ${shellQuoted(call.input.Bucket)}`
      : call.operation === 'CreateRole'
        ? `aws iam get-role --role-name=${shellQuoted(call.input.RoleName)}`
        : undefined;
  // New roles take seconds to propagate.
  const waited =
    call.operation === 'CreateRole'
      ? [`  aws iam wait role-exists --role-name=${shellQuoted(call.input.RoleName)}`]
      : [];
  if (exists === undefined) return [cliCommand(call)];
  return [`if ! ${exists} > /dev/null 2>&1; then`, `  ${cliCommand(call, '  ')}`, ...waited, 'fi'];
}

/** A CloudFormation template of what the plan creates. */
export function cloudFormation(plan: SetupPlan, changeExisting: boolean): string {
  const steps = stepsToTake(plan, changeExisting);
  const find = finder(steps);
  const resources: Record<string, unknown> = {};
  const bucket = find('CreateBucket')[0];
  if (bucket) {
    const access = find('PutPublicAccessBlock')[0];
    const encryption = find('PutBucketEncryption')[0];
    const lifecycle = find('PutBucketLifecycleConfiguration')[0];
    resources['StagingBucket'] = {
      Type: 'AWS::S3::Bucket',
      // Deleting the stack keeps the data.
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketName: bucket.Bucket,
        PublicAccessBlockConfiguration: access?.PublicAccessBlockConfiguration,
        BucketEncryption: {
          ServerSideEncryptionConfiguration: encryption?.ServerSideEncryptionConfiguration.Rules.map(
            ({ ApplyServerSideEncryptionByDefault, BucketKeyEnabled }) => ({
              ServerSideEncryptionByDefault: ApplyServerSideEncryptionByDefault,
              BucketKeyEnabled,
            }),
          ),
        },
        LifecycleConfiguration: {
          Rules: lifecycle?.LifecycleConfiguration.Rules.map((rule) => ({
            Id: rule.ID,
            Status: rule.Status,
            Prefix: rule.Filter?.Prefix,
            ExpirationInDays: rule.Expiration?.Days,
            AbortIncompleteMultipartUpload: {
              DaysAfterInitiation: rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
            },
          })),
        },
      },
    };
  }
  for (const { RoleName, Description, AssumeRolePolicyDocument } of find('CreateRole')) {
    resources[logical(plan, RoleName)] = {
      Type: 'AWS::IAM::Role',
      Properties: { RoleName, Description, AssumeRolePolicyDocument },
    };
  }
  for (const { RoleName, PolicyName, PolicyDocument } of find('PutRolePolicy')) {
    const role = logical(plan, RoleName);
    resources[`${role}Policy`] = {
      Type: 'AWS::IAM::RolePolicy',
      Properties: {
        RoleName: Object.hasOwn(resources, role) ? { Ref: role } : RoleName,
        PolicyName,
        PolicyDocument,
      },
    };
  }
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Staging bucket and roles for Amazon Pinpoint imports and exports',
    Resources: resources,
  };
  const notes = [...heading(plan), ...unchanged(plan, changeExisting), ...beyond(steps, resources)];
  return [...notes.map(comment), yaml(template), ''].join('\n');
}

/** Terraform (HCL, provider hashicorp/aws) of what the plan creates. */
export function terraform(plan: SetupPlan, changeExisting: boolean): string {
  const steps = stepsToTake(plan, changeExisting);
  const find = finder(steps);
  const blocks: string[] = [
    block('terraform', [], {
      'required_providers {}': { aws: { source: 'hashicorp/aws', version: '>= 5.0' } },
    }),
    block('provider', ['aws'], {
      region: plan.wanted.identity.region,
      allowed_account_ids: [plan.wanted.identity.account],
    }),
  ];
  const bucket = find('CreateBucket')[0];
  const done: Record<string, unknown> = {};
  if (bucket) {
    done['StagingBucket'] = true;
    const reference = raw('aws_s3_bucket.staging.id');
    blocks.push(block('resource', ['aws_s3_bucket', 'staging'], { bucket: bucket.Bucket }));
    for (const { PublicAccessBlockConfiguration: set } of find('PutPublicAccessBlock')) {
      blocks.push(
        block('resource', ['aws_s3_bucket_public_access_block', 'staging'], {
          bucket: reference,
          block_public_acls: set.BlockPublicAcls,
          ignore_public_acls: set.IgnorePublicAcls,
          block_public_policy: set.BlockPublicPolicy,
          restrict_public_buckets: set.RestrictPublicBuckets,
        }),
      );
    }
    for (const { ServerSideEncryptionConfiguration } of find('PutBucketEncryption')) {
      const [rule] = ServerSideEncryptionConfiguration.Rules;
      blocks.push(
        block('resource', ['aws_s3_bucket_server_side_encryption_configuration', 'staging'], {
          bucket: reference,
          'rule {}': {
            bucket_key_enabled: rule?.BucketKeyEnabled,
            'apply_server_side_encryption_by_default {}': {
              sse_algorithm: rule?.ApplyServerSideEncryptionByDefault.SSEAlgorithm,
              kms_master_key_id: rule?.ApplyServerSideEncryptionByDefault.KMSMasterKeyID,
            },
          },
        }),
      );
    }
    for (const { LifecycleConfiguration } of find('PutBucketLifecycleConfiguration')) {
      const [rule] = LifecycleConfiguration.Rules;
      blocks.push(
        block('resource', ['aws_s3_bucket_lifecycle_configuration', 'staging'], {
          bucket: reference,
          'rule {}': {
            id: rule?.ID,
            status: rule?.Status,
            'filter {}': { prefix: rule?.Filter?.Prefix },
            'expiration {}': { days: rule?.Expiration?.Days },
            'abort_incomplete_multipart_upload {}': {
              days_after_initiation: rule?.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
            },
          },
        }),
      );
    }
  }
  for (const { RoleName, Description, AssumeRolePolicyDocument } of find('CreateRole')) {
    done[logical(plan, RoleName)] = true;
    blocks.push(
      block('resource', ['aws_iam_role', label(plan, RoleName)], {
        name: RoleName,
        description: Description,
        assume_role_policy: encoded(AssumeRolePolicyDocument),
      }),
    );
  }
  for (const { RoleName, PolicyName, PolicyDocument } of find('PutRolePolicy')) {
    const made = Object.hasOwn(done, logical(plan, RoleName));
    blocks.push(
      block('resource', ['aws_iam_role_policy', label(plan, RoleName)], {
        name: PolicyName,
        role: made ? raw(`aws_iam_role.${label(plan, RoleName)}.id`) : RoleName,
        policy: encoded(PolicyDocument),
      }),
    );
  }
  const notes = [...heading(plan), ...unchanged(plan, changeExisting), ...beyond(steps, done)];
  return [...notes.map(comment), '', blocks.join('\n\n'), ''].join('\n');
}

function finder(steps: readonly Taken[]) {
  return <O extends SetupCall['operation']>(operation: O): readonly CallOf<O>['input'][] =>
    steps.flatMap(({ call }) => (call.operation === operation ? [call.input as CallOf<O>['input']] : []));
}

function heading({ wanted }: SetupPlan): readonly string[] {
  const { identity, bucket, prefix } = wanted;
  return [
    'Setup for imports to and exports from Amazon Pinpoint',
    `Account ${identity.account}, ${identity.region}, s3://${bucket}/${prefix}`,
  ];
}

/** What exists already, and what differs. */
function unchanged({ steps }: SetupPlan, changeExisting: boolean): readonly string[] {
  return steps.flatMap(({ title, action, summary }) => {
    if (action === 'none') return [`Unchanged: ${title}: ${summary}`];
    return action === 'change' && !changeExisting
      ? [`Differs, not changed: ${title}. Expected: ${summary}`]
      : [];
  });
}

/** Changes to existing resources, which a template can't make. */
function beyond(steps: readonly Taken[], resources: Readonly<Record<string, unknown>>): readonly string[] {
  return steps.flatMap(({ call, title, summary }: PlanStep) => {
    const ofBucket = call?.service === 's3' && !('StagingBucket' in resources);
    return ofBucket || call?.operation === 'UpdateAssumeRolePolicy'
      ? [
          `Not in this template, because it changes existing resources: ${title}: ${summary}. Use the AWS CLI script instead.`,
        ]
      : [];
  });
}

function logical({ wanted }: SetupPlan, roleName: string): 'ImportRole' | 'ExportRole' {
  return roleName === wanted.roles.import ? 'ImportRole' : 'ExportRole';
}

function label({ wanted }: SetupPlan, roleName: string): string {
  return roleName === wanted.roles.import ? 'import' : 'export';
}

function kebab(name: string): string {
  return name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '-').toLowerCase();
}

/** Always one line: a comment ends with its line in all three languages, but they disagree on what ends a line. */
function comment(text: string): string {
  return `# ${legible(text)}`;
}

function shellQuoted(text: string): string {
  if (text.includes('\0'))
    throw new AudienceError('bad-input', "A command line can't contain a NUL character");
  return shellWord(text, 'linux');
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Double-quoted text that JSON, YAML 1.1 and HCL read the same way: everything else is escaped. */
function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(/\\.|[^\x20-\x7e]/g, (found) =>
    found.startsWith('\\') ? (longEscapes.get(found) ?? found) : codeUnits(found),
  );
}

/** JSON escapes that HCL lacks. */
const longEscapes: ReadonlyMap<string, string> = new Map([
  ['\\b', '\\u0008'],
  ['\\f', '\\u000c'],
]);

function codeUnits(text: string): string {
  return text
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}

/** Unquoted, these aren't strings in YAML 1.1, which CloudFormation reads. */
const yamlConstants = /^(?:y|yes|n|no|true|false|on|off|null)$/i;

/** Block style, with JSON's double-quoted strings. */
function yaml(value: unknown, indent = ''): string {
  if (typeof value === 'string') return doubleQuoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const isFilled = (member: unknown): boolean =>
    typeof member === 'object' && member !== null && Object.keys(member).length > 0;
  if (!isFilled(value)) return Array.isArray(value) ? '[]' : '{}';
  if (Array.isArray(value)) {
    return value.map((item) => `\n${indent}- ${yaml(item, `${indent}  `).trimStart()}`).join('');
  }
  const text = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => {
      const key = /^[A-Za-z]\w*$/.test(name) && !yamlConstants.test(name) ? name : doubleQuoted(name);
      return `\n${indent}${key}:${isFilled(member) ? '' : ' '}${yaml(member, `${indent}  `)}`;
    })
    .join('');
  return indent === '' ? text.trimStart() : text;
}

class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** An HCL expression as a value. */
function raw(text: string): Raw {
  return new Raw(text);
}

function encoded(policy: PolicyDocument): Raw {
  return raw(`jsonencode(${hcl(policy, '  ')})`);
}

function block(kind: string, labels: readonly string[], body: Readonly<Record<string, unknown>>): string {
  return `${[kind, ...labels.map((label) => JSON.stringify(label))].join(' ')} ${blockBody(body, '')}`;
}

/** Members whose name ends with ` {}` are blocks, not arguments. */
function blockBody(body: Readonly<Record<string, unknown>>, indent: string): string {
  const inner = `${indent}  `;
  const lines = Object.entries(body)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]): Line =>
      name.endsWith(' {}')
        ? [`${name.slice(0, -3)} ${blockBody(value as Record<string, unknown>, inner)}`]
        : [name, hcl(value, inner)],
    );
  return `{\n${aligned(lines, inner)}\n${indent}}`;
}

/** A block, or the name and value of an argument. */
type Line = readonly [block: string] | readonly [name: string, value: string];

/** As `terraform fmt` does: aligns the equals signs of arguments on adjacent lines. */
function aligned(lines: readonly Line[], indent: string): string {
  const isShort = (line: Line | undefined): boolean => line?.[1]?.includes('\n') === false;
  return lines
    .map((line, at) => {
      const [name, value] = line;
      if (value === undefined) return `${indent}${name}`;
      let [first, last] = [at, at];
      while (isShort(line) && isShort(lines[first - 1])) first -= 1;
      while (isShort(line) && isShort(lines[last + 1])) last += 1;
      const width = Math.max(...lines.slice(first, last + 1).map(([other]) => other.length));
      return `${indent}${name.padEnd(width)} = ${value}`;
    })
    .join('\n');
}

/** `${` and `%{` would start a template. */
function hclQuoted(text: string): string {
  return doubleQuoted(text).replaceAll(/([$%])\{/g, '$1$1{');
}

function hcl(value: unknown, indent: string): string {
  if (value instanceof Raw) return value.text;
  if (typeof value === 'string') return hclQuoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object'))
      return `[${value.map((item) => hcl(item, indent)).join(', ')}]`;
    return `[\n${value.map((item) => `${inner}${hcl(item, inner)},\n`).join('')}${indent}]`;
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]): Line => [/^[A-Za-z]\w*$/.test(name) ? name : hclQuoted(name), hcl(member, inner)]);
  return `{\n${aligned(members, inner)}\n${indent}}`;
}
