import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { UsageError } from '../errors';
import { inspectCsv } from './csv';
import {
  DATE_FORMATS,
  IMPORT_KINDS,
  kindNamed,
  typeOfField,
  type DateFormat,
  type ImportKindName,
} from './fields';

/** True for a row whose cell in each named column is one of the texts. */
export type Condition = Readonly<Record<string, readonly string[]>>;

export interface Lookup {
  readonly file: string;
  readonly key: string;
  readonly value: string;
}

export interface Skip {
  readonly when: Condition;
  readonly why: string;
}

/** How the rows of a file become commands; docs/import.md describes the file form. */
export interface Mapping {
  readonly name: string;
  readonly kind: ImportKindName;
  readonly delimiter: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly constants: Readonly<Record<string, string>>;
  /** Field → text with `{Column}` in it. */
  readonly templates: Readonly<Record<string, string>>;
  readonly lookups: Readonly<Record<string, Lookup>>;
  readonly values: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly omit: Readonly<Record<string, readonly string[]>>;
  readonly only: Readonly<Record<string, Condition>>;
  readonly dates: Readonly<Record<string, DateFormat>>;
  readonly key: readonly string[];
  readonly skip: readonly Skip[];
}

export async function loadMapping(path: string, kind: ImportKindName): Promise<Mapping> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw new UsageError(`cannot read the mapping ${path}: ${why}`);
  }
  const { mapping, problems } = checkMapping(value, kind, basename(path).replace(/\.json$/, ''));
  if (mapping) return mapping;
  throw new UsageError(`the mapping ${path} cannot work:\n  ${problems.join('\n  ')}`);
}

/** Without a mapping the columns of the file are named as the fields are; each must be one. */
export async function mappingOfColumns(file: string, kind: ImportKindName): Promise<Mapping> {
  const { columns: names } = await inspectCsv(file, ',');
  const columns = Object.fromEntries(names.map((name) => [name, name]));
  const { mapping, problems } = checkMapping({ columns }, kind, kind);
  if (mapping) return mapping;
  throw new UsageError(
    `${file} needs a mapping (--map), or columns that are named as the fields are:\n  ${problems.join('\n  ')}`,
  );
}

const SECTIONS = [
  'name',
  'kind',
  'delimiter',
  'columns',
  'constants',
  'templates',
  'lookups',
  'values',
  'omit',
  'only',
  'dates',
  'key',
  'skip',
];

type Json = Readonly<Record<string, unknown>>;
type Check<T> = (value: unknown) => T | undefined;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text: Check<string> = (value) =>
  typeof value === 'string' && value !== '' ? value : undefined;

const plain: Check<string> = (value) =>
  ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;

const texts: Check<readonly string[]> = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((entry) => plain(entry) !== undefined)
    ? value.map(String)
    : undefined;

const recordOf =
  <T>(check: Check<T>): Check<Readonly<Record<string, T>>> =>
  (value) => {
    if (!isObject(value)) return undefined;
    const checked: [string, T][] = [];
    for (const [name, entry] of Object.entries(value)) {
      const good = check(entry);
      if (good === undefined) return undefined;
      checked.push([name, good]);
    }
    return Object.fromEntries(checked);
  };

const condition: Check<Condition> = (value) =>
  isObject(value) && Object.keys(value).length > 0 ? recordOf(texts)(value) : undefined;

const lookup: Check<Lookup> = (value) => {
  if (!isObject(value) || Object.keys(value).length !== 3) return undefined;
  const [file, key, found] = [text(value.file), text(value.key), text(value.value)];
  return file && key && found ? { file, key, value: found } : undefined;
};

const skips: Check<readonly Skip[]> = (value) => {
  if (!Array.isArray(value)) return undefined;
  const checked: Skip[] = [];
  for (const entry of value as unknown[]) {
    if (!isObject(entry) || Object.keys(entry).length !== 2) return undefined;
    const [when, why] = [condition(entry.when), text(entry.why)];
    if (!when || !why) return undefined;
    checked.push({ when, why });
  }
  return checked;
};

const dateFormat: Check<DateFormat> = (value) => DATE_FORMATS.find((format) => format === value);

/** The mapping, or everything that is wrong with it. */
export function checkMapping(
  value: unknown,
  kind: ImportKindName,
  defaultName: string,
): { readonly mapping?: Mapping; readonly problems: readonly string[] } {
  if (!isObject(value)) return { problems: ['it must be a JSON object'] };
  const problems = Object.keys(value)
    .filter((section) => !SECTIONS.includes(section))
    .map((section) => `"${section}" is no section; there are ${SECTIONS.join(', ')}`);
  const section = <T>(name: string, byDefault: T, check: Check<T>, wanted: string): T => {
    if (value[name] === undefined) return byDefault;
    const checked = check(value[name]);
    if (checked === undefined) problems.push(`"${name}" must be ${wanted}`);
    return checked ?? byDefault;
  };
  const delimiter: Check<string> = (given) =>
    typeof given === 'string' && /^[^"\r\n]$/.test(given) ? given : undefined;
  const asked: Check<ImportKindName> = (given) => IMPORT_KINDS.find((name) => name === given);
  const mapping: Mapping = {
    name: section('name', defaultName, text, 'a text'),
    kind: section('kind', kind, asked, `one of ${IMPORT_KINDS.join(', ')}`),
    delimiter: section('delimiter', ',', delimiter, 'one character'),
    columns: section('columns', {}, recordOf(text), 'an object of field → column name'),
    constants: section('constants', {}, recordOf(plain), 'an object of field → value'),
    templates: section('templates', {}, recordOf(text), 'an object of field → text with {Column}'),
    lookups: section('lookups', {}, recordOf(lookup), 'an object of field → {file, key, value}'),
    values: section('values', {}, recordOf(recordOf(plain)), 'an object of field → {from: to}'),
    omit: section('omit', {}, recordOf(texts), 'an object of field → list of texts'),
    only: section('only', {}, recordOf(condition), 'an object of field → {column: list of texts}'),
    dates: section(
      'dates',
      {},
      recordOf(dateFormat),
      `an object of field → one of ${DATE_FORMATS.join(', ')}`,
    ),
    key: section('key', [], texts, 'a list of column names'),
    skip: section('skip', [], skips, 'a list of {when: {column: list of texts}, why}'),
  };
  if (problems.length === 0) problems.push(...contradictions(mapping, kind));
  return problems.length === 0 ? { mapping, problems } : { problems };
}

function contradictions(mapping: Mapping, kind: ImportKindName): string[] {
  const problems: string[] = [];
  if (mapping.kind !== kind) problems.push(`it is for ${mapping.kind}, not for ${kind}`);
  const shape = kindNamed(kind);
  const fromCells = { ...mapping.columns, ...mapping.templates };
  const given = [mapping.columns, mapping.constants, mapping.templates].flatMap(Object.keys);
  const known = [...Object.keys(shape.fields), ...(shape.mapField ? [`${shape.mapField}.*`] : [])];
  for (const field of new Set(given)) {
    if (!typeOfField(shape, field)) {
      problems.push(`"${field}" is no field of ${kind}; there are ${known.join(', ')}`);
    } else if (given.filter((other) => other === field).length > 1) {
      problems.push(`"${field}" is given twice, among columns, constants and templates`);
    }
  }
  for (const section of ['lookups', 'values', 'omit', 'dates'] as const) {
    for (const field of Object.keys(mapping[section])) {
      if (!Object.hasOwn(fromCells, field)) {
        problems.push(`"${section}" names "${field}", which no column or template gives`);
      }
    }
  }
  for (const field of Object.keys(mapping.only)) {
    if (!given.includes(field)) problems.push(`"only" names "${field}", which nothing gives`);
  }
  for (const field of Object.keys(mapping.dates)) {
    const type = typeOfField(shape, field);
    if (type && type !== 'date' && type !== 'instant') {
      problems.push(`"dates" names "${field}", which is no date`);
    }
  }
  for (const field of shape.required) {
    if (!given.includes(field)) problems.push(`nothing gives "${field}", and ${kind} need it`);
  }
  return problems;
}

/** Columns named in a template: `{Column}`. */
const columnsIn = (template: string): string[] =>
  [...template.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1] ?? '');

/** Every column the mapping reads from the file itself. */
export function columnsOf(mapping: Mapping): ReadonlySet<string> {
  return new Set([
    ...Object.values(mapping.columns),
    ...Object.values(mapping.templates).flatMap(columnsIn),
    ...mapping.key,
    ...Object.values(mapping.only).flatMap(Object.keys),
    ...mapping.skip.flatMap(({ when }) => Object.keys(when)),
  ]);
}
