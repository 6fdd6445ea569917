import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { API_DEPS, type ApiDeps } from '../deps';
import { ProblemError } from '../http/errors';
import type { ListWriter } from './list-formats';

/** Each holds one of the ten connections to PostgreSQL, so that most are left to everybody else. */
export const MAX_STREAMS = 4;
const LIMITS: StreamLimits = { stallMs: 30_000, totalMs: 15 * 60_000 };
const BUFFER_BYTES = 64 * 1024;

type Batches = AsyncGenerator<readonly object[], void, undefined>;

export interface StreamLimits {
  /** A reader that takes nothing for so long is cut off. */
  readonly stallMs: number;
  /** The moment that a list shows must not be held for ever: PostgreSQL cannot clean up behind it. */
  readonly totalMs: number;
}

/** Whole lists on their way to clients: how many at once, and how each ends. */
@Injectable()
export class ListStreams implements BeforeApplicationShutdown {
  private readonly streams = new Set<Readable>();
  private taken = 0;

  constructor(@Inject(API_DEPS) private readonly deps: Pick<ApiDeps, 'logger'>) {}

  /** Everything that `rows` gives. What goes wrong before the first batch is thrown; later it cuts the connection. */
  async open(
    request: FastifyRequest,
    rows: () => Batches,
    writer: Pick<ListWriter, 'head' | 'textOf'>,
  ): Promise<Readable> {
    if (this.taken >= MAX_STREAMS) {
      throw new ProblemError(
        'TOO_MANY_STREAMS',
        `${MAX_STREAMS} lists are being streamed; ask again when one has ended, or read JSON page by page`,
      );
    }
    this.taken += 1;
    const batches = followedBy(rows(), () => (this.taken -= 1));
    const stream = streamOf(batches, await batches.next(), writer, LIMITS);
    this.streams.add(stream);
    stream.once('close', () => this.streams.delete(stream));
    stream.once('error', (err) => {
      this.deps.logger.warn({ err, url: request.url }, 'a list was cut off');
      // Without chunks an end looks like the end of the list; a reset never does.
      request.raw.socket.resetAndDestroy();
    });
    return stream;
  }

  beforeApplicationShutdown(): void {
    for (const stream of this.streams) stream.destroy(new Error('the api is stopping'));
  }
}

async function* followedBy(batches: Batches, done: () => void): Batches {
  try {
    yield* batches;
  } finally {
    done();
  }
}

/** The next batch is asked for when the reader has taken the one before. */
export function streamOf(
  batches: Batches,
  first: IteratorResult<readonly object[], void>,
  { head, textOf }: Pick<ListWriter, 'head' | 'textOf'>,
  { stallMs, totalMs }: StreamLimits,
): Readable {
  const endAfter = (ms: number, why: string): NodeJS.Timeout =>
    setTimeout(() => stream.destroy(new Error(`${why} for ${ms} ms`)), ms).unref();
  async function* texts(): AsyncGenerator<string, void, undefined> {
    if (head !== '') yield head;
    for (let next = first; !next.done; next = await batches.next()) {
      const stall = endAfter(stallMs, 'the reader took nothing');
      try {
        yield textOf(next.value);
      } finally {
        clearTimeout(stall);
      }
    }
  }
  const stream = Readable.from(texts(), { objectMode: false, highWaterMark: BUFFER_BYTES });
  const total = endAfter(totalMs, 'the list went on');
  stream.once('close', () => {
    clearTimeout(total);
    // Does nothing where the batches have ended; a failure has been told by the batch that failed.
    batches.return().catch(() => undefined);
  });
  return stream;
}
