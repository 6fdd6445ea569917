/** A field of an event's payload: how it reads in the documentation, and the check that both ends of the log apply. */
export interface Field<T> {
  readonly describe: string;
  readonly check: (value: unknown) => value is T;
}

export type EventShape = Readonly<Record<string, Field<unknown>>>;
export type EventCatalogue = Readonly<Record<string, EventShape>>;
/** A field that events of before it was thought of do not have. */
interface Optional<T> extends Field<T | undefined> {
  readonly optional: true;
}
type OptionalName<S> = { [K in keyof S]: S[K] extends Optional<unknown> ? K : never }[keyof S];
export type Infer<S extends EventShape> = {
  readonly [K in Exclude<keyof S, OptionalName<S>>]: S[K] extends Field<infer T> ? T : never;
} & {
  readonly [K in OptionalName<S>]?: S[K] extends Field<infer T> ? Exclude<T, undefined> : never;
};

const field = <T>(describe: string, check: (value: unknown) => value is T): Field<T> => ({
  describe,
  check,
});

/** Well-formed Unicode without NUL: anything else the read model cannot hold, and the log is for ever. */
const isStorable = (v: unknown): v is string =>
  typeof v === 'string' && !/[\0\p{Surrogate}]/u.test(v);

export const text = field('text', isStorable);
export const flag = field('true or false', (v): v is boolean => typeof v === 'boolean');
/** A quantity in the item's base unit. */
export const quantity = field(
  'whole number of base units, above 0',
  (v): v is number => Number.isSafeInteger(v) && (v as number) > 0,
);
export const signedQuantity = field(
  'whole number of base units, not 0',
  (v): v is number => Number.isSafeInteger(v) && v !== 0,
);
/** A difference, which may be none. */
export const change = field('whole number of base units, below 0 too', (v): v is number =>
  Number.isSafeInteger(v),
);
export const threshold = field(
  'whole number of base units, 0 or more',
  (v): v is number => Number.isSafeInteger(v) && (v as number) >= 0,
);
/** Either part of what one unit is worth in another. */
export const factor = field(
  'whole number, above 0',
  (v): v is number => Number.isSafeInteger(v) && (v as number) > 0,
);
/** A number of whole things that are not stock, such as days. */
export const count = field(
  'whole number, 0 or more',
  (v): v is number => Number.isSafeInteger(v) && (v as number) >= 0,
);
export const decimals = field(
  'whole number from 0 to 6',
  (v): v is number => Number.isInteger(v) && (v as number) >= 0 && (v as number) <= 6,
);
export const calendarDate = field(
  'calendar date YYYY-MM-DD',
  (v): v is string => typeof v === 'string' && isCalendarDate(v),
);
export const money = field(
  '{ amount: decimal string, currency: ISO 4217 code }',
  (v): v is Money =>
    isRecord(v) &&
    hasExactly(v, ['amount', 'currency']) &&
    typeof v.amount === 'string' &&
    /^\d+(\.\d+)?$/.test(v.amount) &&
    typeof v.currency === 'string' &&
    /^[A-Z]{3}$/.test(v.currency),
);
/** What a person wrote where it was not in the item's own unit, with the factor that held then. */
export const entered = field(
  '{ quantity: decimal text, unit: text, numerator: whole number above 0, denominator: whole number above 0 } where it was entered in another unit, else null',
  (v): v is Entered | null =>
    v === null ||
    (isRecord(v) &&
      hasExactly(v, ['quantity', 'unit', 'numerator', 'denominator']) &&
      isStorable(v.quantity) &&
      isStorable(v.unit) &&
      quantity.check(v.numerator) &&
      quantity.check(v.denominator)),
);
export const instant = field(
  'instant, ISO-8601 UTC',
  (v): v is string => typeof v === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(v),
);
export const texts = field(
  'list of texts',
  (v): v is readonly string[] => Array.isArray(v) && v.every(isStorable),
);
export const textMap = field(
  'text by name',
  (v): v is Readonly<Record<string, string>> =>
    isRecord(v) && Object.entries(v).every((entry) => entry.every(isStorable)),
);
export const oneOf = <const T extends string>(...values: readonly T[]): Field<T> =>
  field(values.join(' | '), (v): v is T => values.includes(v as T));
export const orNull = <T>(inner: Field<T>): Field<T | null> =>
  field(`${inner.describe}, or null`, (v): v is T | null => v === null || inner.check(v));
export const optional = <T>(inner: Field<T>): Optional<T> => ({
  describe: `${inner.describe}, or absent`,
  check: (v): v is T | undefined => v === undefined || inner.check(v),
  optional: true,
});
export const listOf = <S extends EventShape>(shape: S): Field<readonly Infer<S>[]> =>
  field(
    `list of { ${Object.entries(shape)
      .map(([name, f]) => `${name}: ${f.describe}`)
      .join('; ')} }`,
    (v): v is readonly Infer<S>[] =>
      Array.isArray(v) && v.every((x) => problemsOf(shape, x).length === 0),
  );
/** A part of a shape: only what changed. */
export const someOf = <S extends EventShape>(shape: S): Field<Partial<Infer<S>>> =>
  field(
    `what changed of { ${Object.entries(shape)
      .map(([name, f]) => `${name}: ${f.describe}`)
      .join('; ')} }`,
    (v): v is Partial<Infer<S>> =>
      isRecord(v) &&
      Object.entries(v).every(
        ([name, value]) => Object.hasOwn(shape, name) && shape[name]?.check(value),
      ),
  );

export interface Entered {
  readonly quantity: string;
  readonly unit: string;
  readonly numerator: number;
  readonly denominator: number;
}

export interface Money {
  readonly amount: string;
  readonly currency: string;
}

interface Named extends Field<unknown> {
  readonly name: string;
}
/** Every event that is read or written is held to its shape: taken apart once, not each time. */
const takenApart = new WeakMap<EventShape, readonly Named[]>();

function fieldsOf(shape: EventShape): readonly Named[] {
  let fields = takenApart.get(shape);
  if (!fields) {
    fields = Object.entries(shape).map(([name, { describe, check }]) => ({
      name,
      describe,
      check,
    }));
    takenApart.set(shape, fields);
  }
  return fields;
}

/** What is wrong with a payload, a sentence each; empty when it has exactly the fields of its shape. */
export function problemsOf(shape: EventShape, data: unknown): string[] {
  if (!isRecord(data)) return ['the payload is not an object'];
  const problems: string[] = [];
  let known = 0;
  for (const { name, describe, check } of fieldsOf(shape)) {
    const isThere = Object.hasOwn(data, name);
    if (isThere) known += 1;
    if (!check(isThere ? data[name] : undefined)) problems.push(`${name} must be ${describe}`);
  }
  const names = Object.keys(data);
  if (names.length === known) return problems;
  const unknown = names.filter((name) => !Object.hasOwn(shape, name));
  return [...unknown.map((name) => `unknown field ${name}`), ...problems];
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A day that the Gregorian calendar has, from year 1. */
function isCalendarDate(date: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  if (!match) return false;
  const [year = 0, month = 0, day = 0] = match.slice(1).map(Number);
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeap ? 29 : (DAYS[month - 1] ?? 0);
  return year > 0 && day > 0 && day <= days;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasExactly = (value: object, names: readonly string[]): boolean =>
  Object.keys(value).length === names.length && names.every((name) => Object.hasOwn(value, name));
