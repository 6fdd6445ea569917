import { resolve } from 'node:path';
import { UsageError } from '../errors';
import { inspectCsv, readCsv } from './csv';
import type { Lookup, Mapping } from './mapping';

/** Field → what a cell stands for in another file. */
export type LookupTables = Readonly<Record<string, ReadonlyMap<string, string>>>;

/** Reads the files that the mapping looks things up in; they are kept in memory, two columns of each. */
export async function loadLookups(mapping: Mapping, folder: string): Promise<LookupTables> {
  const tables: Record<string, ReadonlyMap<string, string>> = {};
  for (const [field, lookup] of Object.entries(mapping.lookups)) {
    tables[field] = await load(lookup, resolve(folder, lookup.file), mapping.delimiter);
  }
  return tables;
}

async function load(lookup: Lookup, path: string, delimiter: string): Promise<Map<string, string>> {
  const { columns } = await inspectCsv(path, delimiter);
  const [key, value] = [columns.indexOf(lookup.key), columns.indexOf(lookup.value)];
  for (const [name, at] of [
    [lookup.key, key],
    [lookup.value, value],
  ] as const) {
    if (at < 0) {
      throw new UsageError(`${path} has no column "${name}"; it has ${columns.join(', ')}`);
    }
  }
  const table = new Map<string, string>();
  for await (const rows of readCsv(path, delimiter)) {
    for (const row of rows) {
      if ('broken' in row) throw new UsageError(`${path}, line ${row.line}: ${row.broken}`);
      table.set(row.cells[key]?.trim() ?? '', row.cells[value]?.trim() ?? '');
    }
  }
  return table;
}
