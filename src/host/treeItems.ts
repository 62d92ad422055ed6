import * as vscode from 'vscode';
import { inert } from './inertText.ts';

/** What every item of a tree is made of. */
export interface ItemParts {
  readonly id: string;
  readonly label: string;
  readonly description?: string | undefined;
  readonly icon?: vscode.ThemeIcon;
  /** See markdown.ts. */
  readonly tooltip?: vscode.MarkdownString;
  /** For screen readers; by default label and description. */
  readonly spoken?: string;
  readonly state?: vscode.TreeItemCollapsibleState;
  readonly contextValue?: string;
  readonly command?: vscode.Command;
}

export function treeItem(parts: ItemParts): vscode.TreeItem {
  const label = inert(parts.label, maxLabel);
  const item = new vscode.TreeItem(label, parts.state ?? vscode.TreeItemCollapsibleState.None);
  item.id = parts.id;
  if (parts.icon !== undefined) item.iconPath = parts.icon;
  if (parts.description !== undefined) item.description = inert(parts.description, maxLabel);
  if (parts.tooltip !== undefined) item.tooltip = parts.tooltip;
  if (parts.command !== undefined) item.command = parts.command;
  if (parts.contextValue !== undefined) item.contextValue = parts.contextValue;
  item.accessibilityInformation = {
    label: inert(parts.spoken ?? [parts.label, parts.description].filter(Boolean).join(', ')),
  };
  return item;
}

/** Shows a message above the tree of a view; none if `text` is empty. */
export function setViewMessage(view: vscode.TreeView<unknown>, text: string): void {
  view.message = inert(text);
}

/** A number on the icon of a view; none for 0. */
export function setViewBadge(view: vscode.TreeView<unknown>, value: number, tooltip: string): void {
  view.badge = value === 0 ? undefined : { value, tooltip: inert(tooltip) };
}

const maxLabel = 300;
