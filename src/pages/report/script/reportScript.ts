import { readToPage, type Action, type Element as Piece, type FromPage } from '../pageProtocol.ts';

/*
 * The script of the report's page: renders what it receives, and reports clicks.
 */

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void; setState(state: unknown): void };

const editor = acquireVsCodeApi();
const drawing = 'http://www.w3.org/2000/svg';

function build({ tag, attributes = {}, children = [], action }: Piece): Element {
  const isDrawn = tag === 'svg' || tag === 'rect';
  const element = isDrawn ? document.createElementNS(drawing, tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  for (const child of children) element.append(typeof child === 'string' ? child : build(child));
  if (action !== undefined) element.addEventListener('click', () => send(action));
  return element;
}

function send(action: Action): void {
  editor.postMessage(action);
}

/** Keeps the focus on the same element, if it still exists. */
function show(page: Piece): void {
  const focused = document.activeElement?.id ?? '';
  document.body.replaceChildren(build(page));
  if (focused !== '') document.getElementById(focused)?.focus();
}

window.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
  const message = readToPage(data);
  if (message?.kind === 'show') {
    show(message.page);
    editor.setState(message.state);
  } else if (message?.kind === 'progress') {
    const bar = document.querySelector('progress');
    bar?.setAttribute('max', String(message.total));
    bar?.setAttribute('value', String(message.done));
  }
});
editor.postMessage({ kind: 'ready' });
