import { BackOff } from './back-off';

jest.mock('node:timers/promises', () => ({ setTimeout: jest.fn(() => Promise.resolve()) }));
const { setTimeout: wait } = jest.requireMock<{ setTimeout: jest.Mock }>('node:timers/promises');

async function pausesOf(backOff: BackOff, count: number): Promise<number[]> {
  wait.mockClear();
  for (let n = 0; n < count; n += 1) await backOff.pause();
  return wait.mock.calls.map(([ms]) => ms as number);
}

beforeEach(() => jest.spyOn(Math, 'random').mockReturnValue(0.5));
afterEach(() => jest.restoreAllMocks());

describe('pauses between tries', () => {
  it('double up to the longest', async () => {
    expect(await pausesOf(new BackOff(50, 300), 5)).toEqual([50, 100, 200, 300, 300]);
  });

  it('are short again after a try that went well', async () => {
    const backOff = new BackOff(50, 300);
    await pausesOf(backOff, 3);
    backOff.reset();
    expect(await pausesOf(backOff, 2)).toEqual([50, 100]);
  });

  it.each([
    [0, 50],
    [0.999, 150],
  ])('are spread from half to one and a half times (%s)', async (random, about) => {
    jest.spyOn(Math, 'random').mockReturnValue(random);
    const [pause] = await pausesOf(new BackOff(100, 100), 1);
    expect(Math.round(pause!)).toBe(about);
  });

  it('cut short by the signal are no error', async () => {
    wait.mockRejectedValueOnce(new Error('aborted'));
    await expect(new BackOff(50, 300).pause()).resolves.toBeUndefined();
  });
});
