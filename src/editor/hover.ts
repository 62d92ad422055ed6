import * as vscode from 'vscode';
import { nearestPath } from '../endpoints/attributes.ts';
import { attributeHelp, valueHelp } from './attributeHelp.ts';
import { endpointFiles, placeAt } from './endpointFiles.ts';

/** Explains the attribute under the pointer: in a header, a cell, a key or a value. */
export function registerHover(): vscode.Disposable {
  return vscode.languages.registerHoverProvider(endpointFiles, { provideHover });
}

function provideHover(document: vscode.TextDocument, position: vscode.Position): vscode.Hover | undefined {
  const found = placeAt(document, position);
  if (!found || found.place.path === '') return undefined;
  const { place, range } = found;
  const title = new vscode.MarkdownString().appendMarkdown('### ').appendText(place.path);
  if (!place.attribute) {
    if (
      place.kind === 'name' &&
      !/^(Attributes|Demographic|Location|Metrics|User|User\.UserAttributes)$/.test(place.path)
    ) {
      const near = nearestPath(place.path);
      const unknown = vscode.l10n.t('No supported attribute.');
      const hint = near === undefined ? '' : ` ${vscode.l10n.t('Did you mean {0}?', near)}`;
      return new vscode.Hover([title, new vscode.MarkdownString(unknown + hint)], range);
    }
    return undefined;
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
