import { namedSchemas, type JsonSchema } from './answer-schema';
import { MAX_LOCATION_CODE, MAX_SKU } from '../http/fields';
import { ROLES } from '../../../libs/runtime';
import { problemExamples } from './problem-examples';

/** What many operations have in common, as components of the document. */

type Parameter = JsonSchema & {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description: string;
  readonly schema: JsonSchema;
};

const ETAG = '^(W/)?"[^"]*"$';
const REVISION_TAG = '^((W/)?"?\\d{1,15}"?|\\*)$';
const visible: JsonSchema = { type: 'string', minLength: 1, maxLength: 200 };

/** Without an example: Swagger UI would send it. */
const header = (name: string, description: string, schema: JsonSchema): Parameter => ({
  name,
  in: 'header',
  required: false,
  description,
  schema,
});

const inPath = (
  name: string,
  description: string,
  schema: JsonSchema,
  example: string,
): Parameter => ({ name, in: 'path', required: true, description, schema, example });

const sent = {
  'Idempotency-Key': header(
    'Idempotency-Key',
    '1 to 200 visible characters of your choice. The same key with the same body gets the first answer again.',
    visible,
  ),
  'If-Match': header(
    'If-Match',
    'The revision that you saw, such as "7"; any other refuses the command.',
    { type: 'string', pattern: REVISION_TAG },
  ),
  'If-None-Match': header(
    'If-None-Match',
    'ETags of answers that you have: 304 without a body where one of them is still the answer.',
    { type: 'string', minLength: 1 },
  ),
  'X-Correlation-Id': header(
    'X-Correlation-Id',
    'Told in every event and in the answer to a refusal.',
    visible,
  ),
  'X-Causation-Id': header('X-Causation-Id', 'What made you send this.', visible),
  'X-Actor': header('X-Actor', 'An opaque id of who asks; default anonymous.', visible),
  'X-Role': header(
    'X-Role',
    'In which role they ask; how far back an `effectiveAt` may lie can depend on it.',
    { type: 'string', enum: ROLES },
  ),
  'X-Source': header(
    'X-Source',
    '`<id>;<sequence>`, such as import-7f3a;42: this is one row of an ordered source.',
    { type: 'string', pattern: '^[!-:<-~]{1,100};\\d{1,15}$' },
  ),
  dryRun: {
    name: 'dryRun',
    in: 'query',
    required: false,
    description: 'Decide, but write nothing.',
    schema: { type: 'boolean', default: false },
  },
} as const satisfies Readonly<Record<string, Parameter>>;
export type ParameterName = keyof typeof sent;

/** By the name that a route gives them. */
const pathParameters: Readonly<Record<string, Parameter>> = {
  sku: inPath(
    'sku',
    'Percent-encoded UTF-8. Case-sensitive.',
    { type: 'string', minLength: 1, maxLength: MAX_SKU },
    'WIDGET-001',
  ),
  code: inPath(
    'code',
    'Percent-encoded UTF-8. Case-sensitive.',
    { type: 'string', minLength: 1, maxLength: MAX_LOCATION_CODE },
    'SHOP-1',
  ),
  reservationId: inPath(
    'reservationId',
    'As the reservation tells it.',
    { type: 'string', minLength: 1 },
    'WIDGET-001@MAIN.R17',
  ),
  lotId: inPath(
    'lotId',
    '`<sku>.<lotCode>`, as lotId tells it.',
    { type: 'string', minLength: 3 },
    'WIDGET-001.L-2026-03',
  ),
  countId: inPath(
    'countId',
    'As a command or a list has told it.',
    { type: 'string', minLength: 5 },
    'WIDGET-001@MAIN.C5',
  ),
  transferId: inPath(
    'transferId',
    'As a command or a list has told it.',
    { type: 'string', minLength: 5 },
    'WIDGET-001@MAIN.T3',
  ),
};

const received = {
  ETag: {
    description:
      'Send it as If-None-Match to hear whether anything has changed. Of an item, a location or a command it is the ' +
      'revision, quoted: send it as If-Match to bind a command to it.',
    schema: { type: 'string', pattern: ETAG },
    example: '"7"',
  },
  'Idempotency-Key': {
    description: 'The key that was sent, or the one that we made: a retry needs it.',
    schema: visible,
    example: 'so-1',
  },
  'Idempotent-Replayed': {
    description: 'Only there when the answer is one that was given before.',
    schema: { const: 'true' },
    example: 'true',
  },
  'Cache-Control': {
    description: 'Keep it, but ask before you use it again.',
    schema: { const: 'no-cache' },
    example: 'no-cache',
  },
  Vary: {
    description: 'The same address answers in other formats too.',
    schema: { const: 'accept' },
    example: 'accept',
  },
  'Content-Disposition': {
    description: 'A name for the file; of CSV and NDJSON.',
    schema: { type: 'string', pattern: '^attachment; filename="[a-z0-9.-]+"$' },
    example: 'attachment; filename="ledger-2026-03-01.csv"',
  },
  'Retry-After': {
    description: 'Seconds.',
    schema: { type: 'integer', minimum: 1 },
    example: 1,
  },
} as const;
export type HeaderName = keyof typeof received;

export const parameterRef = (name: ParameterName): JsonSchema => ({
  $ref: `#/components/parameters/${name}`,
});

/** Throws for a path parameter that nobody has described. */
export function pathParameterRef(name: string): JsonSchema {
  if (!Object.hasOwn(pathParameters, name)) {
    throw new Error(`describe the path parameter ${name} in docs-components.ts`);
  }
  return { $ref: `#/components/parameters/path.${name}` };
}

/** `required` cannot stand beside a reference, so a header that may be absent is one of its own. */
export const headerRef = (name: HeaderName | `${HeaderName}?`): [string, JsonSchema] => {
  const plain = name.replace(/\?$/, '');
  const suffix = name.endsWith('?') ? '.optional' : '';
  return [plain, { $ref: `#/components/headers/${plain}${suffix}` }];
};

/** All but the schemas of the DTOs, which the routes bring. */
export const components = () => ({
  schemas: namedSchemas(),
  parameters: {
    ...sent,
    ...Object.fromEntries(
      Object.values(pathParameters).map((parameter) => [`path.${parameter.name}`, parameter]),
    ),
  },
  headers: Object.fromEntries(
    Object.entries(received).flatMap(([name, docs]) => [
      [name, { ...docs, required: true }],
      [`${name}.optional`, { ...docs, required: false }],
    ]),
  ),
  examples: problemExamples,
});
