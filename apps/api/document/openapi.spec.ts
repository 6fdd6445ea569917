import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import Ajv2020 from 'ajv/dist/2020';
import metaSchema from '../../../test/fixtures/openapi/openapi-3.1.schema.json';
import { ApiContract } from '../../../test/support/openapi';
import { bareApp } from '../../../test/support/openapi-document';
import { openApiOf } from './documentation';
import { problems } from '../http/errors';
import { fieldRules } from '../http/fields';
import * as reservations from '../reservations/reservations.dto';
import * as movements from '../stock/stock.dto';
import type { MediaType, OpenApi, Operation, Response } from './openapi-document';

/** The document itself: valid, whole, and every example in it true to its schema. */

let app: NestFastifyApplication;
let document: OpenApi;
let contract: ApiContract;
let operations: readonly (readonly [string, Operation])[];

beforeAll(async () => {
  app = await bareApp();
  document = openApiOf(app);
  contract = new ApiContract(document);
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => [`${method} ${path}`, operation] as const),
  );
});
afterAll(() => app.close());

const responsesOf = ({ responses }: Operation): (readonly [string, Response])[] =>
  Object.entries(responses).map(([status, response]) => [status, contract.resolve(response)]);

/** Every object below a value, with the way to it. */
function* objectsIn(value: unknown, at = '#'): Generator<readonly [string, object]> {
  if (typeof value !== 'object' || value === null) return;
  yield [at, value];
  for (const [name, part] of Object.entries(value)) yield* objectsIn(part, `${at}/${name}`);
}

interface Exemplified {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: MediaType['examples'];
}

interface Copy {
  readonly info: { title?: string };
  readonly paths: Record<string, Record<string, Record<string, unknown>>>;
}

/** Everything that has a schema and examples of it: bodies, parameters, headers. */
function exemplified(): (readonly [string, Exemplified])[] {
  return [...objectsIn(document)].filter((found): found is readonly [string, Exemplified] => {
    const [, value] = found;
    return 'schema' in value && typeof value.schema === 'object' && value.schema !== null;
  });
}

const examplesOf = ({ example, examples = {} }: Exemplified): unknown[] => [
  ...(example === undefined ? [] : [example]),
  ...Object.values(examples).map((one) => contract.resolve<{ value?: unknown }>(one).value),
];

const isOpenApi = new Ajv2020({ strict: false, validateFormats: false }).compile(metaSchema);

describe('the OpenAPI document', () => {
  it('is OpenAPI 3.1 by the schema of its authors', () => {
    expect(document.openapi).toBe('3.1.0');
    expect([isOpenApi(document), isOpenApi.errors]).toEqual([true, null]);
  });

  it.each<[string, (copy: Copy) => unknown]>([
    ['no title', ({ info }) => delete info.title],
    ['a reference that is no text', ({ paths }) => (paths['/']!.get = { $ref: 1 })],
    ['a word that nobody knows', ({ paths }) => Object.assign(paths['/']!.get!, { code: 1 })],
    ['an answer without a description', ({ paths }) => (paths['/']!.get!.responses = { 200: {} })],
  ])('with %s it would not be', (_what, spoil) => {
    const copy = structuredClone(document) as unknown as Copy;
    spoil(copy);
    expect(isOpenApi(copy)).toBe(false);
  });

  it('has only references that lead somewhere', () => {
    const references = [...objectsIn(document)].filter(([, value]) => '$ref' in value);
    expect(references.length).toBeGreaterThan(200);
    for (const [, reference] of references) contract.resolve(reference);
  });

  it('uses every component that it declares', () => {
    const used = new Set(
      [...objectsIn(document)].map(([, value]) => (value as { $ref?: string }).$ref),
    );
    const declared = Object.entries(document.components).flatMap(([kind, parts]) =>
      Object.keys(parts).map((name) => `#/components/${kind}/${name}`),
    );
    const ofNoOperation =
      /\/(NOT_FOUND|METHOD_NOT_ALLOWED|MALFORMED_REQUEST|REQUEST_TIMEOUT|HEADERS_TOO_LARGE|EARLIER_UNDECIDED)$/;
    expect(declared.filter((ref) => !used.has(ref) && !ofNoOperation.test(ref))).toEqual([]);
  });

  it('has schemas in nothing but the words of JSON Schema 2020-12', () => {
    const all = [
      ...exemplified().map(([, { schema }]) => schema),
      ...Object.values(document.components.schemas ?? {}),
    ];
    for (const schema of all) expect(() => contract.compile(schema)).not.toThrow();
  });

  it('names each operation once, with a tag that is described', () => {
    const ids = operations.map(([, { operationId }]) => operationId);
    expect(ids.length).toBeGreaterThan(30);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+[A-Za-z]+$/.test(id))).toEqual([]);
    const tags = (document as unknown as { tags: { name: string }[] }).tags.map(({ name }) => name);
    expect(operations.filter(([, op]) => !op.tags.every((tag) => tags.includes(tag)))).toEqual([]);
  });

  it('tells of every operation what it is for, and of each answer when it comes', () => {
    const mute = operations.filter(
      ([, operation]) =>
        !operation.summary ||
        responsesOf(operation).some(([, { description }]) => description === '') ||
        !responsesOf(operation).some(([status]) => status.startsWith('2')),
    );
    expect(mute.map(([name]) => name)).toEqual([]);
  });

  it('has an example of every body, sent or received', () => {
    const bare = operations.flatMap(([name, { requestBody, ...operation }]) =>
      [
        requestBody?.content,
        ...responsesOf(operation as Operation).map(([, { content }]) => content),
      ]
        .flatMap((content) => Object.values(content ?? {}))
        .filter((body) => examplesOf(body).length === 0)
        .map(() => name),
    );
    expect(bare).toEqual([]);
  });

  it('has only examples that are true to their schemas', () => {
    const shown = exemplified().flatMap(([at, body]) =>
      examplesOf(body).map((example) => [at, body.schema, example] as const),
    );
    expect(shown.length).toBeGreaterThan(100);
    const wrong = shown.flatMap(([at, schema, example]) => {
      const validate = contract.compile(schema);
      return validate(example) ? [] : [[at, example, validate.errors]];
    });
    expect(wrong).toEqual([]);
  });

  it('has an example of every code of every answer, and of the right status', () => {
    for (const [name, operation] of operations) {
      for (const [status, { content }] of responsesOf(operation)) {
        const body = content?.['application/problem+json'];
        if (!body) continue;
        const codes = Object.keys(body.examples ?? {}) as (keyof typeof problems)[];
        expect([name, codes.map((code) => problems[code][0])]).toEqual([
          name,
          codes.map(() => Number(status)),
        ]);
        const shown = examplesOf(body) as { code: string }[];
        expect(shown.map(({ code }) => code)).toEqual(codes);
      }
    }
  });

  it('names every code for some operation, but for those of no operation', () => {
    const named = new Set(
      operations.flatMap(([, operation]) =>
        responsesOf(operation).flatMap(([, { content }]) =>
          Object.keys(content?.['application/problem+json']?.examples ?? {}),
        ),
      ),
    );
    const missing = Object.keys(problems).filter((code) => !named.has(code));
    expect(missing).toEqual([
      'MALFORMED_REQUEST',
      'NOT_FOUND',
      'METHOD_NOT_ALLOWED',
      'REQUEST_TIMEOUT',
      'HEADERS_TOO_LARGE',
      // Of one movement in a list, whose operation answers 200.
      'EARLIER_UNDECIDED',
    ]);
  });

  it('tells the other name of every field that has one', () => {
    const schemas = document.components.schemas as Readonly<
      Record<string, { properties?: Record<string, { description?: string }> }>
    >;
    const aliased = Object.values({ ...movements, ...reservations })
      .filter((dto) => typeof dto === 'function' && dto.name in schemas)
      .flatMap(({ name: dto, prototype }) =>
        [...fieldRules(prototype)].flatMap(([field, { alias }]) =>
          alias === undefined ? [] : [{ dto, field, alias }],
        ),
      );
    expect(aliased.map(({ dto, alias }) => `${dto} ${alias}`)).toEqual(
      expect.arrayContaining(['ReceiveBody itemId', 'ReserveBody qty', 'IssueReservedBody qty']),
    );
    const untold = aliased.filter(({ dto, field, alias }) => {
      const { description = '' } = schemas[dto]?.properties?.[field] ?? {};
      return !description.includes(`Taken as ${alias} too`);
    });
    expect(untold).toEqual([]);
  });

  it('bounds every parameter', () => {
    const parameters = operations.flatMap(([name, { parameters: some }]) =>
      some.map((one) => [name, contract.resolve<{ name: string; schema: object }>(one)] as const),
    );
    const words = ['maxLength', 'maximum', 'enum', 'pattern', 'format', 'minLength'];
    const loose = parameters.filter(([, { schema }]) => {
      const isFlag = 'type' in schema && schema.type === 'boolean';
      return !isFlag && !words.some((word) => word in schema);
    });
    expect(loose.map(([name, parameter]) => `${name} ${parameter.name}`)).toEqual([]);
  });
});
