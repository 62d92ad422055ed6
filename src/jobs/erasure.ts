import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Connection } from '../aws/connection/connection.ts';
import { mayHaveHappened } from '../aws/connection/serviceErrors.ts';
import type { Endpoint } from '../endpoints/model/endpointDefinition.ts';
import { AudienceError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Clock } from './runs/clock.ts';
import { systemClock } from './runs/clock.ts';
import { Guard, takenOver } from './runs/guard.ts';
import type { RecordKind } from './runs/guardedStore.ts';
import { GuardedStore } from './runs/guardedStore.ts';
import type { Lease } from './runs/lease.ts';
import { Leases } from './runs/lease.ts';

/** Proof of an erasure: what was deleted, when and by whom. Endpoints by Id and channel, without addresses. */
export interface ErasureReceipt {
  readonly userId: string;
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly account: string;
  readonly region: string;
  readonly endpointUrl?: string | undefined;
  /** ARN of the caller. */
  readonly by: string;
  /** ISO 8601. */
  readonly asked: string;
  readonly done: string;
  readonly endpoints: readonly { readonly id: string; readonly channel: string }[];
  /** Afterwards, the service had no endpoints of the user. */
  readonly verified: boolean;
}

interface Intent extends Omit<ErasureReceipt, 'done' | 'verified'> {
  readonly id: string;
  readonly epoch: number;
}

export interface ErasureRequest {
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly userId: string;
}

export interface ErasureOptions {
  /** The folder of intents; several processes may share it. */
  readonly folder: string;
  readonly log: Log;
  readonly clock?: Clock | undefined;
  /** Milliseconds without a heartbeat after which another process's erasures are taken over. */
  readonly leaseTtlMs?: number | undefined;
}

/** How long the intent of a deletion without a receipt is kept, in milliseconds: thirty days. */
const intentsKeptMs = 30 * 24 * 60 * 60 * 1000;

/**
 * Deletes a user with all endpoints (API Reference, Users: DeleteUserEndpoints). The intent is on disk first, so that repeating the
 * deletion after a crash or a lost response gives the same receipt. It is removed with the receipt.
 */
export class Erasure {
  readonly #folder: string;
  readonly #store: GuardedStore<Intent>;
  readonly #leases: Leases;
  readonly #clock: Clock;

  constructor({ folder, log, clock, leaseTtlMs }: ErasureOptions) {
    this.#folder = folder;
    this.#store = new GuardedStore(folder, intents, log);
    this.#leases = new Leases(folder, { log, ttlMs: leaseTtlMs });
    this.#clock = clock ?? systemClock;
  }

  /** Removes intents of deletions that weren't repeated for a month, because they contain Ids, and files that interrupted processes left. */
  async sweep(): Promise<void> {
    if (!existsSync(this.#folder)) return;
    await this.#store.prepare();
    await this.#store.removeOld(Date.now() - intentsKeptMs);
    await this.#store.sweep();
    await this.#leases.sweep(() => false);
  }

  dispose(): void {
    this.#leases.dispose();
  }

  /** The endpoints to delete; empty if an earlier attempt deleted them. Throws `not-found` if the user doesn't exist. */
  async preview(connection: Connection, request: ErasureRequest): Promise<readonly Endpoint[]> {
    try {
      return await connection.endpoints.getUser(request.projectId, request.userId);
    } catch (error) {
      const isGone = error instanceof AudienceError && error.code === 'not-found';
      if (isGone && (await this.#store.get(idOf(connection, request))) !== undefined) return [];
      throw error;
    }
  }

  /** Throws `conflict` while another window deletes this user. */
  async erase(connection: Connection, request: ErasureRequest): Promise<ErasureReceipt> {
    const id = idOf(connection, request);
    await this.#store.prepare();
    const lease = await this.#leases.acquire(id);
    if (lease === undefined) {
      throw new AudienceError('conflict', 'This user is being deleted in another window', {
        help: 'Wait, then check whether the user still exists.',
      });
    }
    try {
      return await this.#erase(connection, request, lease);
    } finally {
      await lease.release();
      await this.#leases.sweep(() => true);
    }
  }

  async #erase(connection: Connection, request: ErasureRequest, lease: Lease): Promise<ErasureReceipt> {
    const id = idOf(connection, request);
    const earlier = await this.#store.get(id);
    const found = await this.preview(connection, request);
    const { identity, settings } = connection;
    const intended: Intent = {
      ...request,
      id,
      epoch: 1,
      account: identity.account,
      region: identity.region,
      endpointUrl: settings.endpointUrl,
      by: identity.arn,
      asked: this.#now(),
      endpoints: found.map(({ Id, ChannelType = '' }) => ({ id: Id, channel: ChannelType })),
    };
    const { guard, intent } = await this.#begin(lease, withEarlier(intended, earlier));
    if (found.length > 0) {
      try {
        await guard.send(() => connection.endpoints.deleteUser(request.projectId, request.userId));
      } catch (error) {
        const isGone = error instanceof AudienceError && error.code === 'not-found';
        if (!isGone) {
          const isCertain =
            !mayHaveHappened(error) && !(error instanceof AudienceError && error.code === 'conflict');
          if (isCertain) await this.#remove(guard);
          throw error;
        }
      }
    }
    const { id: _id, epoch: _epoch, ...reported } = intent;
    const receipt = { ...reported, done: this.#now(), verified: await isGone(connection, request) };
    await this.#remove(guard);
    return receipt;
  }

  /** Creates the intent, or takes over the one of an earlier attempt, whose endpoints it adds. */
  async #begin(
    lease: Lease,
    intent: Intent,
  ): Promise<{ readonly guard: Guard<Intent>; readonly intent: Intent }> {
    const created = await this.#store.create(intent);
    if (created !== undefined)
      return { guard: new Guard(this.#store, lease, created.id, created.epoch), intent: created };
    const taken = await Guard.take(this.#store, lease, intent.id);
    if (taken === undefined) throw takenOver();
    const { guard } = taken;
    return {
      guard,
      intent: await guard.update((latest) => ({ ...withEarlier(intent, latest), epoch: latest.epoch })),
    };
  }

  async #remove(guard: Guard<Intent>): Promise<void> {
    await guard.check();
    await this.#store.remove(guard.id, guard.epoch);
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

/** One per user of a project. Hashed, because user Ids are row content. */
function idOf(connection: Connection, { projectId, userId }: ErasureRequest): string {
  const { account, region } = connection.identity;
  const key = JSON.stringify([account, region, connection.settings.endpointUrl, projectId, userId]);
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

/** With the endpoints of an earlier attempt, and the time when that was asked for. */
function withEarlier(intent: Intent, earlier: Intent | undefined): Intent {
  if (earlier === undefined) return intent;
  const endpoints = new Map(
    [...earlier.endpoints, ...intent.endpoints].map((endpoint) => [endpoint.id, endpoint]),
  );
  return { ...intent, asked: earlier.asked, endpoints: [...endpoints.values()] };
}

/** Earlier versions of the extension used one file each, without epoch. */
const intents: RecordKind<Intent> = {
  extension: '.erasure',
  oldExtension: '.json',
  schema: 0,
  parse(value, id) {
    const intent = value as Partial<Intent> | null;
    return Array.isArray(intent?.endpoints)
      ? ({ ...intent, id, epoch: intent.epoch ?? 0 } as Intent)
      : undefined;
  },
};

async function isGone(connection: Connection, { projectId, userId }: ErasureRequest): Promise<boolean> {
  try {
    return (await connection.endpoints.getUser(projectId, userId)).length === 0;
  } catch (error) {
    if (error instanceof AudienceError && error.code === 'not-found') return true;
    throw error;
  }
}
