import { stackOf } from '../../errors.ts';
import { parentPort } from 'node:worker_threads';
import { DocumentValidator, type DocumentOptions, type TextChange } from './documentValidator.ts';
import type { ValidationResult } from '../rules/finding.ts';

/*
 * The entry point of the worker thread that validates open documents.
 */

/** Messages to the worker. Changes arrive in the order in which they were made. */
export type ToDocumentWorker =
  | {
      readonly kind: 'open';
      readonly id: string;
      readonly version: number;
      readonly text: string;
      readonly options: DocumentOptions;
    }
  | {
      readonly kind: 'change';
      readonly id: string;
      readonly version: number;
      readonly changes: readonly TextChange[];
    }
  | { readonly kind: 'close'; readonly id: string };

/** Messages from the worker: the result for a version of a document. Versions that were superseded in the meantime are skipped. */
export type FromDocumentWorker =
  | {
      readonly kind: 'validated';
      readonly id: string;
      readonly version: number;
      readonly result: ValidationResult;
    }
  | { readonly kind: 'failed'; readonly id: string; readonly stack: string };

const port = parentPort!;
const documents = new Map<string, { readonly validator: DocumentValidator; version: number }>();
const pending = new Set<string>();

function take(message: ToDocumentWorker): void {
  switch (message.kind) {
    case 'open':
      documents.set(message.id, {
        validator: new DocumentValidator(message.text, message.options),
        version: message.version,
      });
      break;
    case 'change': {
      const document = documents.get(message.id);
      if (!document) return;
      document.validator.update(message.changes);
      document.version = message.version;
      break;
    }
    case 'close':
      documents.delete(message.id);
      pending.delete(message.id);
      return;
  }
  pending.add(message.id);
  // Changes typed in the meantime are queued after this message, and are validated together with it.
  setImmediate(validateAll);
}

function validateAll(): void {
  for (const id of pending) {
    pending.delete(id);
    const document = documents.get(id);
    if (document)
      attempt(id, () =>
        post({ kind: 'validated', id, version: document.version, result: document.validator.result() }),
      );
  }
}

/** A document that fails is dropped; the others continue. */
function attempt(id: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    documents.delete(id);
    const stack = stackOf(error);
    post({ kind: 'failed', id, stack });
  }
}

function post(message: FromDocumentWorker): void {
  port.postMessage(message);
}

port.on('message', (message: ToDocumentWorker) => attempt(message.id, () => take(message)));
