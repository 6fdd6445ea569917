import type { Random } from '../differential/random';
import { isNullable, type Schema } from './document';
import { hostileJson } from './hostile';
import { world } from './world';

/** Values of fields as JSON text, out of the field's name and schema. */

const text = (value: unknown): string => JSON.stringify(value);

/** Names that mean the same wherever they stand. */
const known: Readonly<Record<string, readonly unknown[]>> = {
  sku: world.skus,
  location: world.locations,
  from: world.locations,
  to: world.locations,
  transferId: world.transfers,
  code: world.locations,
  parent: world.locations,
  lotCode: world.lots,
  missing: [1, '0.5', 7],
  unit: ['each', 'kg'],
  quantity: [1, 2, '3', 5, 7, 10, '20', 0.5, '1.250', 5_000],
  type: ['receive', 'IN', 'issue', 'SALE', 'REMOVAL', 'adjust', 'stock-in'],
  purpose: ['SALE', 'PURCHASE', 'CORRECTION', 'DAMAGE', 'OTHER', 'DISPOSAL'],
  timeZone: ['UTC', 'Europe/Vienna', 'asia/tokyo'],
  effectiveAt: ['2026-03-01T09:30:00Z', '2020-02-29T23:59:59.999+05:30'],
  unitCost: ['12.50', '0', '999999999999999.9999999999'],
  decimals: [0, 1, 6],
};

export function validValue(name: string, schema: Schema, random: Random): string {
  // The same word may be a place here and an instant there.
  const isInstant = schema.format === 'date-time' && name !== 'effectiveAt';
  const chosen = schema.enum || isInstant ? undefined : known[name];
  if (chosen && random.chance(0.95)) return text(random.pick(chosen));
  if (isNullable(schema) && random.chance(0.2)) return 'null';
  if (schema.enum) return text(random.pick(schema.enum));
  const type = typeOf(schema);
  if (type === 'boolean') return text(random.chance(0.5));
  if (type === 'integer') return text(random.int(schema.minimum ?? 0, schema.maximum ?? 100));
  if (type === 'number') return text(random.int(0, 1_000) / 4);
  if (type === 'array') return listOf(name, schema, random, random.int(0, 3));
  if (type === 'object') return objectOf(schema, random);
  return text(validText(schema, random));
}

function validText({ format, pattern, minLength = 0, maxLength = 50 }: Schema, random: Random) {
  if (format === 'date') return random.pick(['2027-06-30', '2028-02-29', '2020-01-01']);
  if (format === 'date-time') return random.pick(['2026-03-01T09:30:00Z', '1999-12-31T00:00:00Z']);
  if (format === 'uuid') return '6f3c0f2e-0f55-5d0c-9a7e-5c1a1d2b3c4d';
  if (pattern?.includes('A-Z')) return random.pick(['USD', 'EUR']);
  if (pattern) return random.pick(['0', '1', '10.5', '123456789.123']);
  return letters(random.int(Math.max(minLength, 1), Math.min(maxLength, 20)), random);
}

const ALPHABET = [...'abcXYZ019 -_.@$/%ü螺😀'];
const letters = (length: number, random: Random): string =>
  Array.from({ length }, (_, at) => (at === 0 ? 'f' : random.pick(ALPHABET))).join('');

const listOf = (name: string, { items = {} }: Schema, random: Random, length: number): string =>
  `[${Array.from({ length }, () => validValue(name, items, random)).join(',')}]`;

/** An object with what it must have and some of what it may. */
export function objectOf(schema: Schema, random: Random, chance = 0.25): string {
  const { properties = {}, required = [], additionalProperties: more } = schema;
  const fields = Object.entries(properties)
    .filter(([name]) => required.includes(name) || random.chance(chance))
    .map(([name, one]) => [name, validValue(name, one, random)] as const);
  if (typeof more === 'object') fields.push(['colour', validValue('colour', more, random)]);
  return jsonOf(fields);
}

export const jsonOf = (fields: readonly (readonly [string, string])[]): string =>
  `{${fields.map(([name, value]) => `${text(name)}:${value}`).join(',')}}`;

/** The largest and smallest that a schema lets through, and what is one beyond. */
export function boundaryValue(name: string, schema: Schema, random: Random): string {
  if (isNullable(schema) && random.chance(0.1)) return 'null';
  const { minLength = 0, maxLength = 100, minimum = 0, maximum = 100, maxItems = 10 } = schema;
  const length = random.pick([minLength, minLength - 1, maxLength, maxLength + 1]);
  const character = random.pick(['x', 'é', '螺', '😀', '\u0001', '%']);
  switch (typeOf(schema)) {
    case 'integer':
      return text(random.pick([minimum, minimum - 1, maximum, maximum + 1, minimum + 0.5]));
    case 'array':
      return listOf(name, schema, random, random.pick([0, 1, maxItems, maxItems + 1]));
    case 'object':
      return objectOf(schema, random, 1);
    case 'number':
    case 'quantity':
      return random.pick(QUANTITIES);
    case 'boolean':
      return text(random.pick([true, false, 0, 1, 'true']));
    default:
      return text(schema.enum ? random.pick(schema.enum) : character.repeat(Math.max(0, length)));
  }
}

const QUANTITIES = [
  '0',
  '-1',
  '1e-6',
  '1e-7',
  '9007199254740991',
  '"9007199254740991"',
  '9007199254740992',
  '"9007199254.740991"',
  '8589934592.5',
  '"000000000000000000001"',
  '"0.000000000000000000000000000000000000001"',
  '-9007199254740991',
];

export const hostileValue = (random: Random): string => random.pick(CHEAP_HOSTILE_VALUES);

/** Huge ones are few among many: they cost what a hundred others do. */
const CHEAP_HOSTILE_VALUES = [
  ...Object.values(hostileJson).filter((value) => value.length < 50_000),
  ...Object.values(hostileJson).filter((value) => value.length < 2_000),
  ...Object.values(hostileJson).filter((value) => value.length < 2_000),
];

function typeOf({ type, oneOf, properties, additionalProperties: more }: Schema): string {
  if (oneOf) return 'quantity';
  if (typeof type === 'string') return type;
  if (Array.isArray(type)) return (type as string[]).find((one) => one !== 'null') ?? 'string';
  return (properties ?? typeof more === 'object') ? 'object' : 'string';
}
