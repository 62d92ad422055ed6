import * as vscode from 'vscode';
import { familyOf, nearestPath } from '../endpoints/model/attributes.ts';
import { membersOf } from '../endpoints/editing/cursor.ts';
import { attributeHelp, valueHelp } from './attributeHelp.ts';
import { endpointFiles, placeAt } from './endpointFiles.ts';
import { hover, ownMarkdown, paragraphs } from '../host/markdown.ts';

/** Explains the attribute under the pointer: in a header, a cell, a key or a value. */
export function registerHover(): vscode.Disposable {
  return vscode.languages.registerHoverProvider(endpointFiles, { provideHover });
}

/** What an object of JSON that groups attributes holds; `undefined` for any other name. */
function groupHelp(path: string): vscode.MarkdownString | undefined {
  const members = membersOf(path).map(({ name }) => `\`${name}\``);
  // Members are names of the table.
  if (members.length > 0) return ownMarkdown(vscode.l10n.t('An object that holds {0}.', members.join(', ')));
  return familyOf(`${path}.x`) === undefined
    ? undefined
    : paragraphs(vscode.l10n.t('An object that holds names and values of your own.'));
}

/** The nearest name may end in one of the file's own. */
function unknownHelp(path: string): vscode.MarkdownString {
  const near = nearestPath(path);
  const unknown = vscode.l10n.t('No supported attribute.');
  return paragraphs(near === undefined ? unknown : `${unknown} ${vscode.l10n.t('Did you mean {0}?', near)}`);
}

function provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
  const found = placeAt(document, position);
  if (!found || found.place.path === '') return undefined;
  const { place, range } = found;
  if (!place.attribute) {
    if (place.kind !== 'name') return undefined;
    return hover(place.path, range, groupHelp(place.path) ?? unknownHelp(place.path));
  }
  const meaning = place.kind === 'value' ? valueHelp(place.attribute, place.text) : undefined;
  const help = attributeHelp(place.attribute);
  return meaning === undefined
    ? hover(place.path, range, help)
    : hover(place.path, range, paragraphs(`${place.text}: ${meaning}`), help);
}
