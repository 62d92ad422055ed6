import type * as vscode from 'vscode';

/** What is remembered between sessions. Names and choices only: no credential, no content of a file. */
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
  /** Hosts to which the user agreed to send unencrypted. */
  'hosts.unencrypted': readonly string[];
  'project.last': string;
  'bucket.last': string;
  'role.import': string;
  'role.export': string;
  /** Segment names by the path of the file that was last imported under them. */
  'segment.names': Readonly<Record<string, string>>;
  /** Until when ended runs were seen, in milliseconds since 1970. */
  'runs.seen': number;
}

/** The editor's key-value store with names and types that the compiler knows. */
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
