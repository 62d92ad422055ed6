import { ServiceError } from '../http/http.ts';
import { statementsOf } from './evaluatePolicy.ts';

/** @throws ServiceError `MalformedPolicyDocument` if IAM wouldn't accept it */
export function readPolicy(text: string, kind: 'trust' | 'identity'): string {
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

/** Answers carry documents percent-encoded (IAM API reference, GetRolePolicy). */
export function encodePolicy(document: string): string {
  return encodeURIComponent(document);
}
