import * as vscode from 'vscode';
import { familyOf, nearestPath } from '../endpoints/model/attributes.ts';
import { membersOf } from '../endpoints/editing/cursor.ts';
import { attributeHelp, valueHelp } from './attributeHelp.ts';
import { endpointFiles, placeAt } from './endpointFiles.ts';

/** Explains the attribute under the pointer: in a header, a cell, a key or a value. */
export function registerHover(): vscode.Disposable {
  return vscode.languages.registerHoverProvider(endpointFiles, { provideHover });
}

/** What an object of JSON that groups attributes holds; `undefined` for any other name. */
function groupHelp(path: string): string | undefined {
  const members = membersOf(path).map(({ name }) => `\`${name}\``);
  if (members.length > 0) return vscode.l10n.t('An object that holds {0}.', members.join(', '));
  return familyOf(`${path}.x`) && vscode.l10n.t('An object that holds names and values of your own.');
}

function unknownHelp(path: string): string {
  const near = nearestPath(path);
  const unknown = vscode.l10n.t('No supported attribute.');
  return near === undefined ? unknown : `${unknown} ${vscode.l10n.t('Did you mean {0}?', near)}`;
}

function provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
  const found = placeAt(document, position);
  if (!found || found.place.path === '') return undefined;
  const { place, range } = found;
  const title = new vscode.MarkdownString().appendMarkdown('### ').appendText(place.path);
  if (!place.attribute) {
    if (place.kind !== 'name') return undefined;
    const text = new vscode.MarkdownString(groupHelp(place.path) ?? unknownHelp(place.path));
    return new vscode.Hover([title, text], range);
  }
  const meaning = place.kind === 'value' ? valueHelp(place.attribute, place.text) : undefined;
  const help = attributeHelp(place.attribute);
  return new vscode.Hover(
    meaning === undefined
      ? [title, help]
      : [title, new vscode.MarkdownString(`${place.text}: ${meaning}`), help],
    range,
  );
}
