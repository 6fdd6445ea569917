import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { newId } from '../../../libs/runtime';
import { correlationIdOf } from '../commands/context';
import { ProblemError, problemOf, retryAfter } from './errors';
import { type Load, overloaded } from './load';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Whoever looks after us is answered whatever goes on. */
const OPERATIONS = /^\/(?:health\/|metrics)/;
const KEEP_ALIVE_MS = 72_000;

/**
 * The HTTP server below Fastify: what a slow, broken or greedy client may cost. Everything that it answers itself is a
 * problem like any other.
 */
export function createHttpServer(handler: Handler, load: Load): Server {
  const { maxConnections, requestTimeoutMs, idleTimeoutMs } = load.limits;
  const headersTimeout = Math.ceil(requestTimeoutMs / 3);
  const connectionsCheckingInterval = Math.min(1_000, headersTimeout);
  const pipelines = new Pipelines();
  const take: Handler = (request, response) => {
    const refusal = refusalOf(request, load) ?? pipelines.refusalOf(request, response);
    if (refusal) refuse(request, response, refusal);
    else handler(request, response);
  };
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout,
      connectionsCheckingInterval,
      keepAliveTimeout: KEEP_ALIVE_MS,
      // Refused by `take`, in words.
      requireHostHeader: false,
    },
    take,
  );
  // What a client expects beyond 100-continue may be ignored (RFC 9110, 10.1.1).
  server.on('checkExpectation', take);
  server.maxConnections = maxConnections;
  server.setTimeout(idleTimeoutMs);
  server.on('connection', (socket: Socket) => {
    load.connections += 1;
    socket.once('close', () => (load.connections -= 1));
  });
  return server;
}

/** Requests that one client may have sent ahead of the answers it has got. */
const MAX_PIPELINED = 16;

/** What is sent down one connection without waiting is all begun at once: one client could take the room of all. */
class Pipelines {
  private readonly owed = new WeakMap<Socket, number>();

  refusalOf({ socket }: IncomingMessage, response: ServerResponse): ProblemError | undefined {
    // The usual client waits for its answer: nothing is counted for it.
    if (answerOwedOn(socket) === response) return undefined;
    const owed = this.owed.get(socket) ?? 0;
    if (owed >= MAX_PIPELINED) return overloaded();
    this.owed.set(socket, owed + 1);
    response.once('finish', () => this.owed.set(socket, (this.owed.get(socket) ?? 1) - 1));
    return undefined;
  }
}

/** The answer that is next on the connection; Node keeps it there and tells it in no other way. */
const answerOwedOn = (socket: Socket): ServerResponse | null | undefined =>
  (socket as { _httpMessage?: ServerResponse | null })._httpMessage;

function refusalOf(request: IncomingMessage, load: Load): ProblemError | undefined {
  if (load.isFull && !OPERATIONS.test(request.url ?? '')) return overloaded();
  if (request.headers.host === undefined && request.httpVersion === '1.1') {
    return new ProblemError('MALFORMED_REQUEST', 'the header Host is missing; send it');
  }
  return undefined;
}

function refuse(request: IncomingMessage, response: ServerResponse, problem: ProblemError): void {
  const { headers } = request;
  const body = problemOf(problem, correlationIdOf({ headers, id: newId() }));
  const after = retryAfter(body.status);
  response
    .writeHead(body.status, {
      'content-type': PROBLEM_JSON,
      ...(after !== undefined && { 'retry-after': after }),
    })
    .end(JSON.stringify(body));
}

const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** What Node has found wrong with a message, before there was a request or in the middle of its body. */
export function answerBrokenMessage(error: NodeJS.ErrnoException, socket: Socket): void {
  if (socket.writable && error.code !== 'ECONNRESET' && !isOfALaterMessage(socket)) {
    const body = problemOf(brokenMessage(error), newId());
    const text = JSON.stringify(body);
    socket.write(
      `HTTP/1.1 ${body.status} ${REASONS[body.status] ?? 'Bad Request'}\r\nconnection: close\r\n` +
        `content-type: ${PROBLEM_JSON}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  }
  socket.destroy(error);
}

/**
 * True while an answer is owed for a request that came whole: written now, ours would be taken for that answer, and a
 * command that is being decided for a refused one.
 */
function isOfALaterMessage(socket: Socket): boolean {
  const owed = answerOwedOn(socket);
  return owed ? owed.headersSent || owed.req.complete : false;
}

const REASONS: Readonly<Record<number, string>> = {
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function brokenMessage({ code = '', message }: NodeJS.ErrnoException): ProblemError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new ProblemError(
      'REQUEST_TIMEOUT',
      'the request did not arrive whole in time; send it again, faster',
    );
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new ProblemError(
      'HEADERS_TOO_LARGE',
      `address and headers are too large; send at most ${MAX_HEADER_BYTES} bytes of both together`,
    );
  }
  return new ProblemError(
    'MALFORMED_REQUEST',
    `that is not HTTP/1.1, send a message as RFC 9112 has it: ${message}`,
  );
}

/** Node's own limit. */
const MAX_HEADER_BYTES = 16 * 1024;
