import { Worker } from 'node:worker_threads';
import { AudienceError } from '../../errors.ts';
import type { FromWorker, ToWorker } from './workerProtocol.ts';

/** Idle workers are let go after this many milliseconds. */
const idleTime = 30_000;

/** A worker that was lent out. */
export interface Hand {
  send(message: ToWorker, transfer?: readonly ArrayBuffer[]): void;
  /** What it says, until it is given back. `undefined`: it died. */
  onMessage: (message: FromWorker | undefined) => void;
  giveBack(): void;
}

interface Member {
  readonly worker: Worker;
  hand: Hand | undefined;
  timer: NodeJS.Timeout | undefined;
}

/** Worker threads that are started on first need, lent out one by one and kept for a while. They do not keep the process alive while idle. */
export class Crew {
  readonly #file: string | URL;
  readonly #size: number;
  readonly #members = new Set<Member>();
  readonly #waiting: ((hand: Hand) => void)[] = [];
  #disposed = false;

  constructor(file: string | URL, size: number) {
    this.#file = file;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** Lends a worker as soon as one is free: calls `take`, now or later. The returned function withdraws the wish. */
  borrow(take: (hand: Hand) => void): () => void {
    if (this.#disposed) throw new AudienceError('internal', 'The validator was disposed');
    this.#waiting.push(take);
    this.#lend();
    return () => {
      const index = this.#waiting.indexOf(take);
      if (index >= 0) this.#waiting.splice(index, 1);
    };
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#waiting.length = 0;
    await Promise.all([...this.#members].map((member) => this.#letGo(member)));
  }

  #lend(): void {
    while (this.#waiting.length > 0) {
      const member =
        [...this.#members].find(({ hand }) => hand === undefined) ??
        (this.#members.size < this.#size ? this.#hire() : undefined);
      if (member === undefined) return;
      clearTimeout(member.timer);
      const take = this.#waiting.shift()!;
      const hand: Hand = {
        send: (message, transfer = []) => member.worker.postMessage(message, transfer),
        onMessage: () => undefined,
        giveBack: () => {
          if (member.hand === hand) this.#rollback(member);
        },
      };
      member.hand = hand;
      member.worker.ref();
      take(hand);
    }
  }

  #hire(): Member {
    const worker = new Worker(this.#file, {
      // Little is allocated while files are judged; without a limit the heap of each thread grows nevertheless.
      resourceLimits: { maxYoungGenerationSizeMb: 1 },
    });
    const member: Member = { worker, hand: undefined, timer: undefined };
    this.#members.add(member);
    worker.on('message', (message: FromWorker) => member.hand?.onMessage(message));
    const onEnd = (): void => {
      if (!this.#members.delete(member)) return;
      member.hand?.onMessage(undefined);
      member.hand = undefined;
      if (!this.#disposed) this.#lend();
    };
    worker.on('error', onEnd);
    worker.on('exit', onEnd);
    return member;
  }

  #rollback(member: Member): void {
    member.hand = undefined;
    member.worker.unref();
    member.timer = setTimeout(() => void this.#letGo(member), idleTime).unref();
    if (!this.#disposed) this.#lend();
  }

  async #letGo(member: Member): Promise<void> {
    clearTimeout(member.timer);
    this.#members.delete(member);
    const { hand } = member;
    member.hand = undefined;
    await member.worker.terminate();
    hand?.onMessage(undefined);
  }
}
