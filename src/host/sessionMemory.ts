import type * as vscode from 'vscode';

/** Remembered between sessions: names and choices only, no credentials and no content of files. */
interface Memories {
  /** How this workspace was last connected; `sandbox` is the one that the extension starts. */
  'connection.last':
    | { readonly sandbox: true }
    | {
        readonly profile?: string | undefined;
        readonly region?: string | undefined;
        readonly endpointUrl?: string | undefined;
      };
  'regions.recent': readonly string[];
  /** Hosts to which the user agreed to send data unencrypted. */
  'hosts.unencrypted': readonly string[];
  'project.last': string;
  'bucket.last': string;
  'role.import': string;
  'role.export': string;
  /** Segment names by the path of the file that was last imported under them. */
  'segment.names': Readonly<Record<string, string>>;
  /** When the Jobs view was last seen, in milliseconds since 1970. */
  'runs.seen': number;
}

/** VS Code's key-value store with typed keys. */
export class Memory {
  readonly #store: vscode.Memento;

  constructor(store: vscode.Memento) {
    this.#store = store;
  }

  get<K extends keyof Memories>(key: K): Memories[K] | undefined {
    return this.#store.get<Memories[K]>(key);
  }

  async set<K extends keyof Memories>(key: K, value: Memories[K] | undefined): Promise<void> {
    await this.#store.update(key, value);
  }
}
