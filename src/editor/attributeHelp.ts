import * as vscode from 'vscode';
import { channels, type Attribute } from '../endpoints/model/attributes.ts';
import { countries } from '../endpoints/model/referenceData.ts';
import { ownMarkdown } from '../host/markdown.ts';

const typeNames: Readonly<Record<Attribute['type'], string>> = {
  string: 'string',
  number: 'number',
  strings: 'one or more strings',
};

/** Explains an attribute: meaning, type, limit, allowed values, example and AWS's documentation page. */
export function attributeHelp(attribute: Attribute): vscode.MarkdownString {
  const { help, type, maxLength, values, example, source } = attribute;
  const facts = [
    `**${vscode.l10n.t('Type')}:** ${typeNames[type]}`,
    maxLength !== undefined &&
      `**${vscode.l10n.t('At most')}:** ${vscode.l10n.t('{0} characters', maxLength)}`,
    values && `**${vscode.l10n.t('Allowed')}:** ${values.map((value) => `\`${value}\``).join(', ')}`,
    `**${vscode.l10n.t('Example')}:** \`${example}\``,
  ].filter((fact) => fact !== false && fact !== undefined);
  return ownMarkdown(
    [
      help,
      facts.map((fact) => `- ${fact}`).join('\n'),
      `[${vscode.l10n.t('AWS documentation')}](${source})`,
    ].join('\n\n'),
  );
}

/** What an allowed value means, if its name doesn't say it. */
export function valueHelp(attribute: Attribute, value: string): string | undefined {
  if (attribute.format === 'channelType') return channels.find(({ name }) => name === value)?.help;
  if (attribute.format === 'optOut') {
    if (value === 'ALL') return vscode.l10n.t('The user wants no messages.');
    return value === 'NONE' ? vscode.l10n.t('All messages are welcome.') : undefined;
  }
  if (attribute.format === 'country' && countries.includes(value)) return countryNames.of(value);
  return undefined;
}

const countryNames = new Intl.DisplayNames(['en'], { type: 'region' });
