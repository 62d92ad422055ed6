import { AudienceError } from '../../errors.ts';

/** `arn:partition:iam::account:role/path/name` (IAM user guide, reference_identifiers). */
const rolePattern =
  /^arn:(aws|aws-[a-z-]+):iam::(\d{12}):role\/(?:[\x21-\x2e\x30-\x7e]*\/)*([\w+=,.@-]{1,64})$/;

interface RoleArn {
  readonly partition: string;
  readonly account: string;
  readonly name: string;
}

/**
 * Parses the ARN of an IAM role.
 *
 * @param what the role's name in errors, such as `import role`
 * @throws AudienceError `bad-input` with the reason
 */
export function parseRoleArn(arn: string, what: string): RoleArn {
  const match = rolePattern.exec(arn);
  if (match !== null) return { partition: match[1]!, account: match[2]!, name: match[3]! };
  throw new AudienceError(
    'bad-input',
    `The ${what} can't be used: ${whatIsWrong(arn)}: ${arn || '(empty)'}`,
    {
      help: 'Use the ARN of an IAM role, such as arn:aws:iam::111122223333:role/PinpointImport.',
    },
  );
}

function whatIsWrong(arn: string): string {
  if (arn === '') return 'no role is specified';
  if (arn !== arn.trim()) return 'there are spaces around the ARN';
  const [prefix, , service, , account, resource] = arn.split(':');
  if (prefix !== 'arn') return "this isn't an ARN";
  if (service === 'sts') return 'this is a role session, not a role';
  if (service !== 'iam') return `this is an ARN of ${service || 'no service'}, not of IAM`;
  if (!/^\d{12}$/.test(account ?? '')) return "the account isn't a 12-digit number";
  if (!resource?.startsWith('role/')) return `this isn't a role but ${resource?.split('/')[0] || 'nothing'}`;
  return "this isn't a valid role ARN";
}
