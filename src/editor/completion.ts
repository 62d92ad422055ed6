import * as vscode from 'vscode';
import { attributes, type Attribute } from '../endpoints/model/attributes.ts';
import { countries, timezones } from '../endpoints/model/referenceData.ts';
import { headerNames, memberNamesOf, membersOf, type Place } from '../endpoints/editing/cursor.ts';
import { attributeHelp, valueHelp } from './attributeHelp.ts';
import { endpointFiles, isCsv, positionAt } from './endpointFiles.ts';

/** Completes attribute names in the header and in JSON keys, and values of attributes with a fixed list. */
export function registerCompletion(): vscode.Disposable {
  return vscode.languages.registerCompletionItemProvider(
    endpointFiles,
    { provideCompletionItems },
    ',',
    '"',
    '.',
    ':',
  );
}

function provideCompletionItems(
  document: vscode.TextDocument,
  position: vscode.Position,
): vscode.CompletionItem[] | undefined {
  const found = positionAt(document, position);
  if (!found) return undefined;
  const { place, range } = found;
  const items =
    place.kind === 'value'
      ? valuesOf(place, isCsv(document))
      : isCsv(document)
        ? columnNames(document.lineAt(0).text, place)
        : memberNames(document.lineAt(position).text, place);
  for (const item of items) item.range = range;
  return items;
}

/** Columns missing in the header. For custom attributes, the name is a placeholder. */
function columnNames(header: string, place: Place): vscode.CompletionItem[] {
  const taken = new Set(headerNames(header).filter((name) => name !== place.text.trim()));
  return attributes
    .filter(({ path }) => !taken.has(path))
    .map((attribute) => {
      const custom = attribute.path.endsWith('.*');
      const item = nameItem(attribute.path, attribute);
      item.insertText = custom
        ? new vscode.SnippetString(`${attribute.path.slice(0, -1)}\${1:Name}`)
        : attribute.path;
      return item;
    });
}

/** Keys missing in the object at the position. Without quotes, the start of the value is inserted as well. */
function memberNames(line: string, place: Place): vscode.CompletionItem[] {
  const taken = new Set(memberNamesOf(line, place.parent).filter((name) => name !== place.text));
  const free = membersOf(place.parent).filter(({ name }) => !taken.has(name));
  return free.map(({ name, attribute }) => {
    const item = nameItem(name, attribute);
    if (!attribute) item.kind = vscode.CompletionItemKind.Module;
    if (place.quoted) item.insertText = name;
    else {
      const value = !attribute ? '{$1}' : attribute.type === 'number' ? '${1:0}' : '"$1"';
      item.insertText = new vscode.SnippetString(`"${name}":${value}`);
    }
    return item;
  });
}

function nameItem(label: string, attribute: Attribute | undefined): vscode.CompletionItem {
  const item = new vscode.CompletionItem(label, vscode.CompletionItemKind.Property);
  if (attribute) item.documentation = attributeHelp(attribute);
  return item;
}

/** For each country, its most likely language by CLDR. Other locales are valid, too. */
let likelyLocales: readonly string[] | undefined;
function locales(): readonly string[] {
  return (likelyLocales ??= countries.map(
    (country) => `${new Intl.Locale('und', { region: country }).maximize().language}_${country}`,
  ));
}

function valuesOf(place: Place, csv: boolean): vscode.CompletionItem[] {
  const { attribute } = place;
  if (!attribute) return [];
  return listOf(attribute).map((value) => {
    const item = new vscode.CompletionItem(value, vscode.CompletionItemKind.EnumMember);
    const meaning = valueHelp(attribute, value);
    if (meaning !== undefined) item.detail = meaning;
    item.insertText = csv || place.quoted ? value : JSON.stringify(value);
    // Type "germ" to find DE.
    if (meaning !== undefined) item.filterText = `${value} ${meaning}`;
    return item;
  });
}

function listOf({ format, values }: Attribute): readonly string[] {
  if (values) return values;
  if (format === 'country') return countries;
  if (format === 'timezone') return timezones;
  if (format === 'locale') return locales();
  return [];
}
