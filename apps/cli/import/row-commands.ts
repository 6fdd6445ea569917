import { createHash } from 'node:crypto';
import { DEFAULT_LOCATION, normaliseId } from '../../../libs/domain';
import { UsageError } from '../errors';
import type { CsvRow } from './csv';
import {
  CellError,
  fieldValue,
  kindNamed,
  typeOfField,
  type Asked,
  type FieldType,
} from './fields';
import type { LookupTables } from './lookups';
import { columnsOf, type Condition, type Mapping } from './mapping';

/** What a row asks of the server. */
export interface RowCommand {
  readonly kind: 'command';
  readonly row: number;
  /** Commands of one stream are sent one after the other. */
  readonly stream: string;
  readonly asked: Asked;
  /** Where it can be asked together with others. */
  readonly many?: string | undefined;
  /** Idempotency key: the same for the same row whenever it is imported. */
  readonly key: string;
}

export type PreparedRow =
  | RowCommand
  | { readonly kind: 'broken'; readonly row: number; readonly why: string }
  | { readonly kind: 'skipped'; readonly row: number; readonly why: string };

interface Context {
  readonly columns: readonly string[];
  readonly lookups: LookupTables;
  /** Names this file under this mapping; see importIdOf. */
  readonly importId: string;
  /** Stands before keys that are made of columns. */
  readonly keyPrefix: string;
}

/** The same for the same content under the same mapping's name, wherever and whenever it is imported. */
export function importIdOf(mapping: Mapping, keyPrefix: string, contentHash: string): string {
  return jointIdOf([mapping.kind, keyPrefix, contentHash]);
}

/** Of parts that are one import together. */
export const jointIdOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);

/** Throws when the file lacks a column that the mapping names. */
export function requireColumns(mapping: Mapping, columns: readonly string[], path: string): void {
  const missing = [...columnsOf(mapping)].filter((column) => !columns.includes(column));
  if (missing.length === 0) return;
  throw new UsageError(
    `${path} lacks ${missing.map((column) => `"${column}"`).join(', ')}, which the mapping ` +
      `${mapping.name} names; it has ${columns.join(', ')}`,
  );
}

type CellOf = (column: string) => string;

/** The function that turns a row of this file into a command. */
export function rowsToCommands(mapping: Mapping, context: Context): (row: CsvRow) => PreparedRow {
  const indexes = new Map(context.columns.map((column, index) => [column, index]));
  const fields = fieldReaders(mapping, context.lookups);
  const { ask, many, mapField, required, telling } = kindNamed(mapping.kind);
  const streamOf = streamsOf(mapping);
  return (csvRow) => {
    const { row } = csvRow;
    if ('broken' in csvRow) {
      return { kind: 'broken', row, why: `${csvRow.broken} (line ${csvRow.line})` };
    }
    const { cells } = csvRow;
    const cell: CellOf = (column) => cells[indexes.get(column) ?? -1]?.trim() ?? '';
    const skip = mapping.skip.find(({ when }) => holds(when, cell));
    if (skip) return { kind: 'skipped', row, why: skip.why };
    const body: Record<string, unknown> = {};
    const entries: Record<string, unknown> = {};
    try {
      for (const { name, read } of fields) {
        const value = read(cell);
        if (value === undefined) continue;
        if (mapField && name.startsWith(`${mapField}.`)) {
          entries[name.slice(mapField.length + 1)] = value;
        } else body[name] = value;
      }
    } catch (error) {
      if (error instanceof CellError) return { kind: 'broken', row, why: error.message };
      throw error;
    }
    if (mapField && Object.keys(entries).length > 0) body[mapField] = entries;
    const lacking = required.find((field) => body[field] === undefined);
    if (lacking !== undefined) return { kind: 'broken', row, why: emptyField(mapping, lacking) };
    if (mapping.key.length > 0 && mapping.key.every((column) => cell(column) === '')) {
      return { kind: 'broken', row, why: `the key is empty (${mapping.key.join(', ')})` };
    }
    if (telling?.fields.every((field) => body[field] === undefined)) {
      return { kind: 'skipped', row, why: telling.why };
    }
    const key = keyOf(mapping, context, row, cell);
    return { kind: 'command', row, stream: streamOf(body), asked: ask(body), many, key };
  };
}

function emptyField(mapping: Mapping, field: string): string {
  const column = mapping.columns[field];
  return column === undefined ? `${field} is empty` : `${field} is empty (column ${column})`;
}

const holds = (condition: Condition, cell: CellOf): boolean =>
  Object.entries(condition).every(([column, values]) => values.includes(cell(column)));

interface FieldReader {
  readonly name: string;
  readonly read: (cell: CellOf) => unknown;
}

function fieldReaders(mapping: Mapping, lookups: LookupTables): FieldReader[] {
  const kind = kindNamed(mapping.kind);
  const { constants, columns, templates } = mapping;
  const names = [constants, columns, templates].flatMap(Object.keys);
  return names.map((name) => {
    const type = typeOfField(kind, name) ?? 'text';
    const only = mapping.only[name];
    const source = sourceOf(mapping, name);
    const read = (cell: CellOf): unknown => {
      if (only && !holds(only, cell)) return undefined;
      const text = source(cell);
      if (text === '' || mapping.omit[name]?.includes(text)) return undefined;
      return translated(mapping, lookups, name, type, text);
    };
    return { name, read };
  });
}

function sourceOf(mapping: Mapping, field: string): (cell: CellOf) => string {
  const column = mapping.columns[field];
  if (column !== undefined) return (cell) => cell(column);
  const template = mapping.templates[field];
  if (template === undefined) return () => mapping.constants[field] ?? '';
  return (cell) => template.replace(/\{([^{}]+)\}/g, (_, name: string) => cell(name)).trim();
}

function translated(
  mapping: Mapping,
  lookups: LookupTables,
  field: string,
  type: FieldType,
  text: string,
): unknown {
  if (text.includes('\uFFFD')) throw new CellError(`${field} is not UTF-8 text: "${text}"`);
  let value = text;
  const lookup = mapping.lookups[field];
  if (lookup) {
    const found = lookups[field]?.get(value);
    if (found === undefined) {
      throw new CellError(`${field}: ${lookup.file} has no ${lookup.key} "${value}"`);
    }
    if (found === '') return undefined;
    value = found;
  }
  const values = mapping.values[field];
  if (values) {
    const to = Object.hasOwn(values, value) ? values[value] : undefined;
    if (to === undefined) throw new CellError(`${field}: the mapping has no value for "${value}"`);
    value = to;
  }
  try {
    return fieldValue(type, value, mapping.dates[field]);
  } catch (error) {
    if (error instanceof CellError) throw new CellError(`${field} ${error.message}`);
    throw error;
  }
}

function streamsOf(mapping: Mapping): (body: Readonly<Record<string, unknown>>) => string {
  const id = (value: unknown): string => normaliseId(String(value));
  switch (mapping.kind) {
    case 'items':
    case 'thresholds':
      return ({ sku }) => id(sku);
    case 'locations': {
      // A parent must be there before its children: then the order of the file counts for all.
      const hasParents = [mapping.columns, mapping.templates].some((given) => 'parent' in given);
      return hasParents ? () => 'locations' : ({ code }) => id(code);
    }
    case 'movements':
      return ({ sku, location = DEFAULT_LOCATION }) => JSON.stringify([id(sku), id(location)]);
  }
}

const VISIBLE = /^[\x21-\x7e]{1,200}$/;

function keyOf(mapping: Mapping, context: Context, row: number, cell: CellOf): string {
  if (mapping.key.length === 0) return `${context.importId}:${row}`;
  const parts = [context.keyPrefix, ...mapping.key.map(cell)].map(encodeURIComponent);
  const key = parts.join(':');
  // Percent-encoding leaves only visible characters; a key that is too long is told by its hash.
  return VISIBLE.test(key) ? key : createHash('sha256').update(key).digest('hex');
}
