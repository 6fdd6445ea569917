import type { JsonSchema } from './answer-schema';
import { problemAnswer } from './answers-common';
import { components, headerRef, parameterRef, pathParameterRef } from './docs-components';
import { closed, modern } from './dto-schemas';
import { type AnswerDocs, type BodyDocs, DOCS, type OperationDocs } from './docs-decorators';
import { problems, type ProblemCode, retryAfter } from '../http/errors';

/** What is made of the routes and DTOs, before and after the operations have told the rest. */
interface RawOperation {
  readonly operationId?: string;
  readonly parameters?: readonly RawParameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>>;
  };
  readonly [DOCS]?: OperationDocs;
}
interface RawParameter {
  readonly name: string;
  readonly in: string;
  readonly schema?: JsonSchema;
}
type Paths<Operation> = Readonly<Record<string, Readonly<Record<string, Operation>>>>;
export interface RawDocument {
  readonly paths: Paths<RawOperation>;
  readonly components?: { readonly schemas?: Readonly<Record<string, JsonSchema>> };
}

export interface MediaType {
  readonly schema: JsonSchema;
  readonly examples?: Readonly<
    Record<string, { readonly value?: unknown; readonly $ref?: string }>
  >;
}
export interface Response {
  readonly description: string;
  readonly headers?: Readonly<Record<string, JsonSchema>>;
  readonly content?: Readonly<Record<string, MediaType>>;
}
interface Reference {
  readonly $ref: string;
}
export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly parameters: readonly JsonSchema[];
  readonly requestBody?: { readonly required: boolean; readonly content: Response['content'] };
  readonly responses: Readonly<Record<string, Response | Reference>>;
}
/** OpenAPI 3.1, as far as this document uses it. */
export interface OpenApi {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly description: string; readonly version: string };
  readonly paths: Paths<Operation>;
  readonly components: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

const PROBLEM = 'application/problem+json';

/** The document as it is served: the routes and DTOs, and what the operations say of themselves. */
export function completed({ paths, components: raw, ...rest }: RawDocument): OpenApi {
  const dtos = Object.entries(raw?.schemas ?? {}).map(([name, schema]): [string, JsonSchema] => [
    name,
    closed(modern(schema)),
  ]);
  const { schemas, ...shared } = components();
  const responses: Record<string, Response> = {};
  const bodies = Object.fromEntries(dtos);
  const operations = mapPaths(paths, (operation, name) =>
    complete(operation, name, bodies, responses),
  );
  const common = commonParameters(operations);
  const uses = JSON.stringify([operations, responses]);
  return {
    ...(rest as unknown as Pick<OpenApi, 'openapi' | 'info'>),
    paths: mapPaths(operations, (operation) => ({
      ...operation,
      parameters: operation.parameters.map((parameter) => common.refOf(parameter)),
    })),
    components: {
      ...shared,
      headers: Object.fromEntries(
        Object.entries(shared.headers).filter(([name]) =>
          uses.includes(`"#/components/headers/${name}"`),
        ),
      ),
      schemas: { ...bodies, ...schemas },
      responses,
      parameters: { ...shared.parameters, ...common.parameters },
    },
  };
}

function mapPaths<A, B>(paths: Paths<A>, map: (operation: A, name: string) => B): Paths<B> {
  return Object.fromEntries(
    Object.entries(paths).map(([path, methods]) => [
      path,
      Object.fromEntries(
        Object.entries(methods).map(([method, operation]) => [
          method,
          map(operation, `${method.toUpperCase()} ${path}`),
        ]),
      ),
    ]),
  );
}

function complete(
  raw: RawOperation,
  name: string,
  bodies: Readonly<Record<string, JsonSchema>>,
  responses: Record<string, Response>,
): Operation {
  const { [DOCS]: docs, parameters = [], requestBody, ...operation } = raw;
  if (!docs) throw new Error(`${name} has no documentation; give it one of docs-decorators.ts`);
  const ofPath = parameters.filter(({ in: place }) => place === 'path');
  const ofQuery = parameters.filter(({ in: place }) => place === 'query');
  return {
    ...(operation as unknown as Operation),
    parameters: [
      ...ofPath.map((parameter) => pathParameterRef(parameter.name)),
      ...ofQuery.map(({ schema = {}, ...parameter }) => ({ ...parameter, schema: modern(schema) })),
      ...docs.parameters.map(parameterRef),
    ],
    ...(requestBody &&
      docs.request && {
        requestBody: bodyOf(requestBody.content, docs.request, docs.otherRequest, bodies),
      }),
    responses: {
      ...successes(docs.answers),
      ...refusals(docs.codes, docs.refusalHeaders ?? [], responses),
    },
  };
}

function bodyOf(
  content: NonNullable<RawOperation['requestBody']>['content'],
  example: object,
  other: object | undefined,
  bodies: Readonly<Record<string, JsonSchema>>,
): NonNullable<Operation['requestBody']> {
  const schema = content['application/json']?.schema ?? {};
  const forms = (schema.oneOf ?? [schema]) as readonly JsonSchema[];
  const isRequired = ({ $ref }: JsonSchema): boolean => {
    const named = bodies[String($ref).split('/').at(-1) ?? ''];
    return ((named?.required ?? []) as readonly string[]).length > 0;
  };
  const examples = { example: { value: example }, ...(other && { other: { value: other } }) };
  return {
    required: forms.every(isRequired),
    content: { 'application/json': { schema, examples } },
  };
}

const headersOf = (names: AnswerDocs['headers'] = []): Pick<Response, 'headers'> =>
  names.length === 0 ? {} : { headers: Object.fromEntries(names.map(headerRef)) };

const mediaType = ({ schema, examples }: BodyDocs): MediaType => ({
  schema,
  examples: Object.fromEntries(Object.entries(examples).map(([name, value]) => [name, { value }])),
});

const successes = (answers: OperationDocs['answers']): Record<string, Response> =>
  Object.fromEntries(
    Object.entries(answers).map(([status, { description, content, headers }]) => [
      status,
      {
        description,
        ...headersOf(headers),
        ...(content && {
          content: Object.fromEntries(
            Object.entries(content).map(([type, body]) => [type, mediaType(body)]),
          ),
        }),
      },
    ]),
  );

/** One response for each status, with an example of each of its codes; many operations share them. */
function refusals(
  codes: readonly ProblemCode[],
  headers: NonNullable<AnswerDocs['headers']>,
  responses: Record<string, Response>,
): Operation['responses'] {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const [status] = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, some]) => {
      const all = retryAfter(status) ? [...headers, 'Retry-After' as const] : headers;
      const name = [status, ...some, ...headers.map((header) => header.replace('?', ''))].join('.');
      responses[name] = {
        description: some.join(', '),
        ...headersOf(all),
        content: { [PROBLEM]: problemBody(status, some) },
      };
      return [String(status), { $ref: `#/components/responses/${name}` }];
    }),
  );
}

const problemBody = (status: number, codes: readonly ProblemCode[]): MediaType => ({
  schema: {
    allOf: [
      problemAnswer.json,
      { properties: { status: { const: status }, code: { enum: codes } } },
    ],
  },
  examples: Object.fromEntries(
    codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
  ),
});

/** Parameters of DTOs that several operations share become components. */
function commonParameters(operations: Paths<Operation>): {
  readonly parameters: Readonly<Record<string, JsonSchema>>;
  readonly refOf: (parameter: JsonSchema) => JsonSchema;
} {
  const uses = new Map<string, number>();
  const all = Object.values(operations).flatMap((methods) => Object.values(methods));
  for (const parameter of all.flatMap(({ parameters }) => parameters)) {
    const text = JSON.stringify(parameter);
    uses.set(text, (uses.get(text) ?? 0) + 1);
  }
  const names = new Map<string, string>();
  const parameters: Record<string, JsonSchema> = {};
  for (const [text, times] of [...uses].sort(([, a], [, b]) => b - a)) {
    const parameter = JSON.parse(text) as JsonSchema;
    const name = `query.${String(parameter.name)}`;
    // Of several forms of one name the one that is used most has it.
    if (times < 2 || '$ref' in parameter || name in parameters) continue;
    parameters[name] = parameter;
    names.set(text, name);
  }
  const refOf = (parameter: JsonSchema): JsonSchema => {
    const name = names.get(JSON.stringify(parameter));
    return name === undefined ? parameter : { $ref: `#/components/parameters/${name}` };
  };
  return { parameters, refOf };
}
