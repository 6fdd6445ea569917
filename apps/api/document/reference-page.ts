import type { JsonSchema } from './answer-schema';
import type { MediaType, OpenApi, Operation, Response } from './openapi-document';

/** The API as one page to read, to search and to print: HTML made of the document, without a script in it. */

const STYLE = `
  body { font: 15px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 20rem 1fr; }
  nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; background: #f4f5f7; box-sizing: border-box; }
  nav a { display: block; color: inherit; text-decoration: none; padding: .15rem 0; }
  main { padding: 1rem 2rem; min-width: 0; max-width: 60rem; }
  section { border-top: 1px solid #ddd; padding: .5rem 0 1rem; }
  code, pre { font: 13px/1.45 ui-monospace, monospace; }
  pre { background: #f4f5f7; padding: .75rem; overflow: auto; }
  table { border-collapse: collapse; } td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; }
  @media (max-width: 50rem), print { body { display: block; } nav { position: static; height: auto; } }`;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
const tag = (name: string, text: string): string => `<${name}>${escaped(text)}</${name}>`;

/** Descriptions are plain text but for `names`. */
const prose = (text: string): string => escaped(text).replace(/`([^`]+)`/g, '<code>$1</code>');
const paragraph = (text: string): string => (text === '' ? '' : `<p>${prose(text)}</p>`);

/** Cells are HTML already. */
function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const head = heads.map((cell) => tag('th', cell)).join('');
  const body = rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join('')}</tr>`);
  return `<table><tr>${head}</tr>${body.join('\n')}</table>`;
}

export function referencePage(document: OpenApi): string {
  const resolve = resolver(document);
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, op]) => ({
      address: `${method.toUpperCase()} ${path}`,
      op,
    })),
  );
  const schemas = Object.entries(document.components.schemas ?? {}) as [string, JsonSchema][];
  const link = (id: string, text: string): string => `<a href="#${id}">${escaped(text)}</a>`;
  const tags = [...new Set(operations.flatMap(({ op }) => op.tags))];
  const menu = tags.map(
    (name) =>
      tag('h4', name) +
      operations
        .filter(({ op }) => op.tags.includes(name))
        .map(({ op }) => link(op.operationId, op.summary))
        .join('\n'),
  );
  const { title, description } = document.info;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(title)} API reference</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>${STYLE}</style></head>
<body><nav>${menu.join('\n')}<h4>${link('schemas', 'Schemas')}</h4></nav>
<main>${tag('h1', title)}${paragraph(description)}
${operations.map(({ address, op }) => section(address, op, resolve)).join('\n')}
<h2 id="schemas">Schemas</h2>
${schemas.map(([name, schema]) => component(name, schema)).join('\n')}
</main></body></html>`;
}

type Resolve = <T extends object>(value: object) => T;

const resolver =
  (document: OpenApi): Resolve =>
  <T extends object>(value: object): T => {
    if (!('$ref' in value)) return value as T;
    const [, kind = '', name = ''] = String(value.$ref).slice(2).split('/');
    return (document.components[kind]?.[name] ?? {}) as T;
  };

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

function section(address: string, op: Operation, resolve: Resolve): string {
  const parameters = op.parameters.map((one) => {
    const { name, in: place, required, description = '', schema } = resolve<Parameter>(one);
    return [named(name, required), escaped(place), typeOf(schema), prose(description)];
  });
  const body = op.requestBody?.content?.['application/json'];
  const answers = Object.entries(op.responses).map(([status, one]) =>
    answer(status, resolve<Response>(one), resolve),
  );
  return `<section id="${op.operationId}">${tag('h3', op.summary)}<p><code>${escaped(address)}</code></p>
${paragraph(op.description ?? '')}
${table(['parameter', 'in', 'type', ''], parameters)}
${body ? `<p>Body: ${typeOf(body.schema)}</p>${examples(body, resolve)}` : ''}
${answers.join('\n')}</section>`;
}

function answer(
  status: string,
  { description, content = {}, headers = {} }: Response,
  resolve: Resolve,
): string {
  const names = Object.keys(headers);
  const isProblem = 'application/problem+json' in content;
  const types = isProblem
    ? []
    : Object.entries(content).map(
        ([type, body]) =>
          `<p>${escaped(type)}: ${typeOf(body.schema)}</p>${examples(body, resolve)}`,
      );
  const told = names.length > 0 ? ` · ${escaped(names.join(', '))}` : '';
  return `<p><b>${escaped(status)}</b> ${escaped(description)}${told}</p>${types.join('\n')}`;
}

const examples = ({ examples: all = {} }: MediaType, resolve: Resolve): string =>
  Object.values(all)
    .map((one) => tag('pre', JSON.stringify(resolve<{ value?: unknown }>(one).value, null, 2)))
    .join('\n');

const named = (name: string, required = false): string =>
  `<code>${escaped(name)}</code>${required ? ' *' : ''}`;

function component(name: string, schema: JsonSchema): string {
  const needed = new Set(schema.required as readonly string[] | undefined);
  const fields = Object.entries(
    (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>,
  ).map(([field, of]) => [named(field, needed.has(field)), typeOf(of), prose(textOf(of))]);
  const own = fields.length > 0 ? '' : `<p>${typeOf(schema)}</p>`;
  return `<section id="schema-${name}">${tag('h3', name)}${own}${paragraph(textOf(schema))}
${table(['field', 'type', ''], fields)}</section>`;
}

const textOf = ({ description }: JsonSchema): string =>
  typeof description === 'string' ? description : '';

/** A type in words, with a link where it has a name. */
function typeOf(schema: JsonSchema): string {
  const { $ref, type, items, enum: values, format, pattern } = schema;
  if (typeof $ref === 'string') {
    const name = $ref.split('/').at(-1) ?? '';
    return `<a href="#schema-${name}">${escaped(name)}</a>`;
  }
  const choice = (schema.anyOf ?? schema.oneOf ?? schema.allOf) as
    readonly JsonSchema[] | undefined;
  if (choice) return choice.map(typeOf).join(' or ');
  if ('const' in schema) return tag('code', JSON.stringify(schema.const));
  if (Array.isArray(values)) return values.map((value) => tag('code', String(value))).join(' ');
  if (items) return `list of ${typeOf(items as JsonSchema)}`;
  const words = [type ?? 'object'].flat().map(String).join(' or ');
  const more = [format, pattern, boundsOf(schema)].filter(
    (word) => word !== undefined && word !== '',
  );
  return escaped(more.length > 0 ? `${words} (${more.join(', ')})` : words);
}

/** `1…64`, of a length, a size or a number. */
function boundsOf(schema: JsonSchema): string {
  const bound = (...words: readonly string[]): string =>
    words
      .map((word) => schema[word])
      .find((value) => typeof value === 'number')
      ?.toString() ?? '';
  const least = bound('minLength', 'minimum', 'minItems');
  const most = bound('maxLength', 'maximum', 'maxItems');
  return least + most === '' ? '' : `${least}…${most}`;
}
