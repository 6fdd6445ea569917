import { together } from './together';

/** Questions that are answered by hand, in their order. */
function questions(): {
  readonly ask: () => Promise<string>;
  readonly asked: { answer(text: string): void; fail(error: Error): void }[];
} {
  const asked: { answer(text: string): void; fail(error: Error): void }[] = [];
  const ask = (): Promise<string> =>
    new Promise((answer, fail) => {
      asked.push({ answer, fail });
    });
  return { ask, asked };
}

const settled = (): Promise<void> => new Promise(setImmediate);

describe('asking together', () => {
  it('puts the question once for all who ask before it is put', async () => {
    const { ask, asked } = questions();
    const read = together(ask);
    const answers = Promise.all([read(), read(), read()]);
    await settled();
    expect(asked).toHaveLength(1);
    asked[0]?.answer('first');
    expect(await answers).toEqual(['first', 'first', 'first']);
  });

  it('gives nobody an answer to a question that was put before they asked', async () => {
    const { ask, asked } = questions();
    const read = together(ask);
    const early = read();
    await settled();
    const late = Promise.all([read(), read()]);
    await settled();
    expect(asked).toHaveLength(1);
    asked[0]?.answer('first');
    expect(await early).toBe('first');
    await settled();
    expect(asked).toHaveLength(2);
    asked[1]?.answer('second');
    expect(await late).toEqual(['second', 'second']);
  });

  it('fails for those who asked, and for nobody after them', async () => {
    const { ask, asked } = questions();
    const read = together(ask);
    const failing = read();
    await settled();
    const late = read();
    asked[0]?.fail(new Error('gone'));
    await expect(failing).rejects.toThrow('gone');
    await settled();
    asked[1]?.answer('back');
    expect(await late).toBe('back');
  });

  it('fails where asking itself throws, and can be asked again', async () => {
    let isBroken = true;
    const read = together(() => {
      if (isBroken) throw new Error('not now');
      return Promise.resolve('fine');
    });
    await expect(read()).rejects.toThrow('not now');
    isBroken = false;
    expect(await read()).toBe('fine');
  });
});
