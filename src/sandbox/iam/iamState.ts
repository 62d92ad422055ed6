import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { privateFolder } from '../../permissions.ts';
import { ServiceError } from '../http/http.ts';
import { Journal } from '../storage/stateJournal.ts';
import { getOwn } from '../../ownMember.ts';

/** A role or a user with its policies. Documents are stored as sent. */
export interface Identity {
  readonly kind: 'role' | 'user';
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  /** ISO 8601. */
  readonly created: string;
  /** The trust policy, of roles only. */
  readonly trust?: string;
  readonly description?: string;
  /** By name. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of managed policies. */
  readonly attached: readonly string[];
}

export interface ManagedPolicy {
  readonly arn: string;
  readonly name: string;
  readonly created: string;
  readonly document: string;
}

type Change =
  | { readonly do: 'put'; readonly identity: Identity }
  | { readonly do: 'delete'; readonly kind: Identity['kind']; readonly name: string }
  | { readonly do: 'put-policy'; readonly policy: ManagedPolicy }
  | { readonly do: 'delete-policy'; readonly arn: string };

const statement = (Action: string | readonly string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] });

/** Some of AWS's own policies: enough to try a setup with them. */
const awsPolicies: readonly ManagedPolicy[] = Object.entries({
  AdministratorAccess: statement('*'),
  AmazonS3ReadOnlyAccess: statement(['s3:Get*', 's3:List*', 's3:Describe*']),
  AmazonS3FullAccess: statement('s3:*'),
}).map(([name, document]) => ({
  arn: `arn:aws:iam::aws:policy/${name}`,
  name,
  created: '2015-02-06T18:39:46.000Z',
  document,
}));

/** All roles, users and policies in memory. Changes are in a journal before they are visible. */
export class IamState {
  readonly #identities = new Map<string, Identity>();
  readonly #policies = new Map(awsPolicies.map((policy) => [policy.arn, policy]));
  readonly #journal: Journal<Change>;

  /** @param dir used by this process only */
  constructor(dir: string) {
    mkdirSync(dir, { recursive: true, mode: privateFolder });
    this.#journal = Journal.open<Change>(join(dir, 'journal.ndjson'), (change) => {
      this.#apply(change);
    });
  }

  /** True until the first change. The sandbox then adds its own identities. */
  get isNew(): boolean {
    return this.#journal.length === 0;
  }

  list(kind: Identity['kind']): readonly Identity[] {
    return [...this.#identities.values()]
      .filter((identity) => identity.kind === kind)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(kind: Identity['kind'], name: string): Identity | undefined {
    return this.#identities.get(keyOf(kind, name));
  }

  /** @throws ServiceError `NoSuchEntity` */
  identity(kind: Identity['kind'], name: string): Identity {
    const found = this.find(kind, name);
    if (found === undefined) throw noSuch(`The ${kind} with name ${name} cannot be found.`);
    return found;
  }

  /** @throws ServiceError `NoSuchEntity` */
  policy(arn: string): ManagedPolicy {
    const found = this.#policies.get(arn);
    if (found === undefined) throw noSuch(`Policy ${arn} does not exist or is not attachable.`);
    return found;
  }

  hasPolicy(arn: string): boolean {
    // Names aren't case-sensitive (IAM user guide, reference_iam-quotas).
    const wanted = arn.toLowerCase();
    return [...this.#policies.keys()].some((known) => known.toLowerCase() === wanted);
  }

  /** The inline and attached policies of an identity. */
  documentsOf({ inline, attached }: Identity): readonly string[] {
    return [...Object.values(inline), ...attached.map((arn) => this.policy(arn).document)];
  }

  put(identity: Identity): void {
    this.#commit({ do: 'put', identity });
  }

  delete({ kind, name }: Identity): void {
    this.#commit({ do: 'delete', kind, name });
  }

  putPolicy(policy: ManagedPolicy): void {
    this.#commit({ do: 'put-policy', policy });
  }

  deletePolicy(arn: string): void {
    this.#commit({ do: 'delete-policy', arn });
  }

  close(): void {
    this.#journal.close();
  }

  #commit(change: Change): void {
    this.#journal.append(change);
    this.#apply(change);
  }

  #apply(change: Change): void {
    switch (change.do) {
      case 'put':
        this.#identities.set(keyOf(change.identity.kind, change.identity.name), change.identity);
        break;
      case 'delete':
        this.#identities.delete(keyOf(change.kind, change.name));
        break;
      case 'put-policy':
        this.#policies.set(change.policy.arn, change.policy);
        break;
      case 'delete-policy':
        this.#policies.delete(change.arn);
        break;
    }
  }
}

/**
 * An inline policy of an identity. Its name may be that of an inherited member, such as `constructor`.
 *
 * @throws ServiceError `NoSuchEntity`
 */
export function inlinePolicy({ kind, inline }: Identity, name: string): string {
  const document = getOwn(inline, name);
  if (document === undefined) throw noSuch(`The ${kind} policy with name ${name} cannot be found.`);
  return document;
}

/** Names aren't case-sensitive (IAM user guide, reference_iam-quotas). */
function keyOf(kind: Identity['kind'], name: string): string {
  return `${kind}/${name.toLowerCase()}`;
}

export function noSuch(message: string): ServiceError {
  return new ServiceError(404, 'NoSuchEntity', message);
}
