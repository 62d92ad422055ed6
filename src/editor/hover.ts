import * as vscode from 'vscode';
import { familyOf, nearestPath } from '../endpoints/model/attributes.ts';
import { membersOf } from '../endpoints/editing/cursor.ts';
import { attributeHelp, valueHelp } from './attributeHelp.ts';
import { endpointFiles, positionAt } from './endpointFiles.ts';
import { hover, ownMarkdown, paragraphs } from '../host/markdown.ts';

/** Explains the attribute under the pointer: in a header, a cell, a key or a value. */
export function registerHover(): vscode.Disposable {
  return vscode.languages.registerHoverProvider(endpointFiles, { provideHover });
}

/** Explains a JSON object that groups attributes; `undefined` for other names. */
function groupHelp(path: string): vscode.MarkdownString | undefined {
  const members = membersOf(path).map(({ name }) => `\`${name}\``);
  // Safe as Markdown: the names come from our own table.
  if (members.length > 0)
    return ownMarkdown(vscode.l10n.t('An object with the members {0}.', members.join(', ')));
  return familyOf(`${path}.x`) === undefined
    ? undefined
    : paragraphs(vscode.l10n.t('An object with your own names and values.'));
}

/** The suggested name may contain a custom name from the file. */
function unknownHelp(path: string): vscode.MarkdownString {
  const near = nearestPath(path);
  const unknown = vscode.l10n.t("This isn't a supported attribute.");
  return paragraphs(near === undefined ? unknown : `${unknown} ${vscode.l10n.t('Did you mean {0}?', near)}`);
}

function provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
  const found = positionAt(document, position);
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
