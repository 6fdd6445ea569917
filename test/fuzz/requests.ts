import { randomFrom, type Random } from '../differential/random';
import { type Operation, type Parameter, parametersIn } from './document';
import { hostileHeaders, hostileShapes, hostileTexts } from './hostile';
import { boundaryValue, hostileValue, jsonOf, objectOf, validValue } from './values';

export interface FuzzRequest {
  /** Its correlation id, which every event that it leads to carries. */
  readonly id: string;
  readonly operation: Operation;
  /** What was done to it. */
  readonly intent: string;
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

interface Draft {
  method: string;
  path: string;
  query: string[];
  headers: Record<string, string>;
  body: string | Buffer | undefined;
}

const intents = {
  valid: 10,
  boundary: 5,
  'hostile field': 6,
  'missing field': 1,
  'unknown field': 1,
  'field twice': 1,
  'mutated bytes': 3,
  'hostile query': 4,
  'hostile path': 2,
  'hostile header': 3,
  'other body': 2,
  'other method': 1,
} as const;

/** Request number `index` of a seed, whatever the others are. */
export function requestOf(
  operations: readonly Operation[],
  seed: number,
  index: number,
): FuzzRequest {
  const random = randomFrom(seed * 1_000_003 + index);
  // Commands have more to lose: two of three requests.
  const commands = operations.filter(({ isCommand }) => isCommand);
  const queries = operations.filter(({ isCommand }) => !isCommand);
  const operation = random.pick(random.chance(2 / 3) ? commands : queries);
  const intent = random.weighted(intents);
  const id = `fuzz-${seed}-${index}`;
  const draft = validDraft(operation, id, random);
  spoil(draft, intent, operation, random);
  const { method, path, query, headers, body } = draft;
  return {
    id,
    operation,
    intent,
    method,
    target: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers,
    body: body === undefined ? undefined : Buffer.from(body as string),
  };
}

function validDraft(operation: Operation, id: string, random: Random): Draft {
  const headers: Record<string, string> = { 'x-correlation-id': id };
  if (operation.isCommand) {
    headers['content-type'] = 'application/json';
    // Few keys, so that some are used twice.
    if (random.chance(0.3)) headers['idempotency-key'] = `key-${random.int(0, 2_000)}`;
    if (random.chance(0.05)) headers['if-match'] = `"${random.int(0, 3)}"`;
    if (random.chance(0.05)) headers['x-source'] = `fuzz;${random.int(0, 100_000)}`;
    if (random.chance(0.1)) headers['x-actor'] = random.pick(['ann', 'bob', '$admin']);
  }
  const query = parametersIn(operation, 'query')
    .filter(({ name }) => !NEVER_VALID.has(name) && random.chance(name === 'dryRun' ? 0.1 : 0.2))
    .map((parameter) => `${parameter.name}=${queryValue(parameter, random)}`);
  const body = operation.isCommand && operation.body ? objectOf(operation.body, random) : undefined;
  const draft = { method: operation.method, path: pathOf(operation, random), query, headers, body };
  // What is there already is refused: half of what is registered is new.
  const own = operation.body?.required?.find((name) => name === 'sku' || name === 'code');
  if (own && /(?:items|locations)$/.test(operation.path) && random.chance(0.5)) {
    setField(draft, own, JSON.stringify(`NEW-${id}`));
  }
  return draft;
}

/** Only an answer brings a right cursor or position; a made-up one is hostile. */
const NEVER_VALID: ReadonlySet<string> = new Set(['cursor', 'after']);

function queryValue({ name, schema }: Parameter, random: Random): string {
  const value: unknown = JSON.parse(validValue(name, schema, random));
  return encodeURIComponent(String(value));
}

const pathOf = (
  operation: Operation,
  random: Random,
  values: Record<string, string> = {},
): string =>
  operation.path.replace(/\{(\w+)\}/g, (_braces, name: string) => {
    const value = values[name];
    return value ?? pathValue(name, random);
  });

function pathValue(name: string, random: Random): string {
  const part = (of: string): string => JSON.parse(validValue(of, {}, random)) as string;
  if (name !== 'lotId') return encodeURIComponent(part(name));
  return encodeURIComponent(
    `${encodeURIComponent(part('sku'))}.${encodeURIComponent(part('lotCode'))}`,
  );
}

function spoil(
  draft: Draft,
  intent: keyof typeof intents,
  operation: Operation,
  random: Random,
): void {
  const fields = Object.entries(operation.body?.properties ?? {});
  const field = fields.length > 0 ? random.pick(fields) : undefined;
  switch (intent) {
    case 'valid':
      return;
    case 'boundary':
      return boundary(draft, operation, random);
    case 'hostile field':
      return field && setField(draft, field[0], hostileValue(random));
    case 'missing field':
      return field && setField(draft, field[0], undefined);
    case 'unknown field':
      return setField(draft, random.pick(UNKNOWN), random.pick(['1', '"x"', 'null', '{}']));
    case 'field twice':
      return field && repeatField(draft, field[0], validValue(...field, random));
    case 'mutated bytes':
      draft.body &&= mutated(Buffer.from(draft.body as string), random);
      return;
    case 'hostile query':
      return hostileQuery(draft, operation, random);
    case 'hostile path':
      return hostilePath(draft, operation, random);
    case 'hostile header':
      draft.headers[random.pick(HEADERS)] = random.pick(Object.values(hostileHeaders));
      return;
    case 'other body':
      draft.body = random.pick(BODIES);
      return;
    case 'other method':
      draft.method = random.pick([
        'DELETE',
        'PUT',
        'PATCH',
        'HEAD',
        'OPTIONS',
        'GET',
        'POST',
        'TRACE',
      ]);
  }
}

const UNKNOWN = [
  'colour',
  'toString',
  'constructor',
  'hasOwnProperty',
  '__proto__',
  '',
  'SKU',
  'sku ',
  '0',
];
const HEADERS = [
  'idempotency-key',
  'if-match',
  'x-source',
  'x-actor',
  'x-role',
  'x-causation-id',
].concat(['content-type', 'content-encoding', 'accept', 'if-none-match', 'expect', 'cookie']);
const BODIES = [
  '',
  '[]',
  'null',
  '7',
  '"text"',
  '{}',
  '{',
  '\ufeff{}',
  '{} {}',
  "{'a':1}",
  '{"a":1,}',
];

function fieldsIn(draft: Draft): [string, string][] {
  const body = draft.body === undefined ? {} : (JSON.parse(String(draft.body)) as object);
  return Object.entries(body).map(([name, value]) => [name, JSON.stringify(value)]);
}

function setField(draft: Draft, name: string, value: string | undefined): void {
  const others = fieldsIn(draft).filter(([other]) => other !== name);
  draft.body = jsonOf(value === undefined ? others : [...others, [name, value]]);
}

function repeatField(draft: Draft, name: string, value: string): void {
  draft.body = jsonOf([...fieldsIn(draft), [name, value], [name, value]]);
}

function boundary(draft: Draft, operation: Operation, random: Random): void {
  const { properties = {} } = operation.body ?? {};
  const names = Object.keys(properties);
  for (let n = random.int(1, 2); n > 0 && names.length > 0; n -= 1) {
    const name = random.pick(names);
    setField(draft, name, boundaryValue(name, properties[name] ?? {}, random));
  }
  const asked = parametersIn(operation, 'query');
  if (operation.isCommand || asked.length === 0) return;
  const { name, schema } = random.pick(asked);
  const value = JSON.parse(boundaryValue(name, schema, random)) as unknown;
  draft.query.push(`${name}=${encodeURIComponent(String(value))}`);
}

function hostileQuery(draft: Draft, operation: Operation, random: Random): void {
  const names = parametersIn(operation, 'query').map(({ name }) => name);
  const name = random.chance(0.1) || names.length === 0 ? random.pick(UNKNOWN) : random.pick(names);
  draft.query = draft.query.filter((one) => !one.startsWith(`${name}=`));
  const shapes = Object.values(hostileShapes(name));
  const values = Object.values(hostileTexts).map((value) => `${name}=${value}`);
  draft.query.push(random.pick(random.chance(0.3) ? shapes : values));
}

function hostilePath(draft: Draft, operation: Operation, random: Random): void {
  const names = parametersIn(operation, 'path').map(({ name }) => name);
  const value = random.pick(Object.values(hostileTexts));
  if (names.length > 0 && random.chance(0.8)) {
    draft.path = pathOf(operation, random, { [random.pick(names)]: value });
  } else {
    draft.path = random.pick([
      `/${draft.path}`,
      `${draft.path}/${value}`,
      `${draft.path}//`,
      `/%2e%2e${draft.path}`,
      '*',
    ]);
  }
}

function mutated(bytes: Buffer, random: Random): Buffer {
  const at = random.int(0, Math.max(0, bytes.length - 1));
  const end = Math.min(bytes.length, at + random.int(1, 8));
  const [before, cut, after] = [
    bytes.subarray(0, at),
    bytes.subarray(at, end),
    bytes.subarray(end),
  ];
  switch (random.pick(['flip', 'cut', 'repeat', 'insert', 'truncate'])) {
    case 'flip':
      return Buffer.concat([before, cut.map((byte) => byte ^ (1 << random.int(0, 7))), after]);
    case 'cut':
      return Buffer.concat([before, after]);
    case 'repeat':
      return Buffer.concat([before, cut, cut, after]);
    case 'truncate':
      return before;
    default:
      return Buffer.concat([
        before,
        Buffer.from([random.int(0, 255), random.int(0, 255)]),
        cut,
        after,
      ]);
  }
}
