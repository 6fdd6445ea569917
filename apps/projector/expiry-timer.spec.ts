import type { Logger } from '../../libs/runtime';
import { endReservations } from './expiry-timer';

const failure = { stream: 's', code: 'STORE_UNAVAILABLE', detail: 'it is away' };

/** Looks that go as told, one after the other; after the last the timer is stopped. */
async function run(...looks: readonly (number | 'away' | 'failing')[]) {
  const stopping = new AbortController();
  const warned: string[] = [];
  const logger = { warn: (_: object, text: string) => warned.push(text) } as unknown as Logger;
  const ended: number[] = [];
  let n = 0;
  const look = () => {
    const now = looks[n++]!;
    if (n === looks.length) stopping.abort();
    if (now === 'away') return Promise.reject(new Error('PostgreSQL is away'));
    return Promise.resolve(
      now === 'failing' ? { ended: 0, failures: [failure] } : { ended: now, failures: [] },
    );
  };
  const onEnded = (streams: number): void => void ended.push(streams);
  const options = { logger, onEnded, signal: stopping.signal, everyMs: 1 };
  await endReservations({ look }, options);
  return { looked: n, ended, warned };
}

it('looks again and again, and tells how many streams it has told', async () => {
  expect(await run(0, 2, 0, 3)).toEqual({ looked: 4, ended: [2, 3], warned: [] });
});

it.each(['away', 'failing'] as const)(
  'goes on when a look is %s, and says so once until it is over',
  async (trouble) => {
    const { looked, ended, warned } = await run(1, trouble, trouble, trouble, 1, trouble, 1);
    expect([looked, ended]).toEqual([7, [1, 1, 1]]);
    expect(warned).toHaveLength(2);
  },
);

it('does not look when it is stopped before it begins', async () => {
  const look = jest.fn();
  const logger = {} as Logger;
  await endReservations({ look }, { logger, onEnded: jest.fn(), signal: AbortSignal.abort() });
  expect(look).not.toHaveBeenCalled();
});
