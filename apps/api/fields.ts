import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type as TypeOf } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsInt,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { normaliseId } from '../../libs/domain';
import { canonicalDecimal, isCalendarDate, mayHaveLostDigits, toUtc } from './canonical';

/** The kinds of fields that requests are made of: how each is normalised, checked and documented. */

interface FieldOptions {
  readonly required?: boolean;
  readonly nullable?: boolean;
  readonly description?: string;
  readonly example?: unknown;
}

export const MAX_SKU = 64;
export const MAX_LOCATION_CODE = 32;

/** Absent is not null: null passes only where the field takes it. */
function field(
  { required = false, nullable = false, ...docs }: FieldOptions,
  schema: ApiPropertyOptions,
  ...checks: PropertyDecorator[]
): PropertyDecorator {
  const asked = (_object: object, value: unknown): boolean =>
    (required || value !== undefined) && !(nullable && value === null);
  const property = { required, nullable, ...docs, ...schema } as ApiPropertyOptions;
  return applyDecorators(ApiProperty(property), ValidateIf(asked), ...checks);
}

const check = (
  name: string,
  message: string,
  validate: (value: unknown) => boolean,
): PropertyDecorator =>
  ValidateBy({ name, validator: { validate, defaultMessage: () => message } });

const normalise = (change: (value: string) => string): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? change(value) : value));

const lengthOf = (text: string): number => [...text].length;
const idMessage = (max: number): string =>
  `must be 1 to ${max} characters, none a control character`;

export const isId = (value: unknown, max: number): boolean =>
  typeof value === 'string' && value !== '' && lengthOf(value) <= max && !/\p{Cc}/u.test(value);

/** A name that people and machines identify things by: NFC, trimmed, anything but control characters. */
export const Id = (max: number, options: FieldOptions = {}): PropertyDecorator =>
  field(
    options,
    { type: String, minLength: 1, maxLength: max },
    check('id', idMessage(max), (value) => isId(value, max)),
    normalise(normaliseId),
  );

export const Text = (max: number, options: FieldOptions & { min?: number } = {}) => {
  const { min = 0, ...rest } = options;
  return field(
    rest,
    { type: String, minLength: min, maxLength: max },
    check(
      'text',
      `must be a text of ${min} to ${max} characters`,
      (value) => typeof value === 'string' && value.length >= min && lengthOf(value) <= max,
    ),
    normalise((value) => value.normalize('NFC').trim()),
  );
};

export const Reason = (options: FieldOptions = {}): PropertyDecorator =>
  Text(1000, { min: 1, description: 'Why.', example: 'recount after a spill', ...options });

export const Quantity = (options: FieldOptions = {}): PropertyDecorator =>
  field(
    options,
    { oneOf: [{ type: 'number' }, { type: 'string', pattern: '^-?\\d{1,40}(\\.\\d{1,40})?$' }] },
    check(
      'quantity',
      'must be a number or a decimal text such as "1.250", in the unit of the item',
      (value) => typeof value === 'string' && canonicalDecimal(value) !== undefined,
    ),
    // A number that cannot be trusted stays one, and so fails the check above.
    Transform(({ value }: { value: unknown }) =>
      mayHaveLostDigits(value) ? value : (canonicalDecimal(value) ?? value),
    ),
  );

export const Money = (options: FieldOptions = {}): PropertyDecorator =>
  field(
    options,
    { type: String, pattern: '^\\d{1,15}(\\.\\d{1,10})?$' },
    check(
      'money',
      'must be a decimal text such as "12.50", not below 0',
      (value) => typeof value === 'string' && /^\d{1,15}(\.\d{1,10})?$/.test(value),
    ),
    normalise((value) => value.trim()),
  );

export const Uuid = (options: FieldOptions = {}): PropertyDecorator =>
  field(
    options,
    { type: String, format: 'uuid' },
    check(
      'uuid',
      'must be a UUID',
      (value) =>
        typeof value === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
    ),
    normalise((value) => value.trim().toLowerCase()),
  );

export const Currency = (options: FieldOptions = {}): PropertyDecorator =>
  field(
    options,
    { type: String, pattern: '^[A-Z]{3}$' },
    check(
      'currency',
      'must be an ISO 4217 code such as USD',
      (value) => typeof value === 'string' && /^[A-Z]{3}$/.test(value),
    ),
    normalise((value) => value.trim().toUpperCase()),
  );

export const CalendarDate = (options: FieldOptions = {}): PropertyDecorator =>
  field(
    options,
    { type: String, format: 'date' },
    check('date', 'must be a day of the calendar as YYYY-MM-DD, from 1900 on', isCalendarDate),
    normalise((value) => value.trim()),
  );

export const Instant = (options: FieldOptions = {}): PropertyDecorator =>
  field(
    options,
    { type: String, format: 'date-time' },
    check(
      'instant',
      'must be an instant with offset such as 2026-03-01T09:30:00Z, from 1900 on',
      (value) => toUtc(value) !== undefined,
    ),
    normalise((value) => toUtc(value.trim()) ?? value),
  );

export const OneOf = (
  values: readonly string[],
  options: FieldOptions & { change?: (value: string) => string } = {},
): PropertyDecorator => {
  const { change = (value: string) => value.toUpperCase(), ...rest } = options;
  return field(
    rest,
    { type: String, enum: [...values] },
    check('oneOf', `must be one of ${values.join(', ')}`, (value) =>
      values.includes(value as string),
    ),
    normalise((value) => change(value.trim())),
  );
};

export const Flag = (options: FieldOptions = {}): PropertyDecorator =>
  field(options, { type: Boolean }, IsBoolean({ message: 'must be true or false' }));

/** A flag in a query string. */
export const QueryFlag = (options: FieldOptions = {}): PropertyDecorator =>
  applyDecorators(
    Flag(options),
    Transform(({ value }: { value: unknown }) =>
      value === 'true' ? true : value === 'false' ? false : value,
    ),
  );

export const Whole = (min: number, max: number, options: FieldOptions = {}): PropertyDecorator => {
  const message = `must be a whole number from ${min} to ${max}`;
  return field(
    options,
    { type: 'integer', minimum: min, maximum: max },
    IsInt({ message }),
    Min(min, { message }),
    Max(max, { message }),
  );
};

export const QueryWhole = (
  min: number,
  max: number,
  options: FieldOptions = {},
): PropertyDecorator =>
  applyDecorators(
    Whole(min, max, options),
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
    ),
  );

export const Texts = (
  maxEntries: number,
  maxLength: number,
  options: FieldOptions = {},
): PropertyDecorator =>
  field(
    options,
    { type: [String], maxItems: maxEntries },
    check(
      'texts',
      `must be a list of at most ${maxEntries} different texts of 1 to ${maxLength} characters`,
      (value) =>
        Array.isArray(value) &&
        value.length <= maxEntries &&
        value.every((text) => isId(text, maxLength)) &&
        new Set(value).size === value.length,
    ),
    Transform(({ value }: { value: unknown }) =>
      Array.isArray(value)
        ? value.map((text: unknown) => (typeof text === 'string' ? normaliseId(text) : text))
        : value,
    ),
  );

export const TextMap = (
  maxEntries: number,
  maxLength: number,
  options: FieldOptions = {},
): PropertyDecorator =>
  field(
    options,
    { type: 'object', additionalProperties: { type: 'string' } },
    check(
      'textMap',
      `must be at most ${maxEntries} texts by name, names of 1 to 64 characters, texts of at most ${maxLength}`,
      (value) =>
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.keys(value).length <= maxEntries &&
        Object.entries(value).every(
          ([name, text]) =>
            isId(name, 64) && typeof text === 'string' && lengthOf(text) <= maxLength,
        ),
    ),
  );

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
  return field(
    rest,
    { type: type as () => new () => unknown, isArray: true, maxItems: maxEntries },
    ValidateNested({ each: true, message: 'must be a list of objects' }),
    IsArray({ message }),
    check(
      'distinct',
      message,
      (value) =>
        Array.isArray(value) &&
        value.length <= maxEntries &&
        value.every((entry) => typeof entry === 'object' && entry !== null) &&
        new Set(value.map(keyOf)).size === value.length,
    ),
    TypeOf(type),
  );
};

export const TimeZone = (options: FieldOptions = {}): PropertyDecorator =>
  field(
    options,
    { type: String },
    check('timeZone', 'must be an IANA time zone such as Europe/Vienna', isTimeZone),
    normalise((value) => value.trim()),
  );

function isTimeZone(value: unknown): boolean {
  if (typeof value !== 'string' || !/^[A-Za-z]/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
