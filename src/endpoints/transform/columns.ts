/** The offsets of a cell in a text, quotes included. */
interface Cell {
  readonly start: number;
  readonly end: number;
}

/** Why columns can't be rewritten safely: a misplaced quote, or a record with another number of cells than the header. */
export type ColumnTrouble = 'quote' | 'cells';

/** How the columns of a CSV file are rewritten. */
export interface ColumnPlan {
  /** The current delimiter. */
  readonly delimiter: string;
  /** True if the delimiter becomes a comma. */
  readonly toCommas: boolean;
  /** Indices of the columns to remove. */
  readonly dropped: ReadonlySet<number>;
  /** The current number of columns. */
  readonly width: number;
}

/**
 * The cells of every record, as offsets in a text of whole records, or the 0-based line of the first misplaced quote.
 */
function cellsOf(text: string, delimiter: string): Cell[][] | number {
  const records: Cell[][] = [];
  const trouble = (at: number): number => text.slice(0, at).split('\n').length - 1;
  let cells: Cell[] = [];
  for (let at = 0; at < text.length;) {
    const start = at;
    if (text[at] === '"') {
      do {
        const quote = text.indexOf('"', at + 1);
        if (quote < 0) return trouble(start);
        at = quote + 1;
      } while (text[at] === '"');
    } else {
      while (at < text.length && text[at] !== delimiter && text[at] !== '\n') {
        if (text[at] === '"') return trouble(at);
        at++;
      }
      if (text[at] === '\n' && at > start && text[at - 1] === '\r') at--;
    }
    cells.push({ start, end: at });
    if (text[at] === delimiter) {
      at++;
      // A trailing delimiter is followed by one empty cell.
      if (at === text.length) cells.push({ start: at, end: at });
      else continue;
    }
    if (at < text.length && text[at] !== '\n' && text[at] !== '\r') return trouble(at);
    records.push(cells);
    cells = [];
    at += text.startsWith('\r\n', at) ? 2 : 1;
  }
  return records;
}

/** A cell of a header, quotes included, and its name. */
export interface HeaderCell extends Cell {
  readonly text: string;
}

/** The cells of a header. The delimiter is whichever yields the most columns. */
export function headerCells(header: string): readonly HeaderCell[] {
  const splits = [',', ';', '\t', '|'].map((delimiter) => cellsOf(header, delimiter));
  const cells = splits.map((split) => (typeof split === 'number' ? [] : (split[0] ?? [])));
  const [best = []] = cells.toSorted((one, other) => other.length - one.length);
  return best.map(({ start, end }) => {
    const text = header.slice(start, end).replace(/^"(.*)"$/, '$1');
    return { start, end, text: text.trim() };
  });
}

/** The index of the header cell at a 0-based character, and its name. */
export function columnAt(
  cells: readonly HeaderCell[],
  character: number,
): { readonly index: number; readonly text: string } {
  let from = 0;
  let to = cells.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (cells[middle]!.end < character) from = middle + 1;
    else to = middle;
  }
  const index = from === cells.length ? 0 : from;
  return { index, text: cells[index]?.text ?? '' };
}

/** The 0-based line of the first record whose columns can't be rewritten, and why; `undefined` if all can. */
export function columnTrouble(
  text: string,
  { delimiter, dropped, width }: ColumnPlan,
): { readonly reason: ColumnTrouble; readonly line: number } | undefined {
  const records = cellsOf(text, delimiter);
  if (typeof records === 'number') return { reason: 'quote', line: records };
  if (dropped.size === 0) return undefined;
  const odd = records.find((cells) => !isBlank(cells) && cells.length !== width);
  if (odd === undefined) return undefined;
  return { reason: 'cells', line: text.slice(0, odd[0]!.start).split('\n').length - 1 };
}

/** A text of whole records with its columns rewritten. Only for text in which `columnTrouble` finds nothing. */
export function withColumns(text: string, { delimiter, toCommas, dropped }: ColumnPlan): string {
  const separator = toCommas ? ',' : delimiter;
  const pieces: string[] = [];
  let at = 0;
  for (const cells of cellsOf(text, delimiter) as Cell[][]) {
    if (isBlank(cells)) continue;
    pieces.push(text.slice(at, cells[0]!.start));
    const kept = cells.filter((_, index) => !dropped.has(index)).map((cell) => written(text, cell, toCommas));
    // An empty line wouldn't count as a record.
    pieces.push(kept.join(separator) || '""');
    at = cells.at(-1)!.end;
  }
  return pieces.join('') + text.slice(at);
}

function written(text: string, { start, end }: Cell, toCommas: boolean): string {
  const cell = text.slice(start, end);
  return toCommas && cell.includes(',') && !cell.startsWith('"') ? `"${cell}"` : cell;
}

function isBlank(cells: readonly Cell[]): boolean {
  return cells.length === 1 && cells[0]!.start === cells[0]!.end;
}
