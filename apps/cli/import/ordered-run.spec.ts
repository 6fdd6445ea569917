import fc from 'fast-check';
import { OldestFirst } from './oldest-first';
import { runOrdered, type Piece } from './ordered-run';

interface Numbered extends Piece {
  readonly n: number;
}

/** Pieces by the names of their streams; `-` belongs to none. */
const piecesOf = (streams: readonly string[]): Numbered[] =>
  streams.map((stream, n) => ({ n, stream: stream === '-' ? undefined : stream }));

// eslint-disable-next-line @typescript-eslint/require-await
async function* inBatches(pieces: readonly Numbered[], size: number): AsyncGenerator<Numbered[]> {
  for (let at = 0; at < pieces.length; at += size) yield pieces.slice(at, at + size);
}

/** A server whose answers come when the test lets them. */
class Answers {
  readonly sent: number[] = [];
  readonly open = new Map<
    number,
    { resolve: (n: number) => void; reject: (error: Error) => void }
  >();

  /** The pieces of one send by their first. */
  readonly groups: number[][] = [];

  readonly send = async (pieces: readonly Numbered[]): Promise<readonly number[]> => {
    const group = pieces.map(({ n }) => n);
    this.sent.push(...group);
    this.groups.push(group);
    return Promise.all(
      group.map(
        (n) => new Promise<number>((resolve, reject) => this.open.set(n, { resolve, reject })),
      ),
    );
  };

  answer(n: number): Promise<void> {
    this.open.get(n)?.resolve(n);
    this.open.delete(n);
    return settle();
  }

  fail(n: number): Promise<void> {
    this.open.get(n)?.reject(new Error(`no answer for ${n}`));
    this.open.delete(n);
    return settle();
  }
}

/** Until everything that can go on without an answer has gone on. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

function start(
  streams: readonly string[],
  concurrency: number,
  window = 1_000,
  signal?: AbortSignal,
  together = 1,
) {
  const answers = new Answers();
  const settled: number[] = [];
  const ended = runOrdered(inBatches(piecesOf(streams), 3), {
    send: answers.send,
    settled: ({ n }, verdict) => {
      expect(verdict).toBe(n);
      settled.push(n);
    },
    concurrency,
    together,
    window,
    ...(signal && { signal }),
  });
  const outcome = ended.then(
    () => 'done',
    (error: Error) => error.message,
  );
  return { answers, settled, outcome };
}

describe('an ordered run', () => {
  it('sends the next of a stream only when the one before is answered', async () => {
    const { answers, settled, outcome } = start(['a', 'a', 'b', 'a'], 8);
    await settle();
    expect(answers.sent).toEqual([0, 2]);
    await answers.answer(0);
    expect(answers.sent).toEqual([0, 2, 1]);
    await answers.answer(1);
    await answers.answer(2);
    await answers.answer(3);
    expect(await outcome).toBe('done');
    expect(settled).toEqual([0, 1, 2, 3]);
  });

  it('sends different streams side by side, as many as it may', async () => {
    const { answers } = start(['a', 'b', 'c', 'd'], 3);
    await settle();
    expect(answers.sent).toEqual([0, 1, 2]);
    await answers.answer(1);
    expect(answers.sent).toEqual([0, 1, 2, 3]);
  });

  it('prefers the stream whose next piece is the oldest', async () => {
    const { answers } = start(['a', 'a', 'b', 'c', 'a', 'd'], 2);
    await settle();
    expect(answers.sent).toEqual([0, 2]);
    await answers.answer(0);
    expect(answers.sent).toEqual([0, 2, 1]);
    await answers.answer(1);
    expect(answers.sent).toEqual([0, 2, 1, 3]);
    await answers.answer(2);
    expect(answers.sent).toEqual([0, 2, 1, 3, 4]);
  });

  it('sends what may go together at once, the oldest stream first, with as many of its pieces as there is room for', async () => {
    const { answers, settled, outcome } = start(
      ['a', 'b', 'a', 'c', 'a', 'b', 'a', 'c'],
      6,
      1_000,
      undefined,
      3,
    );
    await settle();
    // The first three pieces are all that is read by then.
    expect(answers.groups).toEqual([[0, 2, 1], [3]]);
    for (const n of [0, 2]) await answers.answer(n);
    expect(answers.groups).toHaveLength(2);
    await answers.answer(1);
    expect(answers.groups).toEqual([[0, 2, 1], [3], [4, 6, 5]]);
    for (const n of [3, 4, 5, 6]) await answers.answer(n);
    await answers.answer(7);
    expect(await outcome).toBe('done');
    expect(settled).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('tells verdicts in the order of the source', async () => {
    const { answers, settled } = start(['a', 'b', 'c'], 3);
    await settle();
    await answers.answer(2);
    await answers.answer(1);
    expect(settled).toEqual([]);
    await answers.answer(0);
    expect(settled).toEqual([0, 1, 2]);
  });

  it('reads no further ahead than its window', async () => {
    const { answers, outcome } = start(['a', 'b', 'c', 'd', 'e', 'f'], 100, 4);
    await settle();
    expect(answers.sent).toEqual([0, 1, 2, 3]);
    await answers.answer(3);
    expect(answers.sent).toHaveLength(4);
    await answers.answer(0);
    expect(answers.sent).toEqual([0, 1, 2, 3, 4]);
    for (const n of [1, 2, 4, 5]) await answers.answer(n);
    expect(await outcome).toBe('done');
  });

  it('ends at the first failure, and tells what was answered all the same', async () => {
    const { answers, settled, outcome } = start(['a', 'b', 'c', 'a', 'd'], 3);
    await settle();
    await answers.fail(0);
    expect(answers.sent).toEqual([0, 1, 2]);
    await answers.answer(2);
    await answers.answer(1);
    expect(await outcome).toBe('no answer for 0');
    expect(settled).toEqual([1, 2]);
  });

  it('ends when it is told to, and waits for what is under way', async () => {
    const stop = new AbortController();
    const { answers, settled, outcome } = start(['a', 'b', 'a', 'b'], 2, 3, stop.signal);
    await settle();
    stop.abort();
    await answers.answer(0);
    await answers.answer(1);
    expect(await outcome).toBe('done');
    expect([answers.sent, settled]).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  it('passes on what is wrong with the source', async () => {
    // eslint-disable-next-line @typescript-eslint/require-await
    async function* broken(): AsyncGenerator<Numbered[]> {
      yield piecesOf(['a']);
      throw new Error('the disk is gone');
    }
    const settled: number[] = [];
    const run = runOrdered(broken(), {
      send: (pieces) => Promise.resolve(pieces.map(({ n }) => n)),
      settled: ({ n }) => void settled.push(n),
      concurrency: 1,
      together: 1,
      window: 10,
    });
    await expect(run).rejects.toThrow('the disk is gone');
    expect(settled).toEqual([0]);
  });

  it('keeps every promise, whatever the streams and the order of answers', async () => {
    const streams = fc.array(fc.constantFrom('a', 'b', 'c', 'd', '-'), { maxLength: 60 });
    const scenario = fc.tuple(
      streams,
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 8 }),
      fc.infiniteStream(fc.nat()),
    );
    await fc.assert(
      fc.asyncProperty(scenario, async ([names, concurrency, window, together, choices]) => {
        const pieces = piecesOf(names);
        const open = new Map<number, () => void>();
        const told: number[] = [];
        const last = new Map<string, number>();
        const begin = (group: readonly Numbered[]): void => {
          const before = [...open.keys()].map((other) => pieces[other]?.stream);
          for (const { n, stream } of group) {
            expect(n - told.length).toBeLessThan(window);
            if (stream === undefined) continue;
            expect(before).not.toContain(stream);
            expect(last.get(stream) ?? -1).toBeLessThan(n);
            last.set(stream, n);
          }
          expect(group.length).toBeLessThanOrEqual(together);
        };
        const run = runOrdered(inBatches(pieces, 7), {
          send: (group) => {
            begin(group);
            const answers = group.map(
              ({ n }) => new Promise<number>((resolve) => open.set(n, () => resolve(n))),
            );
            expect(open.size).toBeLessThanOrEqual(concurrency);
            return Promise.all(answers);
          },
          settled: ({ n }) => void told.push(n),
          concurrency,
          together,
          window,
        });
        let over = false;
        void run.finally(() => (over = true)).catch(() => undefined);
        while (!over) {
          const waiting = [...open.keys()];
          const chosen = waiting[(choices.next().value as number) % Math.max(1, waiting.length)];
          const answer = chosen === undefined ? undefined : open.get(chosen);
          if (chosen !== undefined) open.delete(chosen);
          answer?.();
          await new Promise((resolve) => setImmediate(resolve));
        }
        await run;
        expect(told).toEqual(pieces.map(({ n }) => n));
      }),
      { numRuns: 200 },
    );
  });
});

describe('oldest first', () => {
  it('gives back what it was given, lowest first', () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), (numbers) => {
        const heap = new OldestFirst<number>();
        for (const n of numbers) heap.push(n, n);
        const out = numbers.map(() => heap.pop());
        expect(out).toEqual([...numbers].sort((a, b) => a - b));
        expect(heap.pop()).toBeUndefined();
      }),
    );
  });
});
