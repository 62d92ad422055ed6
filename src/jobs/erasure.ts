import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection } from '../aws/connection/connection.ts';
import { mayHaveHappened } from '../aws/connection/serviceErrors.ts';
import type { Endpoint } from '../endpoints/model/endpointDefinition.ts';
import { AudienceError } from '../errors.ts';
import { fileError, hasErrno } from '../fileErrors.ts';
import { privateFolder } from '../permissions.ts';
import type { Clock } from './runs/clock.ts';
import { systemClock } from './runs/clock.ts';
import { writeWhole } from './runs/runStore.ts';

/** What was deleted, when, by whom: for whoever asked for it. Endpoints by Id and channel, without addresses. */
export interface ErasureReceipt {
  readonly userId: string;
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly account: string;
  readonly region: string;
  readonly endpointUrl?: string | undefined;
  /** ARN of who deleted. */
  readonly by: string;
  /** ISO 8601. */
  readonly asked: string;
  readonly done: string;
  readonly endpoints: readonly { readonly id: string; readonly channel: string }[];
  /** The service was asked afterwards, and knows no endpoint of the user any more. */
  readonly verified: boolean;
}

type Intent = Omit<ErasureReceipt, 'done' | 'verified'>;

export interface ErasureRequest {
  readonly projectId: string;
  readonly projectName?: string | undefined;
  readonly userId: string;
}

/**
 * Deletes a user with all endpoints (API Reference, Users: DeleteUserEndpoints). What is about to be deleted is on disk before,
 * so that asking again after a crash or a lost answer gives the same receipt. It leaves the disk with the receipt.
 */
export class Erasure {
  readonly #folder: string;
  readonly #clock: Clock;

  constructor(folder: string, clock: Clock = systemClock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** The endpoints that would go; empty where an earlier attempt got all of them. `not-found` where there is no such user. */
  async look(connection: Connection, request: ErasureRequest): Promise<readonly Endpoint[]> {
    try {
      return await connection.endpoints.getUser(request.projectId, request.userId);
    } catch (error) {
      const isGone = error instanceof AudienceError && error.code === 'not-found';
      if (isGone && (await this.#intent(connection, request)) !== undefined) return [];
      throw error;
    }
  }

  async erase(connection: Connection, request: ErasureRequest): Promise<ErasureReceipt> {
    const earlier = await this.#intent(connection, request);
    const there = await this.look(connection, request);
    const { identity, settings } = connection;
    const known = new Map(
      [
        ...(earlier?.endpoints ?? []),
        ...there.map(({ Id, ChannelType = '' }) => ({ id: Id, channel: ChannelType })),
      ].map((endpoint) => [endpoint.id, endpoint]),
    );
    const intent: Intent = {
      ...request,
      account: identity.account,
      region: identity.region,
      endpointUrl: settings.endpointUrl,
      by: identity.arn,
      asked: earlier?.asked ?? this.#now(),
      endpoints: [...known.values()],
    };
    const path = this.#path(connection, request);
    try {
      await mkdir(this.#folder, { recursive: true, mode: privateFolder });
      await writeWhole(path, JSON.stringify(intent));
    } catch (error) {
      throw fileError(error, 'write', path);
    }
    if (there.length > 0) {
      try {
        await connection.endpoints.deleteUser(request.projectId, request.userId);
      } catch (error) {
        const isGone = error instanceof AudienceError && error.code === 'not-found';
        if (!isGone) {
          if (!mayHaveHappened(error)) await rm(path, { force: true });
          throw error;
        }
      }
    }
    const receipt = { ...intent, done: this.#now(), verified: await isGone(connection, request) };
    await rm(path, { force: true });
    return receipt;
  }

  async #intent(connection: Connection, request: ErasureRequest): Promise<Intent | undefined> {
    const path = this.#path(connection, request);
    try {
      return JSON.parse(await readFile(path, 'utf8')) as Intent;
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return undefined;
      throw fileError(error, 'read', path);
    }
  }

  #path(connection: Connection, { projectId, userId }: ErasureRequest): string {
    const { account, region } = connection.identity;
    const key = JSON.stringify([account, region, connection.settings.endpointUrl, projectId, userId]);
    return join(this.#folder, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

async function isGone(connection: Connection, { projectId, userId }: ErasureRequest): Promise<boolean> {
  try {
    return (await connection.endpoints.getUser(projectId, userId)).length === 0;
  } catch (error) {
    if (error instanceof AudienceError && error.code === 'not-found') return true;
    throw error;
  }
}
