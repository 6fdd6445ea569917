export const print = (text: string): void => void process.stdout.write(`${text}\n`);

type Row = Readonly<Record<string, unknown>>;

export interface Rows {
  readonly items: readonly Row[];
  readonly hasMore: boolean;
}

/** A column of a table: the field of the row, shown under its name in words. */
export type Column = string | { readonly field: string; readonly title: string };

/** One thing as lines of `name  value`. */
export function printFields(fields: Row): void {
  const shown = Object.entries(fields).filter(([, value]) => !isEmpty(value));
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  for (const [name, value] of shown) {
    if (Array.isArray(value) && value.every((entry) => typeof entry === 'object')) {
      print(`${name}:`);
      for (const entry of value as Row[]) print(`  ${flat(entry)}`);
    } else print(`${name.padEnd(width)}  ${cellText(value)}`);
  }
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0);

const flat = (row: Row): string =>
  Object.entries(row)
    .filter(([, value]) => !isEmpty(value))
    .map(([name, value]) => `${name} ${cellText(value)}`)
    .join(', ');

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(cellText).join('; ');
  if (typeof value === 'object') return `{ ${flat(value as Row)} }`;
  if (typeof value === 'string') return value.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

/** Rows as a table, numbers to the right; with `json` as `{ items }`. */
export function printRows(
  { items, hasMore }: Rows,
  columns: readonly Column[],
  json: boolean | undefined,
): void {
  if (json) return print(JSON.stringify({ items }));
  print(tableText(items, columns));
  if (hasMore) process.stderr.write('There are more rows: --all shows them, --limit so many.\n');
}

export function tableText(rows: readonly Row[], columns: readonly Column[]): string {
  if (rows.length === 0) return 'nothing found';
  const fields = columns.map((column) => (typeof column === 'string' ? column : column.field));
  const titles = columns.map((column) =>
    typeof column === 'string' ? inWords(column) : column.title,
  );
  const cells = rows.map((row) => fields.map((field) => cellText(row[field])));
  const widths = titles.map((title, i) =>
    Math.max(title.length, ...cells.map((row) => row[i]?.length ?? 0)),
  );
  const right = fields.map((field) => rows.some((row) => typeof row[field] === 'number'));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => (right[i] ? text.padStart(widths[i] ?? 0) : text.padEnd(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(titles), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join(
    '\n',
  );
}

/** reorderThreshold → reorder threshold. */
const inWords = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
