import type { ServerResponse } from 'node:http';
import { XMLParser } from 'fast-xml-parser';
import { ServiceError } from '../http/http.ts';
import { getOwn } from '../../ownMember.ts';

/** An element of a response: text, members by name, or several elements of one name. `undefined` is omitted. */
export type XmlValue =
  string | number | boolean | undefined | { readonly [name: string]: XmlValue } | readonly XmlValue[];

/** An element of a request: text, or child elements by name. */
export type XmlNode = string | { readonly [name: string]: XmlNode | readonly XmlNode[] };

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
  // Only XML's five entities and character references: without definitions, there is no entity expansion.
  processEntities: true,
  entityDecoder: {
    setExternalEntities: () => undefined,
    addInputEntities: () => undefined,
    reset: () => undefined,
    setXmlVersion: () => undefined,
    decode: decodeEntities,
  },
});

/** Sends `<name>…</name>`. */
export function sendXml(response: ServerResponse, status: number, name: string, content: XmlValue): void {
  const xml = buildXml(name, content);
  response
    .writeHead(status, { 'Content-Type': 'application/xml', 'Content-Length': Buffer.byteLength(xml) })
    .end(xml);
}

/** A document with one root element. */
export function buildXml(name: string, content: XmlValue, attributes = ` xmlns="${namespace}"`): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, content, attributes)}`;
}

function element(name: string, content: XmlValue, attributes = ''): string {
  if (content === undefined) return '';
  if (Array.isArray(content)) return content.map((item: XmlValue) => element(name, item)).join('');
  const inner =
    typeof content === 'object'
      ? Object.entries(content)
          .map(([member, value]) => element(member, value))
          .join('')
      : escape(String(content));
  // A name may contain attributes.
  return `<${name}${attributes}>${inner}</${name.split(' ', 1)[0]!}>`;
}

/**
 * Reads the document of a request.
 *
 * @returns the root element's children
 * @throws ServiceError `MalformedXML` if it isn't well-formed, has a DOCTYPE, or has another root than `name`
 */
export function parseXml(
  xml: string,
  name: string,
): { readonly [name: string]: XmlNode | readonly XmlNode[] } {
  if (xml.includes('<!DOCTYPE')) throw malformedXml();
  const root = getOwn(parse(xml), name);
  if (root === undefined || Array.isArray(root)) throw malformedXml();
  return typeof root === 'string' ? {} : root;
}

function parse(xml: string): Record<string, XmlNode | undefined> {
  try {
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- its replacement is the same code in another dependency
    return parser.parse(xml, true) as Record<string, XmlNode | undefined>;
  } catch (error) {
    throw error instanceof ServiceError ? error : malformedXml();
  }
}

/** The child elements called `name`, in order. */
export function children(node: XmlNode, name: string): readonly XmlNode[] {
  if (typeof node === 'string') return [];
  const found = getOwn(node, name);
  if (found === undefined) return [];
  return isList(found) ? found : [found];
}

/** The text of the only child element called `name`; `undefined` if there is none. */
export function textOf(node: XmlNode, name: string): string | undefined {
  const [first, ...more] = children(node, name);
  if (more.length > 0) throw malformedXml();
  if (first === undefined || typeof first === 'string') return first;
  throw malformedXml();
}

export function malformedXml(
  message = 'The XML you provided was not well-formed or did not validate against our published schema.',
): ServiceError {
  return new ServiceError(400, 'MalformedXML', message);
}

function isList(found: XmlNode | readonly XmlNode[]): found is readonly XmlNode[] {
  return Array.isArray(found);
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#x([0-9a-fA-F]+)|#(\d+)|([^;&]*));?/g,
    (_all, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) {
        const char = getOwn(named, name);
        if (char === undefined) throw malformedXml();
        return char;
      }
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
      if (code > 0x10ffff) throw malformedXml();
      return String.fromCodePoint(code);
    },
  );
}

/** Also escapes carriage returns and control characters, which XML parsers would change or reject. */
function escape(text: string): string {
  return text.replaceAll(
    /[&<>\u0000-\u0008\u000b-\u001f]/g,
    (char) =>
      getOwn({ '&': '&amp;', '<': '&lt;', '>': '&gt;' }, char) ?? `&#x${char.charCodeAt(0).toString(16)};`,
  );
}
