import { weightOf } from './weight';

it.each<[string, unknown, number]>([
  ['a number', 7, 16],
  ['nothing', null, 16],
  ['a text', 'x'.repeat(1_000), 1_016],
  ['a list', ['ab', 1, null], 16 + 34 + 32 + 32],
  ['an object', { text: 'ab', more: { n: 1 } }, 16 + 34 + 16 + 48],
])('%s weighs about what it takes', (_, value, bytes) => {
  expect(weightOf(value)).toBe(bytes);
});

it('grows with the text of a payload, wherever it stands', () => {
  const text = 'x'.repeat(100_000);
  for (const value of [{ a: { b: [text] } }, [text], { text }]) {
    expect(weightOf(value)).toBeGreaterThan(text.length);
    expect(weightOf(value)).toBeLessThan(text.length * 1.01);
  }
});
