import { once } from 'node:events';
import { streamOf } from './streaming';

const LIMITS = { stallMs: 60_000, totalMs: 60_000 };
const writer = {
  head: 'n\n',
  textOf: (rows: readonly object[]) => rows.map((row) => `${(row as { n: number }).n}\n`).join(''),
};

/** Batches of one row, and what became of whoever gives them. */
class Source {
  asked = 0;
  isClosed = false;

  async *batches(
    count: number,
    failure?: Error,
  ): AsyncGenerator<readonly object[], void, undefined> {
    try {
      for (let n = 0; n < count; n += 1) {
        this.asked += 1;
        await Promise.resolve();
        yield [{ n }];
      }
      if (failure) throw failure;
    } finally {
      this.isClosed = true;
    }
  }
}

async function opened(source: Source, count: number, limits = LIMITS, failure?: Error, wide = '') {
  const batches = source.batches(count, failure);
  const wideWriter = { ...writer, textOf: (rows: readonly object[]) => writer.textOf(rows) + wide };
  return streamOf(batches, await batches.next(), wideWriter, limits);
}

async function textIn(stream: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

describe('a list as a stream', () => {
  it.each([
    [0, 'n\n'],
    [1, 'n\n0\n'],
    [3, 'n\n0\n1\n2\n'],
  ])('of %i batches', async (count, text) => {
    const source = new Source();
    expect(await textIn(await opened(source, count))).toBe(text);
    expect(source.isClosed).toBe(true);
  });

  it('asks for no more than its reader takes', async () => {
    const source = new Source();
    const stream = await opened(source, 1_000, LIMITS, undefined, 'x'.repeat(16_000));
    stream.once('readable', () => undefined);
    await once(stream, 'readable');
    await new Promise(setImmediate);
    expect(source.asked).toBeLessThan(10);
    stream.destroy();
    await once(stream, 'close');
  });

  it('ends with the error of its source, never short', async () => {
    const source = new Source();
    const stream = await opened(source, 2, LIMITS, new Error('the database went away'));
    await expect(textIn(stream)).rejects.toThrow('the database went away');
    expect(source.isClosed).toBe(true);
  });

  it('closes its source when the reader goes away, begun or not', async () => {
    for (const isBegun of [false, true]) {
      const source = new Source();
      const stream = await opened(source, 1_000);
      if (isBegun) await once(stream, 'readable');
      stream.destroy();
      await once(stream, 'close');
      await new Promise(setImmediate);
      expect(source.isClosed).toBe(true);
    }
  });

  it.each<[string, object, RegExp]>([
    ['a reader that takes nothing', { stallMs: 5 }, /the reader took nothing for 5 ms/],
    ['one that takes too long', { totalMs: 5 }, /the list went on for 5 ms/],
  ])('cuts off %s', async (_, limits, message) => {
    const source = new Source();
    const all = { ...LIMITS, ...limits };
    const stream = await opened(source, 1_000, all, undefined, 'x'.repeat(100_000));
    stream.on('readable', () => undefined);
    const [error] = (await once(stream, 'error')) as [Error];
    expect(error.message).toMatch(message);
    await new Promise(setImmediate);
    expect(source.isClosed).toBe(true);
  });
});
