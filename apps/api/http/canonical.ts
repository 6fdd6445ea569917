/** One form for what can be written in several: hashes and retries compare it, not what was typed. */

/** The most that an item may be registered with. */
export const MAX_DECIMALS = 6;

/** A quantity as a decimal text without exponent or needless zeros; undefined for what is not a decimal number. */
export function canonicalDecimal(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? ofNumber(value) : undefined;
  if (typeof value !== 'string') return undefined;
  const match = /^(-?)(\d{1,40})(?:\.(\d{1,40}))?$/.exec(value.trim());
  return match ? compose(match[1] === '-', match[2] ?? '', match[3] ?? '') : undefined;
}

/** From here on neighbouring doubles lie further apart than 10 ^ -MAX_DECIMALS. */
const FIRST_INEXACT = 2 ** 33;

/**
 * True for a number whose JSON text may have had more digits than a double keeps: the digits we see may not be the ones
 * that were sent. A whole number too large for that is too large for a quantity anyway.
 */
export const mayHaveLostDigits = (value: unknown): boolean =>
  typeof value === 'number' && !Number.isInteger(value) && Math.abs(value) >= FIRST_INEXACT;

function ofNumber(value: number): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (!match) throw new Error(`${value} has no decimal form`);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return compose(sign === '-', '0', '0'.repeat(-point) + digits);
  const padded = digits.padEnd(point, '0');
  return compose(sign === '-', padded.slice(0, point), padded.slice(point));
}

function compose(negative: boolean, whole: string, fraction: string): string {
  const digits = whole.replace(/^0+(?=\d)/, '');
  const rest = fraction.replace(/0+$/, '');
  const magnitude = rest === '' ? digits : `${digits}.${rest}`;
  return negative && magnitude !== '0' ? `-${magnitude}` : magnitude;
}

/** JSON with sorted keys; fields that are undefined do not count. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const fields = value as Readonly<Record<string, unknown>>;
  const parts: string[] = [];
  for (const name of Object.keys(fields).sort()) {
    const field = fields[name];
    if (field !== undefined) parts.push(`${JSON.stringify(name)}:${canonicalJson(field)}`);
  }
  return `{${parts.join(',')}}`;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const isLeapYear = (year: number): boolean =>
  (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

/** A day that the calendar has, as YYYY-MM-DD, from 1900 on. */
export function isCalendarDate(text: unknown): text is string {
  const match = typeof text === 'string' && /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const days = month === 2 && isLeapYear(year) ? 29 : (DAYS[month - 1] ?? 0);
  return year >= 1900 && day >= 1 && day <= days;
}

const INSTANT =
  /^(\d{4}-\d\d-\d\d)[Tt ](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** An RFC 3339 instant with its offset → ISO-8601 UTC with milliseconds; undefined for anything else. */
export function toUtc(text: unknown): string | undefined {
  const match = typeof text === 'string' ? INSTANT.exec(text) : null;
  if (!match || !isCalendarDate(match[1])) return undefined;
  const iso = match[0]
    .toUpperCase()
    .replace(' ', 'T')
    .replace(/(\.\d{3})\d+/, '$1');
  return new Date(iso).toISOString();
}

/** The same object without the fields that are undefined. */
export type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
export function defined<T extends object>(fields: T): Defined<T> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value;
  return kept as Defined<T>;
}
