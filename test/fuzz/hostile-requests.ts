import { type Operation, type Parameter, parametersIn, type Schema } from './document';
import { hostileHeaders, hostileJson, hostileShapes, hostileTexts } from './hostile';
import type { FuzzRequest } from './requests';

/** One hostile request, whose other parts are right. */
export interface HostileRequest extends FuzzRequest {
  /** The field or parameter that is hostile, as a refusal has to name it. */
  readonly field: string;
  /** True where the document itself rules the value out. */
  readonly mustBeRefused: boolean;
}

/** Says whether a value fits a schema; built outside, so that the document is judged by a library. */
export type Fits = (schema: Schema, value: unknown) => boolean;

const PATHS: Readonly<Record<string, string>> = {
  sku: 'FUZZ-1',
  code: 'SHOP',
  lotId: 'FUZZ-1.L-1',
  transferId: 'FUZZ-1@MAIN.T1',
};

/** Every hostile value in every field, parameter and header of an operation. */
export function hostileRequestsOf(operation: Operation, fits: Fits): readonly HostileRequest[] {
  const made = [
    ...bodies(operation, fits),
    ...queries(operation),
    ...paths(operation),
    ...(operation.isCommand ? headers(operation) : []),
  ];
  return made.map((one, index) => {
    const id = `hostile-${operation.method}${operation.path.replace(/[^a-z]+/gi, '-')}-${index}`;
    return { ...one, id, headers: { ...one.headers, 'x-correlation-id': id } };
  });
}

const addressOf = ({ path }: Operation): string =>
  path.replace(/\{(\w+)\}/g, (_braces, name: string) => PATHS[name] ?? 'x');

/** A request that is right; a dry run, so that each finds the same state. */
function sound(operation: Operation): HostileRequest {
  const { method, isCommand } = operation;
  return {
    id: '',
    operation,
    intent: 'sound',
    field: '',
    mustBeRefused: false,
    method,
    target: isCommand ? `${addressOf(operation)}?dryRun=true` : addressOf(operation),
    headers: isCommand ? { 'content-type': 'application/json' } : {},
    body: isCommand ? Buffer.from(jsonOf(soundBody(operation))) : undefined,
  };
}

/** What must be there, by the examples of this world. */
const REQUIRED: Readonly<Record<string, string>> = {
  sku: '"FUZZ-1"',
  code: '"NEW"',
  quantity: '1',
  reason: '"why"',
  type: '"adjust"',
  supplier: '"ACME"',
  location: '"SHOP"',
  to: '"SHOP"',
  reorderThreshold: '1',
  unit: '"box"',
  numerator: '1',
  counted: '1',
  revision: '0',
  movementId: '"6f3c0f2e-0f55-4d0c-9a7e-5c1a1d2b3c4d"',
  error: '"did_not_occur"',
  // A day, and as good a location.
  from: '"2026-01-01"',
  through: '"2026-01-01"',
  expiresOn: '"2030-01-01"',
  expiresAt: '"2030-01-01T00:00:00Z"',
  status: '"QUARANTINE"',
  movements: '[{"type":"adjust","sku":"FUZZ-1","quantity":1,"reason":"why"}]',
};

function soundBody({ path, body }: Operation): Readonly<Record<string, string>> {
  const required = [
    ...(body?.required ?? []),
    ...(/\/(?:stock-movements|receive)$/.test(path) ? ['reason'] : []),
  ];
  const values = required.map((name) => [name, REQUIRED[name] ?? '"x"']);
  const fields = Object.fromEntries(values) as Record<string, string>;
  return path.endsWith('/items') ? { ...fields, sku: '"NEW"' } : fields;
}

const jsonOf = (fields: Readonly<Record<string, string>>): string =>
  `{${Object.entries(fields)
    .map(([name, value]) => `${JSON.stringify(name)}:${value}`)
    .join(',')}}`;

function bodies(operation: Operation, fits: Fits): HostileRequest[] {
  const base = sound(operation);
  const { properties = {}, required = [] } = operation.body ?? {};
  const valid = soundBody(operation);
  const of = (field: string, intent: string, body: string, mustBeRefused: boolean) => ({
    ...base,
    field,
    intent: `${field}: ${intent}`,
    body: Buffer.from(body),
    mustBeRefused,
  });
  const requests = Object.entries(properties).flatMap(([name, schema]) => [
    ...Object.entries(hostileJson).map(([intent, json]) => {
      const body = jsonOf({ ...valid, [name]: json });
      return of(name, intent, body, !isJson(json) || !fits(schema, JSON.parse(json)));
    }),
    ...nested(name, schema, fits).map(({ field, intent, json, mustBeRefused }) =>
      of(field, intent, jsonOf({ ...valid, [name]: json }), mustBeRefused),
    ),
    of(name, 'is there twice', `${jsonOf(valid).slice(0, -1)},"${name}":1,"${name}":1}`, true),
  ]);
  const unknown = ['colour', 'toString', 'hasOwnProperty', 'then', '', 'SKU', '0'].map((name) =>
    of(name, 'is no field', jsonOf({ ...valid, [name]: '1' }), true),
  );
  // Without it an issue is of its other form.
  const tells = (name: string) => !(operation.path.endsWith('/issue') && name === 'reservationId');
  const missing = required.filter(tells).map((name) => {
    const { [name]: _, ...rest } = valid;
    return of(name, 'is missing', jsonOf(rest), true);
  });
  return operation.body ? [...requests, ...unknown, ...missing] : [];
}

interface Nested {
  readonly field: string;
  readonly intent: string;
  readonly json: string;
  readonly mustBeRefused: boolean;
}

/** The fields of the objects in a list. */
function nested(list: string, { items }: Schema, fits: Fits): Nested[] {
  const { properties, required = [] } = items ?? {};
  if (!properties) return [];
  // An adjustment, as above.
  const needed = required.includes('type') ? [...required, 'reason'] : required;
  const valid = Object.fromEntries(needed.map((name) => [name, REQUIRED[name] ?? '"x"']));
  return Object.entries(properties).flatMap(([name, schema]) =>
    Object.entries(hostileJson).map(([intent, json]) => ({
      field: `${list}[0].${name}`,
      intent,
      json: `[${jsonOf({ ...valid, [name]: json })}]`,
      mustBeRefused: !isJson(json) || !fits(schema, JSON.parse(json)),
    })),
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function queries(operation: Operation): HostileRequest[] {
  const base = sound(operation);
  const ask = (field: string, intent: string, query: string, mustBeRefused: boolean) => ({
    ...base,
    field,
    intent: `?${query.slice(0, 60)}: ${intent}`,
    target: `${addressOf(operation)}?${query}`,
    mustBeRefused,
  });
  const unknown = ['__proto__', 'constructor', 'toString', 'colour', 'dryrun'].map((name) =>
    ask(name, 'is no parameter', `${name}=1`, true),
  );
  const known = parametersIn(operation, 'query').flatMap((parameter) => [
    ...Object.entries(hostileTexts).map(([intent, text]) =>
      ask(parameter.name, intent, `${parameter.name}=${text}`, isNoValueOf(parameter, text)),
    ),
    ...Object.entries(hostileShapes(parameter.name)).map(([intent, query]) =>
      ask(parameter.name, intent, query, true),
    ),
  ]);
  return [...unknown, ...known];
}

const isDecodable = (text: string): boolean => {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
};

const isNoValueOf = ({ name, schema }: Parameter, text: string): boolean => {
  if (!isDecodable(text) || text.length > 4_000 || name === 'cursor' || name === 'after')
    return true;
  const value = decodeURIComponent(text);
  if (value.includes('\0')) return true;
  if (schema.enum) return !schema.enum.includes(value);
  const { type } = schema;
  if (type === 'boolean') return value !== 'true' && value !== 'false';
  if (type !== 'integer') return [...value].length > (schema.maxLength ?? Infinity);
  return (
    !/^\d+$/.test(value) ||
    Number(value) < (schema.minimum ?? 0) ||
    Number(value) > (schema.maximum ?? 0)
  );
};

function paths(operation: Operation): HostileRequest[] {
  const base = sound(operation);
  return parametersIn(operation, 'path').flatMap(({ name }) =>
    Object.entries(hostileTexts).map(([intent, text]) => ({
      ...base,
      field: name,
      intent: `{${name}}: ${intent}`,
      target: base.target.replace(PATHS[name] ?? 'x', text),
      // None of them is there. Without a value it is the address of the list.
      mustBeRefused: text !== '',
    })),
  );
}

function headers(operation: Operation): HostileRequest[] {
  const base = sound(operation);
  return parametersIn(operation, 'header')
    .filter(({ name }) => name !== 'X-Correlation-Id')
    .flatMap(({ name }) =>
      Object.entries(hostileHeaders).map(([intent, value]) => ({
        ...base,
        field: name.toLowerCase(),
        intent: `${name}: ${intent}`,
        headers: { ...base.headers, [name.toLowerCase()]: value },
        mustBeRefused: /[^ -~]/.test(value) || value.length > 200 || value.trim() === '',
      })),
    );
}
