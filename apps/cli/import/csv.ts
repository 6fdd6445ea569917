import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { UsageError } from '../errors';

/** One row of a file, numbered from 1 after the header; `line` is where an editor shows it. */
export type CsvRow =
  | { readonly row: number; readonly line: number; readonly cells: readonly string[] }
  | { readonly row: number; readonly line: number; readonly broken: string };

/** A row longer than this is taken for a quote that nobody closed. */
const MAX_ROW_CHARACTERS = 256 * 1024;

/**
 * CSV as of RFC 4180, in pieces as they come. A stray quote costs its own line and nothing behind it: the reader goes on
 * with the next line, where a library would lose the rest of the file inside an open quote.
 */
export class CsvReader {
  private buffer = '';
  private line = 1;
  private row = 0;
  private header: readonly string[] | undefined;

  constructor(private readonly delimiter: string) {}

  get columns(): readonly string[] | undefined {
    return this.header;
  }

  /** Takes the next piece of text and answers the rows that are complete. */
  push(text: string): CsvRow[] {
    this.buffer += text;
    return this.take(false);
  }

  /** Answers what is left when the text has ended. */
  end(): CsvRow[] {
    return this.take(true);
  }

  private take(ended: boolean): CsvRow[] {
    const rows: CsvRow[] = [];
    const { buffer } = this;
    let at = 0;
    let quote = -1;
    while (at < buffer.length) {
      const newline = buffer.indexOf('\n', at);
      if (newline < 0 && !ended) break;
      const lineEnd = newline < 0 ? buffer.length : newline;
      if (quote < at) quote = indexOrEnd(buffer, '"', at);
      let found: Scan;
      if (quote >= lineEnd) {
        const text = withoutReturn(buffer.slice(at, lineEnd));
        found = { cells: text.split(this.delimiter), end: lineEnd };
        if (text.trim() === '') found = { blank: true, end: lineEnd };
      } else {
        found = scanQuoted(buffer, at, this.delimiter, ended);
        if ('more' in found) {
          if (buffer.length - at < MAX_ROW_CHARACTERS) break;
          found = { broken: 'a quote is opened and never closed', end: lineEnd };
        }
        if ('broken' in found) found = { ...found, end: lineEnd };
      }
      this.accept(found, rows);
      this.line += linesIn(buffer, at, found.end) + 1;
      at = found.end + 1;
    }
    this.buffer = buffer.slice(at);
    return rows;
  }

  private accept(found: Exclude<Scan, { more: true }>, rows: CsvRow[]): void {
    if ('blank' in found) return;
    if (!this.header) {
      if ('broken' in found) throw new UsageError(`the header is broken: ${found.broken}`);
      this.header = found.cells.map((cell) => cell.trim());
      return;
    }
    const { line } = this;
    this.row += 1;
    if ('broken' in found) {
      rows.push({ row: this.row, line, broken: found.broken });
    } else if (found.cells.length !== this.header.length) {
      const broken = `${found.cells.length} cells where the header has ${this.header.length}`;
      rows.push({ row: this.row, line, broken });
    } else {
      rows.push({ row: this.row, line, cells: found.cells });
    }
  }
}

/** `end` is where the row's line break stands. */
type Scan =
  | { readonly cells: readonly string[]; readonly end: number }
  | { readonly broken: string; readonly end: number }
  | { readonly blank: true; readonly end: number }
  | { readonly more: true; readonly end: number };

function scanQuoted(text: string, start: number, delimiter: string, ended: boolean): Scan {
  const cells: string[] = [];
  let at = start;
  for (;;) {
    if (text[at] === '"') {
      const cell = quotedCell(text, at, ended);
      if (typeof cell === 'string') return { broken: cell, end: at };
      if (!cell) return { more: true, end: at };
      cells.push(cell.value);
      at = cell.end;
    } else {
      const end = endOfPlainCell(text, at, delimiter);
      if (end === text.length && !ended) return { more: true, end: at };
      const value = text.slice(at, end);
      if (value.includes('"'))
        return { broken: 'a quote inside a cell that does not begin with one', end };
      cells.push(value);
      at = end;
    }
    if (text[at] === delimiter) at += 1;
    else if (text[at] === '\r' && (at + 1 === text.length || text[at + 1] === '\n')) {
      if (at + 1 === text.length && !ended) return { more: true, end: at };
      return { cells, end: at + 1 };
    } else if (at >= text.length && !ended) return { more: true, end: at };
    else if (at >= text.length || text[at] === '\n') return { cells, end: at };
    else return { broken: 'text behind a closing quote', end: at };
  }
}

function quotedCell(
  text: string,
  start: number,
  ended: boolean,
): { readonly value: string; readonly end: number } | string | undefined {
  let value = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return ended ? 'a quote is opened and never closed' : undefined;
    value += text.slice(at, quote);
    if (text[quote + 1] !== '"') return { value, end: quote + 1 };
    value += '"';
    at = quote + 2;
  }
}

function endOfPlainCell(text: string, start: number, delimiter: string): number {
  let at = start;
  while (at < text.length && text[at] !== delimiter && text[at] !== '\n') {
    if (text[at] === '\r' && (at + 1 === text.length || text[at + 1] === '\n')) return at;
    at += 1;
  }
  return at;
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const at = text.indexOf(wanted, from);
  return at < 0 ? text.length : at;
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);

function linesIn(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) {
    count += 1;
  }
  return count;
}

/** The bytes of a file, unpacked where its name ends in .gz. */
async function* bytesOf(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  if (!path.endsWith('.gz')) {
    yield* file as AsyncIterable<Buffer>;
    return;
  }
  const unpacked = createGunzip({ chunkSize: 256 * 1024 });
  file.once('error', (error) => unpacked.destroy(error));
  try {
    yield* file.pipe(unpacked) as AsyncIterable<Buffer>;
  } finally {
    file.destroy();
  }
}

/** The rows of a file in batches, never the whole file at once. */
export async function* readCsv(path: string, delimiter: string): AsyncGenerator<CsvRow[]> {
  const reader = new CsvReader(delimiter);
  const decoder = new TextDecoder('utf-8');
  for await (const bytes of bytesOf(path))
    yield reader.push(decoder.decode(bytes, { stream: true }));
  yield reader.push(decoder.decode());
  yield reader.end();
}

export interface CsvFacts {
  readonly columns: readonly string[];
  /** SHA-256 of the unpacked content: the same rows are the same file, packed or not. */
  readonly contentHash: string;
  /** About: line breaks inside quotes count as well. */
  readonly rows: number;
}

/** Reads a file once before anything is sent: an unreadable or cut-off one is found out here. */
export async function inspectCsv(path: string, delimiter: string): Promise<CsvFacts> {
  const reader = new CsvReader(delimiter);
  const decoder = new TextDecoder('utf-8');
  const hash = createHash('sha256');
  let lineBreaks = 0;
  let size = 0;
  let lineStart = 0;
  try {
    await (await open(path)).close();
    for await (const bytes of bytesOf(path)) {
      hash.update(bytes);
      for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
        lineBreaks += 1;
        lineStart = size + at + 1;
      }
      size += bytes.length;
      if (size - lineStart > MAX_ROW_CHARACTERS) {
        throw new Error(`line ${lineBreaks + 1} is longer than ${MAX_ROW_CHARACTERS} characters`);
      }
      if (!reader.columns) reader.push(decoder.decode(bytes, { stream: true }));
    }
    if (!reader.columns) reader.end();
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`);
  }
  const { columns } = reader;
  if (!columns) throw new UsageError(`${path} is empty: its first row must name the columns`);
  const twice = columns.find((column, i) => columns.indexOf(column) !== i);
  if (twice !== undefined) throw new UsageError(`${path} names the column "${twice}" twice`);
  return { columns, contentHash: hash.digest('hex'), rows: Math.max(0, lineBreaks - 1) };
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a folder';
  if (code === 'EACCES') return 'this user may not read it';
  if (code === 'Z_DATA_ERROR' || code === 'Z_BUF_ERROR')
    return `it is no whole gzip file (${message})`;
  return message;
}
