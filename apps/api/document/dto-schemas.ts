import type { JsonSchema } from './answer-schema';

/** A body takes the fields it names and no others. */
export const closed = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  additionalProperties: false,
});

/** The DTOs' schemas are told in the words of OpenAPI 3.0; 3.1 is JSON Schema 2020-12. */
export function modern(schema: JsonSchema): JsonSchema {
  const { nullable, example, ...plain } = schema;
  const named = Object.fromEntries(
    Object.entries(plain).map(([word, value]) => [word, modernWord(word, value)]),
  );
  const told = example === undefined ? named : { ...named, examples: [example] };
  return nullable === true ? withNull(told) : told;
}

function modernWord(word: string, value: unknown): unknown {
  switch (word) {
    case 'properties':
      return Object.fromEntries(
        Object.entries(value as Readonly<Record<string, JsonSchema>>).map(([name, field]) => [
          name,
          modern(field),
        ]),
      );
    case 'items':
      return modern(value as JsonSchema);
    case 'oneOf':
    case 'anyOf':
    case 'allOf':
      return (value as readonly JsonSchema[]).map(modern);
    default:
      return value;
  }
}

function withNull(schema: JsonSchema): JsonSchema {
  if (Array.isArray(schema.oneOf)) {
    return { ...schema, oneOf: [...(schema.oneOf as JsonSchema[]), { type: 'null' }] };
  }
  if (typeof schema.type !== 'string') throw new Error('a nullable schema needs a type');
  const values = Array.isArray(schema.enum) ? { enum: [...(schema.enum as unknown[]), null] } : {};
  return { ...schema, type: [schema.type, 'null'], ...values };
}
