import { once } from 'node:events';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Leads to a sandbox until it goes down for a while after so many answers: then connections are refused. */
export class Gate {
  readonly #target: string;
  #server: Server | undefined;
  #port = 0;
  #downAfter = Infinity;
  #downMs = 0;
  /** Answers so far. */
  answers = 0;
  /** The times that it went down. */
  outages = 0;

  constructor(target: string) {
    this.#target = target;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async open(): Promise<void> {
    const { hostname, port } = new URL(this.#target);
    const server = createServer((incoming, answer) => {
      const { method, headers, url: path } = incoming;
      const passed = request({ hostname, port, method, path, headers, agent: false }, (given) => {
        answer.writeHead(given.statusCode!, given.headers);
        given.pipe(answer);
        answer.on('finish', () => this.#count());
      });
      passed.on('error', () => answer.destroy());
      incoming.pipe(passed);
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Goes down after `count` answers from now on, for `ms` milliseconds. */
  plan(count: number, ms: number): void {
    this.answers = 0;
    this.outages = 0;
    this.#downAfter = count;
    this.#downMs = ms;
    if (count === 0) this.#goDown();
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#server = undefined;
  }

  #count(): void {
    this.answers += 1;
    if (this.answers === this.#downAfter) this.#goDown();
  }

  #goDown(): void {
    this.outages += 1;
    this.close();
    setTimeout(() => void this.open(), this.#downMs);
  }
}
