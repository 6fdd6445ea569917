/** The served /openapi.json, as far as requests are made from it. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | undefined;
  /** By status. */
  readonly responses: Readonly<Record<string, unknown>>;
  readonly isCommand: boolean;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Described {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Schema } | undefined>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

export const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;

export const parametersIn = (operation: Operation, place: Parameter['in']): readonly Parameter[] =>
  operation.parameters.filter((parameter) => parameter.in === place);

/** The operations of the api itself; health and metrics take nothing. */
export function operationsOf(document: OpenApi): readonly Operation[] {
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/api/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [], requestBody, responses }]) => {
        const schema = requestBody?.content['application/json']?.schema;
        return {
          method: method.toUpperCase(),
          path,
          parameters: parameters.map((one) => ({ ...one, schema: whole(document, one.schema) })),
          body: schema && whole(document, schema),
          responses,
          isCommand: method !== 'get',
        };
      }),
    );
}

/** The schema with what it refers to in its place. */
function whole(document: OpenApi, schema: Schema): Schema {
  const { $ref, allOf = [], items, properties, additionalProperties: more, ...rest } = schema;
  const { oneOf, ...own } = nullAsType(rest);
  const named = document.components.schemas[$ref?.split('/').at(-1) ?? ''];
  const inherited = [...(named ? [named] : []), ...allOf].map((one) => whole(document, one));
  return {
    ...Object.assign({}, ...inherited),
    ...own,
    ...(items && { items: whole(document, items) }),
    ...(oneOf && { oneOf: oneOf.map((one) => whole(document, one)) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, one]) => [name, whole(document, one)]),
      ),
    }),
    ...(more !== undefined && {
      additionalProperties: typeof more === 'object' ? whole(document, more) : more,
    }),
  } as Schema;
}

/** As OpenAPI 3.1 and JSON Schema say it, whatever the document does. */
function nullAsType({ nullable = false, ...schema }: Schema): Schema {
  const { type, oneOf, enum: values } = schema;
  if (!nullable) return schema;
  return {
    ...schema,
    ...(type !== undefined && { type: [type, 'null'].flat() }),
    ...(oneOf && { oneOf: [...oneOf, { type: 'null' }] }),
    ...(values && { enum: [...values, null] }),
  };
}

export const isNullable = ({ type, oneOf = [] }: Schema): boolean =>
  [type, ...oneOf.map((one) => one.type)].flat().includes('null');
