/** What can be imported: the fields of each kind and how a cell becomes one. */

export type FieldType =
  | 'text'
  | 'word'
  | 'decimal'
  /** The same, or `none`, which takes away what is there. */
  | 'decimalOrNone'
  | 'whole'
  | 'flag'
  | 'list'
  | 'date'
  | 'instant';

/** The fields of a row. */
export type Fields = Readonly<Record<string, unknown>>;

/** What the api is asked. */
export interface Asked {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: Fields;
}

export interface ImportKind {
  readonly ask: (row: Fields) => Asked;
  /** Where many rows are asked for at once; absent: one by one. */
  readonly many?: string;
  readonly fields: Readonly<Record<string, FieldType>>;
  readonly required: readonly string[];
  /** A row without any of these means nothing, and is skipped. */
  readonly telling?: { readonly fields: readonly string[]; readonly why: string };
  /** Fields below this name take any name of their own: `attributes.Color`. */
  readonly mapField?: string;
}

const context = { reason: 'text', effectiveAt: 'instant' } as const;
const THRESHOLDS = ['safetyStock', 'reorderThreshold', 'maximum'] as const;

const post =
  (path: string) =>
  (body: Fields): Asked => ({ method: 'POST', path, body });

const importKinds = {
  items: {
    ask: post('/api/v1/items'),
    required: ['sku'],
    mapField: 'attributes',
    fields: {
      sku: 'text',
      name: 'text',
      description: 'text',
      category: 'text',
      unit: 'text',
      decimals: 'whole',
      safetyStock: 'decimal',
      reorderThreshold: 'decimal',
      maximum: 'decimal',
      countVarianceLimit: 'decimal',
      tracking: 'word',
      qcRequired: 'flag',
      allocationPolicy: 'word',
      aliases: 'list',
      barcodes: 'list',
      ...context,
    },
  },
  locations: {
    ask: post('/api/v1/locations'),
    required: ['code'],
    fields: {
      code: 'text',
      name: 'text',
      kind: 'word',
      parent: 'text',
      timeZone: 'text',
      ...context,
    },
  },
  movements: {
    ask: post('/api/v1/stock-movements'),
    many: '/api/v1/batch-stock-movements',
    required: ['type', 'sku', 'quantity'],
    fields: {
      type: 'word',
      sku: 'text',
      location: 'text',
      quantity: 'decimal',
      lotCode: 'text',
      expiresOn: 'date',
      unitCost: 'decimal',
      currency: 'word',
      purpose: 'word',
      reference: 'text',
      qcRequired: 'flag',
      ...context,
    },
  },
  thresholds: {
    ask: askForThresholds,
    required: ['sku'],
    telling: { fields: THRESHOLDS, why: 'no threshold is given' },
    fields: {
      sku: 'text',
      location: 'text',
      safetyStock: 'decimalOrNone',
      reorderThreshold: 'decimalOrNone',
      maximum: 'decimalOrNone',
      ...context,
    },
  },
} as const satisfies Readonly<Record<string, ImportKind>>;

/** Thresholds of the item itself, or of it at one location. */
function askForThresholds({ sku, location, reason, effectiveAt, ...levels }: Fields): Asked {
  const told = location === undefined ? levels : { thresholds: [{ location, ...levels }] };
  return {
    method: 'PATCH',
    path: `/api/v1/items/${encodeURIComponent(String(sku))}`,
    body: {
      ...told,
      ...(reason !== undefined && { reason }),
      ...(effectiveAt !== undefined && { effectiveAt }),
    },
  };
}

export type ImportKindName = keyof typeof importKinds;
export const IMPORT_KINDS = Object.keys(importKinds) as ImportKindName[];
export const kindNamed = (name: ImportKindName): ImportKind => importKinds[name];

export function typeOfField(kind: ImportKind, field: string): FieldType | undefined {
  if (kind.mapField && field.startsWith(`${kind.mapField}.`)) {
    return field.length > kind.mapField.length + 1 ? 'text' : undefined;
  }
  return Object.hasOwn(kind.fields, field) ? kind.fields[field] : undefined;
}

/** How a date may be written; all are read as UTC. */
const dateFormats = {
  'YYYY-MM-DD': /^(?<y>\d{4})-(?<m>\d\d)-(?<d>\d\d)$/,
  'YYYY-MM-DD HH:MM:SS': /^(?<y>\d{4})-(?<m>\d\d)-(?<d>\d\d) (?<t>\d\d:\d\d:\d\d)$/,
  'DD.MM.YYYY': /^(?<d>\d\d?)\.(?<m>\d\d?)\.(?<y>\d{4})$/,
  'DD/MM/YYYY': /^(?<d>\d\d?)\/(?<m>\d\d?)\/(?<y>\d{4})$/,
  'MM/DD/YYYY': /^(?<m>\d\d?)\/(?<d>\d\d?)\/(?<y>\d{4})$/,
} as const;
export type DateFormat = keyof typeof dateFormats;
export const DATE_FORMATS = Object.keys(dateFormats) as DateFormat[];

export type FieldValue = string | number | boolean | null | readonly string[];

/** Thrown for a cell that cannot be its field; the message completes "<field> ...". */
export class CellError extends Error {}

/** A cell as its field, or a CellError. Lengths and known words are for the server to judge. */
export function fieldValue(type: FieldType, text: string, format?: DateFormat): FieldValue {
  switch (type) {
    case 'text':
    case 'word':
      return text;
    case 'decimal':
      if (/^-?\d+(\.\d+)?$/.test(text)) return text;
      throw new CellError(`is not a number: "${text}"`);
    case 'decimalOrNone':
      return text.toLowerCase() === 'none' ? null : fieldValue('decimal', text);
    case 'whole':
      if (/^\d{1,9}$/.test(text)) return Number(text);
      throw new CellError(`is not a whole number: "${text}"`);
    case 'flag':
      return flag(text);
    case 'list':
      return text
        .split(';')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== '');
    case 'date':
    case 'instant':
      return date(type, text, format);
  }
}

function flag(text: string): boolean {
  const word = text.toLowerCase();
  if (['1', 'true', 'yes', 'y'].includes(word)) return true;
  if (['0', 'false', 'no', 'n'].includes(word)) return false;
  throw new CellError(`is neither true nor false: "${text}"`);
}

function date(type: 'date' | 'instant', text: string, format: DateFormat | undefined): string {
  if (!format && type === 'instant') return instant(text);
  const written = format ?? 'YYYY-MM-DD';
  const parts = dateFormats[written].exec(text)?.groups;
  if (!parts) throw new CellError(`is not a date as ${written}: "${text}"`);
  const { y = '', m = '', d = '', t = '00:00:00' } = parts;
  const day = `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`;
  const iso = `${day}T${t}.000Z`;
  const time = Date.parse(iso);
  // JavaScript moves 31 April to 1 May; such a date is a typing error.
  if (Number.isNaN(time) || new Date(time).toISOString() !== iso) {
    throw new CellError(`is a date that no calendar has: "${text}"`);
  }
  return type === 'date' ? day : `${day}T${t}Z`;
}

function instant(text: string): string {
  const offset = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
  if (offset.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new CellError(
    `is not an instant with offset: "${text}"; for other forms give its "dates" format in the mapping`,
  );
}
