import * as vscode from 'vscode';
import { inert } from './inertText.ts';

interface StatusParts {
  readonly icon: string;
  readonly text: string;
  /** Icons with numbers after the text. */
  readonly counts: readonly { readonly icon: string; readonly count: number }[];
  readonly tooltip: readonly string[];
  readonly spoken: string;
}

/** An item of the status bar. */
export class StatusItem {
  readonly #item: vscode.StatusBarItem;

  constructor(id: string, name: string, command: string) {
    this.#item = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Left);
    this.#item.name = name;
    this.#item.command = command;
  }

  show({ icon, text, counts, tooltip, spoken }: StatusParts): void {
    const numbers = counts.map((each) => ` $(${each.icon}) ${each.count}`).join('');
    this.#item.text = `$(${icon}) ${inert(text, 100)}${numbers}`;
    this.#item.tooltip = tooltip.map((line) => inert(line)).join('\n');
    this.#item.accessibilityInformation = { label: inert(spoken), role: 'button' };
    this.#item.show();
  }

  hide(): void {
    this.#item.hide();
  }

  dispose(): void {
    this.#item.dispose();
  }
}
