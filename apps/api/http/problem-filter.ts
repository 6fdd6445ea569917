import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { StoreUnavailableError } from '../../../libs/eventstore';
import type { Logger } from '../../../libs/runtime';
import { correlationIdOf } from '../commands/context';
import { drain } from './drain';
import { ProblemError, problemOf, retryAfter } from './errors';
import { BODY_LIMIT_BYTES } from './json-body';

/** Turns whatever was thrown into problem+json; what nobody expected is logged and says nothing about our insides. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly methodsOf: (path: string) => readonly string[],
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (reply.sent) return;
    const problem = this.problemFrom(error, request, reply);
    const body = problemOf(problem, correlationIdOf(request));
    if (body.status === 500) {
      this.logger.error({ err: error, url: request.url, correlationId: body.instance }, 'failed');
    }
    const after = retryAfter(body.status);
    if (after !== undefined) void reply.header('retry-after', after);
    const send = (): void =>
      void reply
        .status(body.status)
        .header('content-type', 'application/problem+json; charset=utf-8')
        .send(JSON.stringify(body));
    if (body.code === 'BODY_TOO_LARGE') void drain(request.raw).then(send);
    else send();
  }

  private problemFrom(error: unknown, request: FastifyRequest, reply: FastifyReply): ProblemError {
    if (error instanceof ProblemError) return error;
    if (error instanceof StoreUnavailableError) {
      return new ProblemError(
        'STORE_UNAVAILABLE',
        'the event store does not answer; this request has written nothing; send it again',
      );
    }
    if (error instanceof HttpException && error.getStatus() === 404) {
      return this.noRoute(request, reply);
    }
    return frameworkProblem(error) ?? internal();
  }

  private noRoute(request: FastifyRequest, reply: FastifyReply): ProblemError {
    const methods = this.methodsOf(request.url);
    if (methods.length === 0) {
      return new ProblemError(
        'NOT_FOUND',
        `there is nothing at ${shortened(request.url)}; see /docs`,
      );
    }
    void reply.header('allow', methods.join(', '));
    return new ProblemError(
      'METHOD_NOT_ALLOWED',
      `${request.method} does nothing here; use ${methods.join(' or ')}`,
    );
  }
}

/** An address may have thousands of characters; nobody needs them back. */
const shortened = (url: string): string => (url.length <= 200 ? url : `${url.slice(0, 200)} …`);

const internal = (): ProblemError =>
  new ProblemError(
    'INTERNAL_ERROR',
    'this is a fault of the server; tell its operator the id in instance, which its log knows',
  );

/** What Fastify itself refuses, as it is or as Nest wraps it. */
function frameworkProblem(error: unknown): ProblemError | undefined {
  const { statusCode, message } = error as { statusCode?: number; message?: string };
  const status = error instanceof HttpException ? error.getStatus() : statusCode;
  switch (status ?? 0) {
    case 413:
      return new ProblemError(
        'BODY_TOO_LARGE',
        `the body is too large; send at most ${BODY_LIMIT_BYTES} bytes`,
      );
    case 415:
      return new ProblemError(
        'UNSUPPORTED_MEDIA_TYPE',
        'send the body as content-type application/json',
      );
  }
  if (BAD_URL.has((error as { code?: string }).code ?? '')) return badUrl();
  if (status === undefined || status < 400 || status >= 500) return undefined;
  return new ProblemError('VALIDATION_FAILED', message ?? 'the request is not valid');
}

const BAD_URL: ReadonlySet<string> = new Set(['FST_ERR_BAD_URL', 'FST_ERR_MAX_PARAM_LENGTH']);
export const badUrl = (): ProblemError =>
  new ProblemError(
    'MALFORMED_URL',
    'the address is not valid percent-encoded UTF-8, or a part of its path is too long; encode it, or shorten it',
  );
