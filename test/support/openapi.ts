import Ajv2020, { type ValidateFunction } from 'ajv/dist/2020';
import type { OpenApi, Operation, Response } from '../../apps/api/document/openapi-document';

/** The OpenAPI document as a contract: what is answered must be what it says, and nothing else. */

export interface Told {
  readonly method: string;
  /** With the query, if there is one. */
  readonly path: string;
  readonly status: number;
  readonly headers: Iterable<readonly [string, string]>;
  readonly body: string;
}

interface Header {
  readonly required?: boolean;
  readonly schema: { readonly type?: string };
}

/** What HTTP itself needs; everything else has to be documented. */
const TRANSPORT: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
]);
/** Pages for people, and the document itself: no operations. */
const PAGES = /^\/(?:docs(?:\/.*)?|redoc|openapi\.json)$/;

/** The formats that the document uses. */
const FORMATS: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/,
  'date-time':
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
  uuid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  uri: /^[a-z][a-z0-9+.-]*:\S+$/,
};

/** JSON Schema 2020-12 as the document uses it: an unknown word or format is an error. */
function schemas(): Ajv2020 {
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allErrors: true,
    formats: { ...FORMATS },
  });
  return ajv;
}

interface Route {
  readonly template: string;
  readonly parts: readonly string[];
  readonly operations: Readonly<Record<string, Operation>>;
}

export class ApiContract {
  private readonly ajv = schemas();
  private readonly routes: readonly Route[];
  private readonly problemSchema: ValidateFunction;
  /** Codes that belong to no operation, such as NOT_FOUND. */
  private readonly ownerless: ReadonlySet<string>;
  private readonly compiled = new Map<unknown, ValidateFunction>();
  /** `operationId status` of every answer that was as documented. */
  readonly seen = new Set<string>();

  constructor(readonly document: OpenApi) {
    for (const [name, schema] of Object.entries(document.components.schemas ?? {})) {
      this.ajv.addSchema(byName(schema) as object, `schema:${name}`);
    }
    this.routes = Object.entries(document.paths)
      .map(([template, operations]) => ({ template, parts: template.split('/'), operations }))
      // A literal part goes before a parameter.
      .sort((a, b) => a.parts.filter(isParameter).length - b.parts.filter(isParameter).length);
    this.problemSchema = this.compile({ $ref: '#/components/schemas/Problem' });
    const owned = JSON.stringify(document.components.responses);
    const { examples = {} } = document.components;
    this.ownerless = new Set(Object.keys(examples).filter((code) => !owned.includes(`"${code}"`)));
  }

  /** Where an answer is not what the document says of its operation; empty where it is. */
  differences(told: Told): readonly string[] {
    const path = (told.path.split('?')[0] ?? '').replace(/(?<=.)\/+$/, '');
    if (PAGES.test(path)) return [];
    const method = told.method.toLowerCase();
    const operation = this.operationOf(path, method === 'head' ? 'get' : method);
    if (!operation) return this.differencesOfNothing(told);
    const documented = operation.responses[String(told.status)];
    if (!documented) {
      const known = Object.keys(operation.responses).join(', ');
      return [`status ${told.status} is not documented, only ${known}`];
    }
    const response = this.resolve<Response>(documented);
    const ofBody = method === 'head' ? [] : this.differencesOfBody(response, told);
    const differences = [...this.differencesOfHeaders(response, told), ...ofBody];
    if (differences.length === 0) this.seen.add(`${operation.operationId} ${told.status}`);
    return differences;
  }

  /** Throws where an answer is not what the document says. */
  check(told: Told): void {
    const differences = this.differences(told);
    if (differences.length === 0) return;
    throw new Error(
      `${told.method} ${told.path} answered ${told.status}, which is not as /openapi.json says:\n` +
        differences.map((line) => `  ${line}\n`).join('') +
        `  body: ${told.body.slice(0, 500)}`,
    );
  }

  /** Follows a reference within the document. */
  resolve<T extends object>(value: object): T {
    if (!('$ref' in value)) return value as T;
    const path = String(value.$ref).slice(2).split('/');
    const found = path.reduce<unknown>(
      (at, part) =>
        (at as Record<string, unknown> | undefined)?.[
          decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
        ],
      this.document,
    );
    if (found === undefined) throw new Error(`${String(value.$ref)} leads nowhere`);
    return this.resolve(found as object);
  }

  /** A schema of the document, ready to judge. */
  compile(schema: object): ValidateFunction {
    let validate = this.compiled.get(schema);
    if (!validate) {
      validate = this.ajv.compile(byName(schema) as object);
      this.compiled.set(schema, validate);
    }
    return validate;
  }

  private operationOf(path: string, method: string): Operation | undefined {
    const parts = path.split('/');
    const fitting = this.routes.filter(
      (route) =>
        route.parts.length === parts.length &&
        route.parts.every((part, i) => (isParameter(part) ? parts[i] !== '' : part === parts[i])),
    );
    // The router does the same: a path that has not got the method leaves it to the next that fits.
    return fitting.map(({ operations }) => operations[method]).find((found) => found !== undefined);
  }

  /** Where there is no operation there is a problem, of a code that no operation has. */
  private differencesOfNothing(told: Told): readonly string[] {
    const body = parsed(told.body);
    if (typeof body === 'string' || typeOf(told) !== 'application/problem+json') {
      return ['there is no such operation, and the answer is no problem'];
    }
    if (!this.problemSchema(body)) return readable(this.problemSchema.errors);
    const { code } = body as { code: string };
    if (this.ownerless.has(code) || code === 'MALFORMED_URL') return [];
    return [`there is no such operation to answer ${code}`];
  }

  private differencesOfHeaders(response: Response, { headers }: Told): readonly string[] {
    const given = new Map([...headers].map(([name, value]) => [name.toLowerCase(), value]));
    const documented = Object.entries(response.headers ?? {});
    const names = new Set(documented.map(([name]) => name.toLowerCase()));
    const unknown = [...given.keys()]
      .filter((name) => !names.has(name) && !TRANSPORT.has(name))
      .map((name) => `header ${name} is not documented`);
    const wrong = documented.flatMap(([name, reference]) => {
      const { required = false, schema } = this.resolve<Header>(reference);
      const value = given.get(name.toLowerCase());
      if (value === undefined) return required ? [`header ${name} is missing`] : [];
      const validate = this.compile(schema);
      if (validate(schema.type === 'integer' ? Number(value) : value)) return [];
      return readable(validate.errors, `header ${name} ${value}`);
    });
    return [...unknown, ...wrong];
  }

  private differencesOfBody({ content = {} }: Response, told: Told): readonly string[] {
    const types = Object.keys(content);
    const type = typeOf(told);
    if (types.length === 0) return told.body === '' ? [] : ['there is a body, and none documented'];
    const documented = content[type];
    if (!documented) return [`content-type ${type} is not documented, only ${types.join(', ')}`];
    const validate = this.compile(documented.schema);
    if (validate(/json$/.test(type) ? parsed(told.body) : told.body)) return [];
    return readable(validate.errors);
  }
}

const isParameter = (part: string): boolean => part.startsWith('{');

const typeOf = ({ headers }: Told): string => {
  for (const [name, value] of headers) {
    if (name.toLowerCase() === 'content-type') return (value.split(';')[0] ?? '').trim();
  }
  return 'none';
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Refers to named schemas by their names alone: the judge knows nothing of a document around them. */
function byName(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(byName);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [
      name,
      name === '$ref' && typeof part === 'string'
        ? part.replace('#/components/schemas/', 'schema:')
        : byName(part),
    ]),
  );
}

function readable(errors: ValidateFunction['errors'], place = 'body'): string[] {
  const lines = (errors ?? []).map(({ instancePath, message = '', params }) => {
    const { additionalProperty, allowedValues, allowedValue } = params as Record<string, unknown>;
    const which = [additionalProperty, allowedValue, (allowedValues as unknown[])?.join(', ')];
    const more = which.filter((word) => word !== undefined).map(String);
    return [`${place}${instancePath} ${message}`, ...more].join(': ');
  });
  return [...new Set(lines)];
}
