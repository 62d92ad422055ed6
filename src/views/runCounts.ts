import * as vscode from 'vscode';
import { Emitter } from '../events.ts';
import { hasEnded } from '../jobs/runs/runRecord.ts';
import type { Runs } from '../jobs/runs/runs.ts';
import { formatCount } from '../host/format.ts';
import type { Memory } from '../host/sessionMemory.ts';
import { statusOfRun } from './runStatus.ts';

/** Counts active runs, and those that failed since the user last opened the Jobs view. */
export class RunCounts {
  readonly #runs: Runs;
  readonly #memory: Memory;
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscription: { dispose(): void };
  #isSeen = false;

  constructor(runs: Runs, memory: Memory) {
    this.#runs = runs;
    this.#memory = memory;
    this.#subscription = runs.onDidChange(() => this.#changed.fire());
  }

  get running(): number {
    return this.#runs.list().filter((run) => !hasEnded(run)).length;
  }

  /** Failed, or completed without all of their entries. */
  get failed(): number {
    if (this.#isSeen) return 0;
    const seen = this.#memory.get('runs.seen') ?? 0;
    return this.#runs.list().filter((run) => {
      const status = statusOfRun(run);
      const isBad = status === 'failed' || status === 'done-with-failures';
      return isBad && Date.parse(run.ended ?? run.updated) > seen;
    }).length;
  }

  /** `2 running, 1 with failures`, or empty. */
  get text(): string {
    const { running, failed } = this;
    return [
      running > 0 && vscode.l10n.t('{0} running', formatCount(running)),
      failed > 0 && vscode.l10n.t('{0} with failures', formatCount(failed)),
    ]
      .filter((part) => part !== false)
      .join(', ');
  }

  /** The Jobs view was shown or hidden. */
  setSeen(isSeen: boolean): void {
    this.#isSeen = isSeen;
    void this.#memory.set('runs.seen', Date.now());
    this.#changed.fire();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changed.dispose();
  }
}
