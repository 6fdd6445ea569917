import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type as TypeOf } from 'class-transformer';
import { IsArray, ValidateBy, ValidateIf, ValidateNested } from 'class-validator';
import { lotIdOf, normaliseId, parseLotId } from '../../../libs/domain';
import { canonicalDecimal, isCalendarDate, mayHaveLostDigits, toUtc } from './canonical';

/** The kinds of fields that requests are made of: how each is normalised, checked and documented. */

interface FieldOptions {
  readonly required?: boolean;
  readonly nullable?: boolean;
  readonly description?: string;
  readonly example?: unknown;
  /** Another name for the field, which a request may use instead. */
  readonly alias?: string;
}

export const MAX_SKU = 64;
export const MAX_LOCATION_CODE = 32;

/** What a field makes of a value, and whether that will do. */
export interface FieldRule {
  readonly normalised: (value: unknown) => unknown;
  readonly accepts: (value: unknown) => boolean;
  readonly alias?: string;
  /** The class of each entry, where the field is a list of objects. */
  readonly entries?: () => new () => object;
}

const rulesByPrototype = new Map<object | null, Map<string, FieldRule>>();

/** The fields of a class by name, those it inherits too. */
export function fieldRules(prototype: object | null): ReadonlyMap<string, FieldRule> {
  if (prototype === null) return new Map();
  const inherited = fieldRules(Object.getPrototypeOf(prototype) as object | null);
  return new Map([...inherited, ...(rulesByPrototype.get(prototype) ?? [])]);
}

interface Kind {
  readonly name: string;
  readonly schema: ApiPropertyOptions;
  /** To the one form that is kept; `validate` sees what comes out. */
  readonly change?: (value: unknown) => unknown;
  readonly validate: (value: unknown) => boolean;
  readonly message: string;
  /** Where a value is a list of objects, which one look does not judge: their class. */
  readonly entries?: () => new () => object;
}

/** Absent is not null: null passes only where the field takes it. */
function field(
  { required = false, nullable = false, alias, ...docs }: FieldOptions,
  { name, schema, change, validate, message, entries }: Kind,
): PropertyDecorator {
  const passes = (value: unknown): boolean =>
    (!required && value === undefined) || (nullable && value === null);
  const description = described(docs.description, alias);
  const property = {
    ...{ required, nullable, ...docs },
    ...(description !== undefined && { description }),
    ...schema,
  } as ApiPropertyOptions;
  const rule: FieldRule = {
    normalised: change ?? ((value) => value),
    accepts: (value) => passes(value) || (!entries && validate(value)),
    ...(alias !== undefined && { alias }),
    ...(entries && { entries }),
  };
  return applyDecorators(
    ApiProperty(property),
    ValidateIf((_object: object, value: unknown) => !passes(value)),
    ValidateBy({ name, validator: { validate, defaultMessage: () => message } }),
    ...(change ? [Transform(({ value }: { value: unknown }) => change(value))] : []),
    remember(rule),
  );
}

const described = (description: string | undefined, alias: string | undefined) =>
  alias === undefined
    ? description
    : [description, `Taken as ${alias} too, but not as both.`].filter(Boolean).join(' ');

const remember =
  (rule: FieldRule): PropertyDecorator =>
  (prototype, name) => {
    const rules = rulesByPrototype.get(prototype) ?? new Map<string, FieldRule>();
    rulesByPrototype.set(prototype, rules.set(String(name), rule));
  };

const text =
  (change: (value: string) => string) =>
  (value: unknown): unknown =>
    typeof value === 'string' ? change(value) : value;

const lengthOf = (text: string): number => [...text].length;
const idMessage = (max: number): string =>
  `must be 1 to ${max} characters, none a control character`;

export const isId = (value: unknown, max: number): boolean =>
  typeof value === 'string' && value !== '' && lengthOf(value) <= max && !/\p{Cc}/u.test(value);

/** A name that people and machines identify things by: NFC, trimmed, anything but control characters. */
export const Id = (max: number, options: FieldOptions = {}): PropertyDecorator =>
  field(options, {
    name: 'id',
    schema: { type: String, minLength: 1, maxLength: max },
    change: text(normaliseId),
    validate: (value) => isId(value, max),
    message: idMessage(max),
  });

export const Text = (max: number, options: FieldOptions & { min?: number } = {}) => {
  const { min = 0, ...rest } = options;
  return field(rest, {
    name: 'text',
    schema: { type: String, ...(min > 0 && { minLength: min }), maxLength: max },
    change: text((value) => value.normalize('NFC').trim()),
    validate: (value) => typeof value === 'string' && value.length >= min && lengthOf(value) <= max,
    message: `must be a text of ${min} to ${max} characters`,
  });
};

export const Reason = (options: FieldOptions = {}): PropertyDecorator =>
  Text(1000, { min: 1, description: 'Why.', example: 'recount after a spill', ...options });

export const Quantity = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, {
    name: 'quantity',
    schema: {
      oneOf: [{ type: 'number' }, { type: 'string', pattern: '^-?\\d{1,40}(\\.\\d{1,40})?$' }],
    },
    // A number that cannot be trusted stays one, and so is refused below.
    change: (value) => (mayHaveLostDigits(value) ? value : (canonicalDecimal(value) ?? value)),
    validate: (value) => typeof value === 'string' && canonicalDecimal(value) !== undefined,
    message: 'must be a number or a decimal text such as "1.250", in the unit of the item',
  });

export const Unit = (options: FieldOptions = {}): PropertyDecorator =>
  Text(32, {
    min: 1,
    description: "One of the item's units; default its own.",
    example: 'box',
    ...options,
  });

export const Money = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, {
    name: 'money',
    schema: { type: String, pattern: '^\\d{1,15}(\\.\\d{1,10})?$' },
    change: text((value) => value.trim()),
    validate: (value) => typeof value === 'string' && /^\d{1,15}(\.\d{1,10})?$/.test(value),
    message: 'must be a decimal text such as "12.50", not below 0',
  });

export const Uuid = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, {
    name: 'uuid',
    schema: { type: String, format: 'uuid' },
    change: text((value) => value.trim().toLowerCase()),
    validate: (value) =>
      typeof value === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
    message: 'must be a UUID',
  });

export const Currency = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, {
    name: 'currency',
    schema: { type: String, pattern: '^[A-Z]{3}$' },
    change: text((value) => value.trim().toUpperCase()),
    validate: (value) => typeof value === 'string' && /^[A-Z]{3}$/.test(value),
    message: 'must be an ISO 4217 code such as USD',
  });

export const CalendarDate = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, {
    name: 'date',
    schema: { type: String, format: 'date' },
    change: text((value) => value.trim()),
    validate: isCalendarDate,
    message: 'must be a day of the calendar as YYYY-MM-DD, from 1900 on',
  });

export const Instant = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, {
    name: 'instant',
    schema: { type: String, format: 'date-time' },
    change: text((value) => toUtc(value.trim()) ?? value),
    validate: (value) => toUtc(value) !== undefined,
    message: 'must be an instant with offset such as 2026-03-01T09:30:00Z, from 1900 on',
  });

export const OneOf = (
  values: readonly string[],
  options: FieldOptions & { change?: (value: string) => string } = {},
): PropertyDecorator => {
  const { change = (value: string) => value.toUpperCase(), ...rest } = options;
  return field(rest, {
    name: 'oneOf',
    schema: { type: String, enum: [...values] },
    change: text((value) => change(value.trim())),
    validate: (value) => values.includes(value as string),
    message: `must be one of ${values.join(', ')}`,
  });
};

const flag: Kind = {
  name: 'flag',
  schema: { type: Boolean },
  validate: (value) => typeof value === 'boolean',
  message: 'must be true or false',
};

export const Flag = (options: FieldOptions = {}): PropertyDecorator => field(options, flag);

/** A flag in a query string. */
export const QueryFlag = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, {
    ...flag,
    change: (value) => (value === 'true' ? true : value === 'false' ? false : value),
  });

const whole = (min: number, max: number): Kind => ({
  name: 'whole',
  schema: { type: 'integer', minimum: min, maximum: max },
  validate: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  message: `must be a whole number from ${min} to ${max}`,
});

export const Whole = (min: number, max: number, options: FieldOptions = {}): PropertyDecorator =>
  field(options, whole(min, max));

export const QueryWhole = (
  min: number,
  max: number,
  options: FieldOptions = {},
): PropertyDecorator =>
  field(options, { ...whole(min, max), change: (value) => digits(value) ?? value });

const digits = (value: unknown): number | undefined =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : undefined;

export const Texts = (
  maxEntries: number,
  maxLength: number,
  options: FieldOptions = {},
): PropertyDecorator =>
  field(options, {
    name: 'texts',
    schema: {
      type: 'array',
      items: { type: 'string', minLength: 1, maxLength },
      maxItems: maxEntries,
      uniqueItems: true,
    },
    change: (value) => (Array.isArray(value) ? value.map(text(normaliseId)) : value),
    validate: (value) =>
      Array.isArray(value) &&
      value.length <= maxEntries &&
      value.every((entry) => isId(entry, maxLength)) &&
      new Set(value).size === value.length,
    message: `must be a list of at most ${maxEntries} different texts of 1 to ${maxLength} characters`,
  });

/** The longest lot id: both parts of four-byte characters, each byte of them encoded. */
const MAX_LOT_ID = 2 * MAX_SKU * 12 + 1;

/** A lot id in its one form; undefined for what is none. */
function lotIdIn(value: unknown): string | undefined {
  const lot = typeof value === 'string' ? parseLotId(value.trim()) : undefined;
  if (!lot) return undefined;
  const [sku, lotCode] = [normaliseId(lot.sku), normaliseId(lot.lotCode)];
  return isId(sku, MAX_SKU) && isId(lotCode, MAX_SKU) ? lotIdOf(sku, lotCode) : undefined;
}

export const LotIds = (maxEntries: number, options: FieldOptions = {}): PropertyDecorator =>
  field(options, {
    name: 'lotIds',
    schema: {
      type: 'array',
      items: { type: 'string', minLength: 3, maxLength: MAX_LOT_ID },
      maxItems: maxEntries,
      uniqueItems: true,
    },
    change: (value) =>
      Array.isArray(value) ? value.map((entry) => lotIdIn(entry) ?? (entry as unknown)) : value,
    validate: (value) =>
      Array.isArray(value) &&
      value.length <= maxEntries &&
      value.every((entry) => entry === lotIdIn(entry)) &&
      new Set(value).size === value.length,
    message: `must be a list of at most ${maxEntries} different lot ids: <sku>.<lotCode>, both percent-encoded outside letters, digits, _ and -`,
  });

export const TextMap = (
  maxEntries: number,
  maxLength: number,
  options: FieldOptions = {},
): PropertyDecorator =>
  field(options, {
    name: 'textMap',
    schema: {
      type: 'object',
      additionalProperties: { type: 'string', maxLength },
      maxProperties: maxEntries,
    },
    validate: (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      Object.keys(value).length <= maxEntries &&
      Object.entries(value).every(
        ([name, entry]) =>
          isId(name, 64) && typeof entry === 'string' && lengthOf(entry) <= maxLength,
      ),
    message: `must be at most ${maxEntries} texts by name, names of 1 to 64 characters, texts of at most ${maxLength}`,
  });

export const ListOf = (
  type: () => new () => object,
  maxEntries: number,
  options: FieldOptions & { distinctBy?: string } = {},
): PropertyDecorator => {
  const { distinctBy, ...rest } = options;
  const keyOf = (entry: unknown): unknown =>
    distinctBy === undefined ? entry : (entry as Record<string, unknown>)[distinctBy];
  const message =
    `must be a list of at most ${maxEntries} objects` +
    (distinctBy === undefined ? '' : `, each with another ${distinctBy}`);
  return applyDecorators(
    field(rest, {
      name: 'distinct',
      // Swagger knows a type that is told late by the name of the function: `type`.
      schema: { type: () => type(), isArray: true, maxItems: maxEntries },
      entries: type,
      validate: (value) =>
        Array.isArray(value) &&
        value.length <= maxEntries &&
        value.every((entry) => typeof entry === 'object' && entry !== null) &&
        new Set(value.map(keyOf)).size === value.length,
      message,
    }),
    ValidateNested({ each: true, message: 'must be a list of objects' }),
    IsArray({ message }),
    TypeOf(type),
  );
};

export const TimeZone = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, {
    name: 'timeZone',
    schema: { type: String },
    change: text((value) => value.trim()),
    validate: isTimeZone,
    message: 'must be an IANA time zone such as Europe/Vienna',
  });

function isTimeZone(value: unknown): boolean {
  if (typeof value !== 'string' || !/^[A-Za-z]/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
