import { AudienceError } from '../../errors.ts';
import type { Identity } from './connection.ts';

/** Users, roles and sessions (IAM user guide, reference_identifiers); names are printable ASCII. */
const callerArn = /^arn:(aws|aws-[a-z-]{1,20}):(?:iam|sts)::(\d{12}):[\x21-\x7e]{1,512}$/;

/** True for the form of a region's name, also of one that AWS adds later. */
export function isRegionName(text: string): boolean {
  return /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text);
}

/**
 * Validates a GetCallerIdentity response against AWS's documented format. Account and region become part of ARNs, names and
 * scripts, and a service URL may be anybody's.
 *
 * @throws AudienceError `service` if the response is invalid, `bad-input` if the region is
 */
export function readIdentity(
  { Account, Arn }: { readonly Account?: string | undefined; readonly Arn?: string | undefined },
  region: string,
): Identity {
  if (!isRegionName(region)) {
    throw new AudienceError('bad-input', `Not an AWS region: ${JSON.stringify(region)}`, {
      help: 'Use the name of a region, such as us-east-1.',
    });
  }
  const account = callerArn.exec(Arn ?? '')?.[2];
  if (account === undefined || account !== Account) {
    throw new AudienceError('service', "The service didn't return a valid account and ARN", {
      help: 'Check the service URL that you are connected to.',
    });
  }
  return { account, arn: Arn!, region };
}

/** `aws`, `aws-cn`, … */
export function partitionOf({ arn }: Pick<Identity, 'arn'>): string {
  return arn.split(':')[1] ?? 'aws';
}
