import { Ring } from './ring';

it('pushes out the oldest entry once it is full, and begins anew when it is cleared', () => {
  const ring = new Ring<number>(3);
  const pushed = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => ring.push(from + i));
  expect(pushed(0, 8)).toEqual([undefined, undefined, undefined, 0, 1, 2, 3, 4]);
  ring.clear();
  expect(pushed(0, 5)).toEqual([undefined, undefined, undefined, 0, 1]);
});
