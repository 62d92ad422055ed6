import { AudienceError } from '../../errors.ts';

/** `arn:partition:iam::account:role/path/name` (IAM user guide, reference_identifiers). */
const rolePattern = /^arn:(aws|aws-[a-z-]+):iam::(\d{12}):role\/(?:[\x21-\x7e]+\/)*([\w+=,.@-]{1,64})$/;

interface RoleArn {
  readonly partition: string;
  readonly account: string;
  readonly name: string;
}

/**
 * Takes the ARN of an IAM role apart.
 *
 * @param what what the role is for, such as `import role`; named in the error
 * @throws AudienceError `bad-input` that says what is wrong with it
 */
export function parseRoleArn(arn: string, what: string): RoleArn {
  const match = rolePattern.exec(arn);
  if (match !== null) return { partition: match[1]!, account: match[2]!, name: match[3]! };
  throw new AudienceError(
    'bad-input',
    `The ${what} can't be used: ${whatIsWrong(arn)}: ${arn || '(empty)'}`,
    {
      help: 'Give the ARN of an IAM role, such as arn:aws:iam::111122223333:role/PinpointImport.',
    },
  );
}

function whatIsWrong(arn: string): string {
  if (arn === '') return 'no role is specified';
  if (arn !== arn.trim()) return 'there are spaces around the ARN';
  const [prefix, , service, , account, resource] = arn.split(':');
  if (prefix !== 'arn') return "this isn't an ARN";
  if (service === 'sts') return 'this is a session of a role, not the role';
  if (service !== 'iam') return `this is an ARN of ${service || 'no service'}, not of IAM`;
  if (!/^\d{12}$/.test(account ?? '')) return 'the account is not a number of 12 digits';
  if (!resource?.startsWith('role/')) return `this isn't a role but ${resource?.split('/')[0] || 'nothing'}`;
  return 'this is not the form of a role ARN';
}
