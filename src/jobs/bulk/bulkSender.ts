import { join } from 'node:path';
import type { Connection } from '../../aws/connection/connection.ts';
import { batchLimits, endpointRates } from '../../aws/pinpoint/endpointService.ts';
import { AudienceError, cancelled } from '../../errors.ts';
import { atLeast } from '../drive/polling.ts';
import type { Clock } from '../runs/clock.ts';
import type { BulkItem } from './bulkItems.ts';
import { Rate } from './rate.ts';
import type { BulkKind, Outcome } from './bulkRecord.ts';

/** Pauses before a failed request is repeated, in milliseconds. After the last one, the operation stops. */
const patience = [1000, 2000, 4000, 8000, 16_000, 30_000];

/** The rates of one account and region, shared by all requests to it. */
export class Rates {
  readonly update: Rate;
  readonly updateBatch: Rate;
  readonly delete: Rate;

  /** @param folder shared by all processes that send to this account and region; without it, the rates apply to this process only */
  constructor(clock: Clock, folder?: string) {
    const rateOf = (name: keyof typeof endpointRates): Rate =>
      new Rate(clock, endpointRates[name], folder && join(folder, name));
    this.update = rateOf('update');
    this.updateBatch = rateOf('updateBatch');
    this.delete = rateOf('delete');
  }
}

/**
 * Sends records at the documented rates. A refused batch is sent again one by one, so that each line gets its own error: AWS doesn't
 * document the response to a batch with one invalid endpoint.
 */
export class Sender {
  readonly #connection: Connection;
  readonly #projectId: string;
  readonly #kind: BulkKind;
  readonly #rates: Rates;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;

  constructor(
    connection: Connection,
    operation: { readonly projectId: string; readonly kind: BulkKind },
    rates: Rates,
    clock: Clock,
    signal: AbortSignal,
  ) {
    this.#connection = connection;
    this.#projectId = operation.projectId;
    this.#kind = operation.kind;
    this.#rates = rates;
    this.#clock = clock;
    this.#signal = signal;
  }

  /** Limits of one request. */
  get limits(): { readonly endpoints: number; readonly bytes: number } {
    return this.#kind === 'update-endpoints' ? batchLimits : { ...batchLimits, endpoints: 1 };
  }

  /**
   * One outcome per record. `again`: the records may have been sent before, so a missing one counts as deleted by that request.
   * Throws `cancelled` and errors that no record causes: `access-denied`, `credentials`, repeated `throttled` …
   */
  async send(
    items: readonly BulkItem[],
    again: boolean,
    before: Outcome['endpoints'] = [],
  ): Promise<readonly Outcome[]> {
    const sendable = items.filter(({ problem }) => problem === undefined);
    const sent = sendable.length === 0 ? [] : await this.#sendAll(sendable, again, before);
    const outcomes = new Map(sendable.map((item, index) => [item, sent[index]!]));
    return items.map((item) => outcomes.get(item) ?? { kind: 'failed', message: item.problem });
  }

  /** The endpoints of the user that is about to be deleted: afterwards they can't be listed. */
  async endpointsOf(items: readonly BulkItem[]): Promise<NonNullable<Outcome['endpoints']>> {
    const [item] = items;
    if (this.#kind !== 'delete-users' || item === undefined || item.problem !== undefined) return [];
    let endpoints: NonNullable<Outcome['endpoints']> = [];
    await this.#try(this.#rates.delete, async () => {
      const found = await this.#connection.endpoints.getUser(this.#projectId, item.id, this.#signal);
      endpoints = found.map(({ Id, ChannelType = '' }) => ({ id: Id, channel: ChannelType }));
    });
    return endpoints;
  }

  async #sendAll(
    items: readonly BulkItem[],
    again: boolean,
    before: NonNullable<Outcome['endpoints']>,
  ): Promise<readonly Outcome[]> {
    switch (this.#kind) {
      case 'update-endpoints':
        return this.#update(items);
      case 'delete-endpoints':
        return [await this.#delete(items[0]!, again)];
      case 'delete-users':
        return [await this.#deleteUser(items[0]!, again, before)];
    }
  }

  async #update(items: readonly BulkItem[]): Promise<readonly Outcome[]> {
    const { endpoints } = this.#connection;
    const batch = items.map(({ item }) => item!);
    const { refused } = await this.#try(this.#rates.updateBatch, () =>
      endpoints.updateEndpoints(this.#projectId, batch, this.#signal),
    );
    if (refused === undefined) return items.map(() => ({ kind: 'done' }));
    // The project doesn't exist.
    if (refused.code === 'not-found') throw refused;
    if (items.length === 1) return [{ kind: 'failed', message: refused.message }];
    const outcomes: Outcome[] = [];
    for (const { Id, ...definition } of batch) {
      const alone = await this.#try(this.#rates.update, () =>
        endpoints.updateEndpoint(this.#projectId, Id, definition),
      );
      outcomes.push(alone.refused ? { kind: 'failed', message: alone.refused.message } : { kind: 'done' });
    }
    return outcomes;
  }

  async #delete({ id }: BulkItem, again: boolean): Promise<Outcome> {
    const { refused, repeated } = await this.#try(this.#rates.delete, () =>
      this.#connection.endpoints.deleteEndpoint(this.#projectId, id),
    );
    return deletion(refused, again || repeated);
  }

  async #deleteUser(
    { id }: BulkItem,
    again: boolean,
    before: NonNullable<Outcome['endpoints']>,
  ): Promise<Outcome> {
    let endpoints = before;
    const { refused, repeated } = await this.#try(this.#rates.delete, async () => {
      const gone = await this.#connection.endpoints.deleteUser(this.#projectId, id);
      const deleted = gone.map(({ Id, ChannelType = '' }) => ({ id: Id, channel: ChannelType }));
      endpoints = [...new Map([...before, ...deleted].map((each) => [each.id, each])).values()];
    });
    const outcome = deletion(refused, again || repeated);
    return outcome.kind === 'done' && endpoints.length > 0 ? { ...outcome, endpoints } : outcome;
  }

  /** Resolves with the refusal if the record caused it. Other errors are repeated or thrown. */
  async #try(
    rate: Rate,
    send: () => Promise<unknown>,
  ): Promise<{ readonly refused?: AudienceError; readonly repeated: boolean }> {
    for (let attempt = 0; ; attempt++) {
      await rate.take(this.#signal);
      if (this.#signal.aborted) throw cancelled();
      try {
        await send();
        return { repeated: attempt > 0 };
      } catch (error) {
        if (!(error instanceof AudienceError)) throw error;
        if (error.code === 'bad-input' || error.code === 'not-found')
          return { refused: error, repeated: attempt > 0 };
        const pause = patience[attempt];
        const passes = error.code === 'throttled' || error.code === 'network' || error.code === 'service';
        if (!passes || pause === undefined) throw error;
        await this.#clock.sleep(atLeast(pause, error, 0), this.#signal);
      }
    }
  }
}

/** A missing endpoint counts as deleted if an earlier request may have deleted it, else as absent. */
function deletion(refused: AudienceError | undefined, again: boolean): Outcome {
  if (refused === undefined) return { kind: 'done' };
  if (refused.code === 'not-found') return { kind: again ? 'done' : 'absent' };
  return { kind: 'failed', message: refused.message };
}
