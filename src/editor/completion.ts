import * as vscode from 'vscode';
import { attributes, type Attribute } from '../endpoints/model/attributes.ts';
import { countries, timezones } from '../endpoints/model/referenceData.ts';
import { headerNames, memberNamesOf, membersOf, type Place } from '../endpoints/editing/cursor.ts';
import { attributeHelp, valueHelp } from './attributeHelp.ts';
import { endpointFiles, isCsv, placeAt } from './endpointFiles.ts';

/** Offers attribute names in the header and as JSON keys, and the values of those attributes that have a list of them. */
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
  const found = placeAt(document, position);
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

/** Columns that the header has not yet; families of custom attributes leave room for the name. */
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

/** Keys that the object has not yet in which the place is. Between quotes only the name is written, else the value's beginning, too. */
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

/** For each country the language that CLDR takes to be its most likely; every other locale is fine, too. */
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
