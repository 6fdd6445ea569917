/** A list as text that is written as it is read. */
export interface ListWriter {
  readonly contentType: string;
  readonly extension: string;
  /** Before the first row. */
  readonly head: string;
  readonly textOf: (rows: readonly object[]) => string;
}

export const LIST_WRITERS: Readonly<
  Record<'csv' | 'ndjson', (fields: readonly string[]) => ListWriter>
> = {
  csv: csvWriter,
  ndjson: () => ({
    contentType: 'application/x-ndjson; charset=utf-8',
    extension: 'ndjson',
    head: '',
    textOf: (rows) => rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
  }),
};

/** RFC 4180: CRLF, a header, quotes where a value needs them. Values stay as they are. */
function csvWriter(fields: readonly string[]): ListWriter {
  const line = (cells: readonly string[]): string => `${cells.join(',')}\r\n`;
  return {
    contentType: 'text/csv; charset=utf-8; header=present',
    extension: 'csv',
    head: line(fields.map(cellOf)),
    textOf: (rows) =>
      rows
        .map((row) => line(fields.map((field) => cellOf((row as Record<string, unknown>)[field]))))
        .join(''),
  };
}

/** Nothing for null, "" for an empty text, JSON for a list or an object. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
