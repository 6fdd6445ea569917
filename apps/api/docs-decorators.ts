import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiResponse } from '@nestjs/swagger';
import { problemOf, ProblemError, problems, type ProblemCode } from './errors';

/** Every operation is documented with an example and with every code it can answer. */

const EXAMPLE_INSTANCE = '0b0c8f3e-6f53-4d3c-9f1e-0a4d6c1f2b7a';

function refusals(codes: readonly ProblemCode[]): MethodDecorator[] {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const [status] = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return [...byStatus].map(([status, some]) =>
    ApiResponse({
      status,
      description: some.join(', '),
      content: {
        'application/problem+json': {
          schema: { type: 'object', properties: { code: { type: 'string', enum: some } } },
          examples: Object.fromEntries(
            some.map((code) => [
              code,
              { value: problemOf(new ProblemError(code, problems[code][1]), EXAMPLE_INSTANCE) },
            ]),
          ),
        },
      },
    }),
  );
}

const answer = (status: number, description: string, example: unknown): MethodDecorator =>
  ApiResponse({
    status,
    description,
    content: { 'application/json': { schema: { type: 'object' }, example } },
  });

const COMMAND_CODES: readonly ProblemCode[] = [
  'VALIDATION_FAILED',
  'MALFORMED_JSON',
  'MALFORMED_URL',
  'BODY_TOO_LARGE',
  'COMMAND_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'EFFECTIVE_AT_IN_FUTURE',
  'IDEMPOTENCY_KEY_REUSED',
  'SEQUENCE_PASSED',
  'REVISION_MISMATCH',
  'STORE_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'STREAM_BUSY',
  'INTERNAL_ERROR',
];

interface Documented {
  readonly summary: string;
  readonly description?: string;
  readonly example: unknown;
  readonly codes?: readonly ProblemCode[];
}

export function CommandDocs({
  summary,
  description = '',
  example,
  codes = [],
  created = false,
}: Documented & { readonly created?: boolean }): MethodDecorator {
  const header = (name: string, about: string): MethodDecorator =>
    ApiHeader({ name, required: false, description: about });
  return applyDecorators(
    ApiOperation({ summary, description }),
    header(
      'Idempotency-Key',
      '1 to 200 visible characters of your choice. The same key with the same body gets the first answer again.',
    ),
    header('If-Match', 'The revision you saw, such as "7"; any other refuses the command.'),
    header('X-Correlation-Id', 'Told in every event and in the answer to a refusal.'),
    header('X-Causation-Id', 'What made you send this.'),
    header('X-Actor', 'An opaque id of who asks; default anonymous.'),
    header('X-Source', '<id>;<sequence>: this is one row of an ordered source.'),
    ApiQuery({
      name: 'dryRun',
      required: false,
      type: Boolean,
      description: 'Decide, but write nothing.',
    }),
    ...(created ? [answer(201, 'Done.', example)] : []),
    answer(
      200,
      created ? 'A dry run, or nothing had to change.' : 'Done.',
      created ? { dryRun: true, events: [] } : example,
    ),
    ...refusals([...COMMAND_CODES, ...codes]),
  );
}

export function QueryDocs({
  summary,
  description = '',
  example,
  codes = [],
  list = false,
}: Documented & { readonly list?: boolean }): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary, description }),
    answer(200, 'Found.', list ? { items: [example], nextCursor: null } : example),
    ...refusals([
      'VALIDATION_FAILED',
      'MALFORMED_URL',
      'POSITION_INVALID',
      'POSITION_OF_ANOTHER_STORE',
      ...(list ? (['CURSOR_INVALID'] as const) : []),
      'READ_MODEL_UNAVAILABLE',
      'PROJECTION_BEHIND',
      'INTERNAL_ERROR',
      ...codes,
    ]),
  );
}
