import type { Cell, Columns, Row } from '../projections';

/** Cells as PostgreSQL reads them, as elements of an array literal or as lines of a COPY. */

/** NUL does not exist in PostgreSQL, nor do halves of characters; a text from the log must not stop a table for them. */
const REPLACEMENT = '\uFFFD';

export function textOf(cell: Exclude<Cell, null>): string {
  if (typeof cell === 'string')
    return cell.includes('\0') ? cell.replaceAll('\0', REPLACEMENT) : cell;
  return typeof cell === 'object' ? jsonOf(cell) : String(cell);
}

function jsonOf(value: object): string {
  const json = JSON.stringify(value);
  return json.includes('\\u') ? json.replace(ESCAPES, replaceUnstorable) : json;
}

/** Takes pairs of backslashes as a whole, so that an escaped backslash before a `u` is not mistaken for an escape. */
const ESCAPES = /\\\\|\\u[0-9a-f]{4}/g;
const replaceUnstorable = (escape: string): string =>
  escape === '\\u0000' || /^\\ud[89a-f]/.test(escape) ? REPLACEMENT : escape;

/** One column of many rows as an array literal. */
export function arrayOf(rows: readonly Row[], name: string): string {
  let array = '{';
  for (const row of rows) {
    if (array.length > 1) array += ',';
    const cell = row[name] ?? null;
    if (cell === null) array += 'NULL';
    else if (typeof cell === 'number') array += cell;
    else array += quoted(textOf(cell));
  }
  return `${array}}`;
}

const quoted = (text: string): string =>
  `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;

/** Many rows in the text format of COPY. */
export function copyTextOf(rows: readonly Row[], columns: Columns): string {
  const names = Object.keys(columns);
  let lines = '';
  for (const row of rows) {
    let separator = '';
    for (const name of names) {
      const cell = row[name] ?? null;
      lines += separator;
      if (cell === null) lines += '\\N';
      else if (typeof cell === 'number') lines += cell;
      else lines += escaped(textOf(cell));
      separator = '\t';
    }
    lines += '\n';
  }
  return lines;
}

const COPY_ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\t': '\\t',
  '\n': '\\n',
  '\r': '\\r',
};
const escaped = (text: string): string =>
  /[\\\t\n\r]/.test(text) ? text.replace(/[\\\t\n\r]/g, (c) => COPY_ESCAPES[c] ?? c) : text;
