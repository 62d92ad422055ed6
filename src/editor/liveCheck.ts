import { Worker } from 'node:worker_threads';
import * as vscode from 'vscode';
import type { FromDocumentWorker, ToDocumentWorker } from '../endpoints/validation/documentWorker.ts';
import type { Log } from '../host/outputLog.ts';
import { getSetting, onDidChangeSetting } from '../host/settings.ts';
import { isCsv, isEndpointFile } from './endpointFiles.ts';
import type { Findings } from './problems.ts';

/**
 * Validates endpoint files while they are edited, in a worker that follows the changes:
 * from when a document is shown until it is closed.
 */
export class LiveCheck {
  readonly #workerFile: string;
  readonly #findings: Findings;
  readonly #log: Log;
  readonly #followed = new Map<string, vscode.TextDocument>();
  readonly #subscriptions: readonly { dispose(): unknown }[];
  #worker: Worker | undefined;

  constructor(workerFile: string, findings: Findings, log: Log) {
    this.#workerFile = workerFile;
    this.#findings = findings;
    this.#log = log;
    this.#subscriptions = [
      vscode.window.onDidChangeVisibleTextEditors(() => this.#followShown()),
      // Changing the language closes and opens a document without hiding it.
      vscode.workspace.onDidOpenTextDocument(() => this.#followShown()),
      vscode.workspace.onDidChangeTextDocument((change) => this.#onChange(change)),
      vscode.workspace.onDidCloseTextDocument((document) => this.#unfollow(document)),
      onDidChangeSetting('validation', () => this.#restart()),
    ];
    this.#followShown();
  }

  async dispose(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription.dispose();
    await this.#worker?.terminate();
  }

  #followShown(): void {
    if (!getSetting('validation.whileTyping')) return;
    for (const { document } of vscode.window.visibleTextEditors) this.#follow(document);
  }

  #follow(document: vscode.TextDocument): void {
    const id = document.uri.toString();
    if (this.#followed.has(id) || document.uri.scheme !== 'file' || !isEndpointFile(document)) return;
    this.#followed.set(id, document);
    this.#post({
      kind: 'open',
      id,
      version: document.version,
      text: document.getText(),
      options: {
        type: isCsv(document) ? 'csv' : 'ndjson',
        severity: getSetting('validation.severity'),
        maxIssues: getSetting('validation.maxIssues'),
      },
    });
  }

  #onChange({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    const id = document.uri.toString();
    if (contentChanges.length === 0) return;
    if (!this.#followed.has(id)) {
      // It may just have become an endpoint file.
      if (vscode.window.visibleTextEditors.some((editor) => editor.document === document))
        this.#followShown();
      return;
    }
    if (!isEndpointFile(document)) {
      this.#unfollow(document);
      return;
    }
    const changes = contentChanges.map(({ range: { start, end }, text }) => ({
      startLine: start.line,
      startCharacter: start.character,
      endLine: end.line,
      endCharacter: end.character,
      text,
    }));
    this.#post({ kind: 'change', id, version: document.version, changes });
  }

  #unfollow(document: vscode.TextDocument): void {
    const id = document.uri.toString();
    if (!this.#followed.delete(id)) return;
    this.#post({ kind: 'close', id });
    this.#findings.showLast(document.uri);
  }

  #restart(): void {
    for (const document of [...this.#followed.values()]) this.#unfollow(document);
    this.#followShown();
  }

  #post(message: ToDocumentWorker): void {
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(this.#workerFile);
    worker.unref();
    worker.on('message', (message: FromDocumentWorker) => this.#onMessage(message));
    worker.on('error', (error) => this.#log.error('Checking while typing stopped', error));
    worker.on('exit', () => {
      // Documents are tracked again when they are shown next.
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#followed.clear();
    });
    return worker;
  }

  #onMessage(message: FromDocumentWorker): void {
    const document = this.#followed.get(message.id);
    if (!document) return;
    if (message.kind === 'failed') {
      this.#followed.delete(message.id);
      this.#log.error(`A document is no longer validated while typing: ${message.stack}`);
    } else if (message.version === document.version) {
      this.#findings.show(document.uri, message.result);
    }
  }
}
