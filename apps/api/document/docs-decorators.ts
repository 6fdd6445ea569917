import { applyDecorators } from '@nestjs/common';
import { ApiExtension, ApiOperation } from '@nestjs/swagger';
import { anyOf, nameOf, type JsonSchema, type Schema, type TypeOf } from './answer-schema';
import { dryRun, pageOf } from './answers-common';
import type { HeaderName, ParameterName } from './docs-components';
import type { ProblemCode } from '../http/errors';
import { LIST_WRITERS } from '../reading/list-formats';

/**
 * What an operation says of itself beside its route and its DTOs: every operation has a name, an example of each answer
 * and every code it can give. docs/api.md tells how to read what they have in common.
 */

export interface AnswerDocs {
  readonly description: string;
  /** By media type; absent where there is no body. */
  readonly content?: Readonly<Record<string, BodyDocs>>;
  /** Always there, unless it is said with a question mark behind it. */
  readonly headers?: readonly (HeaderName | `${HeaderName}?`)[];
}

export interface BodyDocs {
  readonly schema: JsonSchema;
  readonly examples: Readonly<Record<string, unknown>>;
}

export interface OperationDocs {
  readonly answers: Readonly<Record<number, AnswerDocs>>;
  readonly codes: readonly ProblemCode[];
  readonly parameters: readonly ParameterName[];
  /** An example of what to send. */
  readonly request?: object;
  /** One of the other form, where there are two. */
  readonly otherRequest?: object | undefined;
  /** Headers of every refusal. */
  readonly refusalHeaders?: AnswerDocs['headers'];
}

/** Where the documentation finds them; no part of the served document. */
export const DOCS = 'x-docs';

const ALWAYS: readonly ProblemCode[] = ['VALIDATION_FAILED', 'MALFORMED_URL', 'INTERNAL_ERROR'];
const COMMAND: readonly ProblemCode[] = [
  ...ALWAYS,
  'MALFORMED_JSON',
  'BODY_TOO_LARGE',
  'COMMAND_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'EFFECTIVE_AT_IN_FUTURE',
  'EFFECTIVE_AT_TOO_OLD',
  'IDEMPOTENCY_KEY_REUSED',
  'SEQUENCE_PASSED',
  'REVISION_MISMATCH',
  'OVERLOADED',
  'STORE_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'STREAM_BUSY',
];
const QUERY: readonly ProblemCode[] = [
  ...ALWAYS,
  'NOT_ACCEPTABLE',
  'POSITION_INVALID',
  'POSITION_OF_ANOTHER_STORE',
  'OVERLOADED',
  'READ_MODEL_UNAVAILABLE',
  'PROJECTION_BEHIND',
];

interface Described {
  /** The name of the operation in generated clients. */
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
}

interface Documented<T> extends Described {
  /** What a success is answered with. */
  readonly answer: Schema<T>;
  readonly example: NoInfer<T>;
  /** Besides those that every operation of the kind can give. */
  readonly codes?: readonly ProblemCode[];
}

const documented = (
  { id, summary, description = '' }: Described,
  docs: OperationDocs,
): MethodDecorator =>
  applyDecorators(
    ApiOperation({ operationId: id, summary, description }),
    ApiExtension(DOCS, docs),
  );

const json = (
  { json: schema }: Schema,
  examples: BodyDocs['examples'],
): NonNullable<AnswerDocs['content']> => ({ 'application/json': { schema, examples } });

export const EXAMPLE_DRY_RUN: TypeOf<typeof dryRun> = {
  dryRun: true,
  events: [{ type: 'ItemDeactivated', data: { sku: 'WIDGET-001' } }],
};
const ACCEPTED = ['ETag', 'Idempotency-Key', 'Idempotent-Replayed?'] as const;

interface CommandOptions<T> extends Documented<T>, Pick<OperationDocs, 'otherRequest'> {
  readonly request: object;
  /** It is answered 201, since its events make something that was not there. */
  readonly created?: boolean;
  /** What the answer looks like, with 202, while some of its legs are on their way. */
  readonly examplePending?: NoInfer<T>;
}

/** A command. */
export function CommandDocs<T>({
  answer,
  example,
  request,
  otherRequest,
  codes = [],
  created = false,
  examplePending,
  ...described
}: CommandOptions<T>): MethodDecorator {
  const done = {
    description: 'Done.',
    headers: ACCEPTED,
    content: json(answer, { done: example }),
  };
  const dry = { dryRun: EXAMPLE_DRY_RUN };
  const changed: AnswerDocs = {
    description: 'Done, or what a dry run would do.',
    headers: ['ETag?', 'Idempotency-Key', 'Idempotent-Replayed?'],
    content: json(anyOf(answer, dryRun), { done: example, ...dry }),
  };
  const tried: AnswerDocs = {
    description: 'What a dry run would do.',
    headers: ['Idempotency-Key'],
    content: json(dryRun, dry),
  };
  const pending: AnswerDocs = {
    description: 'Decided, and still on its way to some places, which needs no other request.',
    headers: ACCEPTED,
    content: json(answer, { pending: examplePending }),
  };
  return documented(described, {
    answers: {
      ...(created ? { 200: tried, 201: done } : { 200: changed }),
      ...(examplePending === undefined ? {} : { 202: pending }),
    },
    codes: [...COMMAND, ...codes],
    parameters: [
      'dryRun',
      'Idempotency-Key',
      'If-Match',
      'X-Correlation-Id',
      'X-Causation-Id',
      'X-Actor',
      'X-Role',
      'X-Source',
    ],
    request,
    otherRequest,
    refusalHeaders: ['Idempotency-Key?'],
  });
}

interface ManyCommandsOptions<T> extends Documented<T> {
  readonly request: object;
  readonly exampleDryRun: NoInfer<T>;
}

/** A request that stands for many commands, and tells what became of each: done, or tried. */
export function ManyCommandsDocs<T>({
  answer,
  example,
  exampleDryRun,
  request,
  codes = [],
  ...described
}: ManyCommandsOptions<T>): MethodDecorator {
  const ofOne: readonly ProblemCode[] = [
    'COMMAND_TOO_LARGE',
    'REVISION_MISMATCH',
    'SEQUENCE_PASSED',
  ];
  return documented(described, {
    answers: {
      200: {
        description: 'What was done, or what a dry run would do.',
        headers: ['Idempotency-Key', 'Idempotent-Replayed?'],
        content: json(answer, { done: example, dryRun: exampleDryRun }),
      },
    },
    codes: [...COMMAND.filter((code) => !ofOne.includes(code)), ...codes],
    parameters: [
      'dryRun',
      'Idempotency-Key',
      'X-Correlation-Id',
      'X-Causation-Id',
      'X-Actor',
      'X-Role',
    ],
    request,
    refusalHeaders: ['Idempotency-Key?'],
  });
}

interface QueryOptions<T> extends Documented<T> {
  /** Rows: pages of them as JSON, all of them as CSV and NDJSON. */
  readonly list?: boolean;
  /** The revision is told, as a command takes it for If-Match. */
  readonly etag?: boolean;
}

/** A query, which can wait for what a command has just written. */
export function QueryDocs<T>({
  answer,
  example,
  codes = [],
  list = false,
  etag = false,
  ...described
}: QueryOptions<T>): MethodDecorator {
  const content = list
    ? {
        ...json(page(answer), { page: { items: [example], nextCursor: null } }),
        ...wholeList(example as object),
      }
    : json(answer, { found: example });
  const headers = [etag ? 'ETag' : 'ETag?', 'Cache-Control?', 'Vary?'] as const;
  return documented(described, {
    answers: {
      200: {
        description: list ? 'One page of JSON, or the whole list as CSV or NDJSON.' : 'Found.',
        content,
        headers: list ? [...headers, 'Content-Disposition?'] : headers,
      },
      304: {
        description: 'Nothing has changed since the answer that If-None-Match names.',
        headers: ['ETag', 'Cache-Control?', 'Vary?'],
      },
    },
    codes: [...QUERY, ...(list ? (['CURSOR_INVALID', 'TOO_MANY_STREAMS'] as const) : []), ...codes],
    parameters: ['If-None-Match'],
    refusalHeaders: ['Vary?'],
  });
}

/** What a list of one row looks like as text. */
const wholeList = (row: object): NonNullable<AnswerDocs['content']> =>
  Object.fromEntries(
    (['csv', 'ndjson'] as const).map((format) => {
      const { contentType, head, textOf } = LIST_WRITERS[format](Object.keys(row));
      const [type = ''] = contentType.split(';');
      return [type, { schema: { type: 'string' }, examples: { list: head + textOf([row]) } }];
    }),
  );

const pages = new Map<string, Schema>();

/** Lists of the same rows have pages of the same kind. */
function page(row: Schema): Schema {
  const name = nameOf(row);
  const known = pages.get(name) ?? pageOf(name, row);
  pages.set(name, known);
  return known;
}

/** An operation of the service itself. */
export function ServiceDocs({
  answers,
  ...described
}: Described & Pick<OperationDocs, 'answers'>): MethodDecorator {
  return documented(described, { answers, codes: ALWAYS, parameters: [] });
}

/** The body of an answer with one example. */
export const told = <T>(
  answer: Schema<T>,
  example: NoInfer<T>,
): NonNullable<AnswerDocs['content']> => json(answer, { example });
