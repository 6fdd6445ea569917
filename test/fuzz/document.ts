import type { ApiContract } from '../support/openapi';

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
  readonly isCommand: boolean;
}

export const nameOf = ({ method, path }: Operation): string => `${method} ${path}`;

export const parametersIn = (operation: Operation, place: Parameter['in']): readonly Parameter[] =>
  operation.parameters.filter((parameter) => parameter.in === place);

/** The operations of the api itself; health and metrics take nothing. */
export function operationsOf(contract: ApiContract): readonly Operation[] {
  return Object.entries(contract.document.paths)
    .filter(([path]) => path.startsWith('/api/'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { parameters, requestBody }]) => {
        const schema = requestBody?.content?.['application/json']?.schema;
        // A body of two forms is two operations to us.
        const forms = (schema?.oneOf ?? [schema]) as readonly (Schema | undefined)[];
        return forms.map((form) => ({
          method: method.toUpperCase(),
          path,
          parameters: parameters.map((one) => {
            const parameter = contract.resolve<Parameter>(one);
            return { ...parameter, schema: whole(contract, parameter.schema) };
          }),
          body: form && whole(contract, form),
          isCommand: method !== 'get',
        }));
      }),
    );
}

/** The schema with what it refers to in its place. */
function whole(contract: ApiContract, schema: Schema): Schema {
  const { $ref, allOf = [], items, properties, additionalProperties: more, ...rest } = schema;
  const { oneOf, ...own } = nullAsType(rest);
  const named = $ref === undefined ? undefined : contract.resolve<Schema>({ $ref });
  const inherited = [...(named ? [named] : []), ...allOf].map((one) => whole(contract, one));
  return {
    ...Object.assign({}, ...inherited),
    ...own,
    ...(items && { items: whole(contract, items) }),
    ...(oneOf && { oneOf: oneOf.map((one) => whole(contract, one)) }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, one]) => [name, whole(contract, one)]),
      ),
    }),
    ...(more !== undefined && {
      additionalProperties: typeof more === 'object' ? whole(contract, more) : more,
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
