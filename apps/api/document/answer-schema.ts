/** JSON Schema 2020-12 values that know the type of what they describe: one declaration for the document and the code. */

export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Schema<T = unknown> {
  readonly json: JsonSchema;
  /** Only for the compiler: never has a value. */
  readonly type?: T;
}

interface Optional<T> extends Schema<T> {
  readonly optional: true;
}

type Fields = Readonly<Record<string, Schema>>;
type OptionalName<F> = { [K in keyof F]: F[K] extends Optional<unknown> ? K : never }[keyof F];

export type TypeOf<S> = S extends Schema<infer T> ? T : never;
type ObjectOf<F> = {
  readonly [K in Exclude<keyof F, OptionalName<F>>]: TypeOf<F[K]>;
} & { readonly [K in OptionalName<F>]?: TypeOf<F[K]> };

interface ObjectSchema<F extends Fields> extends Schema<ObjectOf<F>> {
  readonly fields: F;
}

const schema = <T>(json: JsonSchema): Schema<T> => ({ json });

export const text = (more: JsonSchema = {}): Schema<string> => schema({ type: 'string', ...more });
export const id = (max: number): Schema<string> => text({ minLength: 1, maxLength: max });
export const number = (more: JsonSchema = {}): Schema<number> =>
  schema({ type: 'number', ...more });
export const count: Schema<number> = schema({ type: 'integer', minimum: 0 });
export const flag: Schema<boolean> = schema({ type: 'boolean' });
/** Any fields: said elsewhere. */
export const openObject: Schema<Readonly<Record<string, unknown>>> = schema({ type: 'object' });
export const textMap: Schema<Readonly<Record<string, string>>> = schema({
  type: 'object',
  additionalProperties: { type: 'string' },
});

export const oneOf = <const V extends string>(...values: readonly V[]): Schema<V> =>
  schema({ type: 'string', enum: values });

export const exactly = <const V extends string | boolean>(value: V): Schema<V> =>
  schema({ const: value });

export const listOf = <T>({ json }: Schema<T>): Schema<readonly T[]> =>
  schema({ type: 'array', items: json });

export const orNull = <T>({ json }: Schema<T>): Schema<T | null> =>
  'type' in json && !('enum' in json)
    ? schema({ ...json, type: [json.type, 'null'] })
    : schema({ anyOf: [json, { type: 'null' }] });

export const optional = <T>(of: Schema<T>): Optional<T> => ({ ...of, optional: true });

/** One of these forms. */
export const anyOf = <S extends readonly Schema[]>(...forms: S): Schema<TypeOf<S[number]>> =>
  schema({ anyOf: forms.map(({ json }) => json) });

export const described = <S extends Schema>(of: S, description: string): S => ({
  ...of,
  json: { ...of.json, description },
});

/** Has these fields and no others. */
export const object = <F extends Fields>(fields: F): ObjectSchema<F> => ({
  fields,
  json: {
    type: 'object',
    additionalProperties: false,
    required: Object.keys(fields).filter((name) => !('optional' in (fields[name] ?? {}))),
    properties: Object.fromEntries(Object.entries(fields).map(([name, { json }]) => [name, json])),
  },
});

/** Any number of the fields, none of them needed. */
export const someOf = <F extends Fields>(
  fields: F,
): Schema<{ readonly [K in keyof F]?: TypeOf<F[K]> }> => {
  const { required: _, ...json } = object(fields).json;
  return { json };
};

const components = new Map<string, JsonSchema>();

/** Gives a schema a name of its own under components/schemas. */
export function component<S extends Schema>(name: string, of: S): S {
  if (components.has(name)) throw new Error(`two schemas are named ${name}`);
  components.set(name, of.json);
  return { ...of, json: { $ref: `#/components/schemas/${name}` } };
}

/** Every schema that has a name. */
export const namedSchemas = (): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(components);

/** The name under which a schema was declared. */
export const nameOf = ({ json }: Schema): string =>
  typeof json.$ref === 'string' ? (json.$ref.split('/').at(-1) ?? '') : '';
