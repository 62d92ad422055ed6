import * as vscode from 'vscode';
import { Emitter } from '../events.ts';
import { isCancelled } from '../errors.ts';
import { failureTexts, findFailures, type FoundFailures } from '../jobs/failures/findFailures.ts';
import { kindOfFailure } from '../jobs/failures/failureClues.ts';
import type { RunRecord } from '../jobs/runs/runRecord.ts';
import type { Runs } from '../jobs/runs/runs.ts';
import type { Failures } from '../host/failurePlaces.ts';
import type { Log } from '../host/outputLog.ts';
import { diagnostic } from '../host/editorParts.ts';

interface Known {
  /** The texts that were searched: an active run may report more. */
  readonly texts: readonly string[];
  readonly found: FoundFailures | undefined;
}

const nothing: FoundFailures = { failures: [], changed: [], gone: [] };

/** Finds the lines of failures once per run, in the background, and shows them in Problems on request. */
export class JobFailures implements Failures {
  readonly #log: Log;
  readonly #collection = vscode.languages.createDiagnosticCollection('pinpoint-audience jobs');
  /** The marked files of each run. */
  readonly #marked = new Map<string, readonly vscode.Uri[]>();
  readonly #known = new Map<string, Known>();
  readonly #changed = new Emitter<string>();
  readonly onDidChange = this.#changed.event;
  readonly #stop = new AbortController();
  readonly #subscriptions: { dispose(): void }[];

  constructor(runs: Runs, log: Log) {
    this.#log = log;
    this.#subscriptions = [
      this.#collection,
      this.#changed,
      // Once a line is fixed or moved, its mark would be wrong.
      vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0) this.#collection.delete(document.uri);
      }),
      runs.onDidChange((run) => {
        if (!run) for (const id of this.#marked.keys()) if (!runs.get(id)) this.#unmark(id);
      }),
    ];
  }

  of(run: RunRecord): FoundFailures | undefined {
    const texts = failureTexts(run);
    if (!run.import || texts.length === 0) return nothing;
    const known = this.#known.get(run.id);
    if (known && isSame(known.texts, texts)) return known.found;
    this.find(run).catch((error: unknown) => {
      if (!isCancelled(error)) this.#log.warn('Could not find the lines of failures', error);
    });
    return undefined;
  }

  async find(run: RunRecord, signal?: AbortSignal): Promise<FoundFailures> {
    const texts = failureTexts(run);
    if (!run.import || texts.length === 0) return nothing;
    this.#known.set(run.id, { texts, found: this.#known.get(run.id)?.found });
    const stop = signal ? AbortSignal.any([signal, this.#stop.signal]) : this.#stop.signal;
    const found = await findFailures(run.import, texts, stop);
    this.#known.set(run.id, { texts, found });
    this.#changed.fire(run.id);
    return found;
  }

  mark(run: RunRecord, { failures }: FoundFailures): void {
    this.#unmark(run.id);
    const byFile = new Map<string, vscode.Diagnostic[]>();
    for (const { text, place } of failures) {
      if (!place) continue;
      const row = place.line - 1;
      const range = new vscode.Range(row, (place.column ?? 1) - 1, row, Number.MAX_SAFE_INTEGER);
      const marked = diagnostic(
        range,
        kindOfFailure(text),
        vscode.DiagnosticSeverity.Error,
        vscode.l10n.t('Pinpoint import'),
      );
      byFile.set(place.path, [...(byFile.get(place.path) ?? []), marked]);
    }
    for (const [path, diagnostics] of byFile) this.#collection.set(vscode.Uri.file(path), diagnostics);
    this.#marked.set(
      run.id,
      [...byFile.keys()].map((path) => vscode.Uri.file(path)),
    );
  }

  dispose(): void {
    this.#stop.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #unmark(id: string): void {
    for (const uri of this.#marked.get(id) ?? []) this.#collection.delete(uri);
    this.#marked.delete(id);
  }
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}
