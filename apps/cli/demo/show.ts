import { STATUS_CODES } from 'node:http';
import type { Answer } from '../http-client';
import { tableText } from '../output';
import { shownOf, type Step } from './step';

/** Columns of a terminal that everything fits into. */
export const WIDTH = 100;
const INDENT = '    ';

export type Style = 'bold' | 'dim' | 'cyan' | 'green' | 'yellow';
export type Paint = (style: Style, text: string) => string;

const CODES: Readonly<Record<Style, number>> = { bold: 1, dim: 2, cyan: 36, green: 32, yellow: 33 };

/** Colours where a person looks, plain text where a file or a program does. */
export const painter =
  (colours: boolean): Paint =>
  (style, text) =>
    colours ? `\x1b[${CODES[style]}m${text}\x1b[0m` : text;

/** What is asked, as it goes over the line: method, address, the headers that matter, the body. */
export function requestLines(
  { method, headers, body }: Step,
  path: string,
  paint: Paint,
): string[] {
  const room = WIDTH - INDENT.length - method.length - 1;
  const [first = '', ...rest] = fill(path.split(/(?=&)/), room, '');
  return [
    `${paint('bold', method)} ${paint('cyan', first)}`,
    ...rest.map((line) => paint('cyan', line)),
    ...Object.entries(headers ?? {}).map(([name, value]) => paint('dim', `${name}: ${value}`)),
    ...(body ? jsonLines(body) : []),
  ].map((line) => INDENT + line);
}

/** What is answered: the status, and of the body what the step is about. */
export function answerLines(
  { answer: expected }: Step,
  { status, replayed, body }: Answer,
  paint: Paint,
): string[] {
  const words = `${status} ${STATUS_CODES[status] ?? ''}`;
  const told = shownOf(body, expected) as Readonly<Record<string, unknown>>;
  return [
    paint(status < 300 ? 'green' : 'yellow', words) +
      (replayed ? paint('dim', '  Idempotent-Replayed: true') : ''),
    ...(isRows(told.items) ? rowLines(told.items) : jsonLines(told)),
  ].map((line) => INDENT + line);
}

type Row = Readonly<Record<string, unknown>>;

const isRows = (value: unknown): value is readonly Row[] => Array.isArray(value);

const rowLines = (rows: readonly Row[]): string[] =>
  tableText(rows, Object.keys(rows[0] ?? {}))
    .split('\n')
    .map((line) => `  ${line}`);

const jsonLines = (value: object): string[] =>
  fill(jsonPieces(value), WIDTH - INDENT.length - 2).map((line) => `  ${line}`);

/** JSON as pieces that stay together: `{ "sku": "A",` and `"quantity": 3 }`. */
function jsonPieces(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [JSON.stringify(value)];
  const isList = Array.isArray(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return [isList ? '[]' : '{}'];
  const pieces = entries.flatMap(([name, entry], i) => {
    const title = isList ? '' : `${JSON.stringify(name)}: `;
    return between(title, jsonPieces(entry), i < entries.length - 1 ? ',' : '');
  });
  const whole = isList ? between('[', pieces, ']') : between('{ ', pieces, ' }');
  const oneLine = whole.join(' ');
  return oneLine.length <= TOGETHER ? [oneLine] : whole;
}

/** What is no longer than that is not torn apart. */
const TOGETHER = 70;

function between(before: string, pieces: readonly string[], after: string): readonly string[] {
  const last = pieces.length - 1;
  return pieces.map((piece, i) => (i === 0 ? before : '') + piece + (i === last ? after : ''));
}

/** As many pieces to a line as fit; lines after the first stand in by two. */
function fill(pieces: readonly string[], room: number, joint = ' '): readonly string[] {
  const lines: string[] = [];
  for (const piece of pieces) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + joint.length + piece.length <= room) {
      lines[lines.length - 1] = last + joint + piece;
    } else lines.push(last === undefined ? piece : `  ${piece}`);
  }
  return lines;
}

/** JSON over as few lines as it fits into. */
export const jsonText = (value: unknown, room: number): string =>
  fill(jsonPieces(value), room).join('\n');
