import { cursorOf, fingerprintOf, keysOf } from './cursor';

const fingerprint = fingerprintOf('items', { q: 'x', sort: 'name' });
const code = (cursor: string, bound = fingerprint): string => {
  try {
    keysOf(bound, cursor);
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
};
const raw = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('a cursor', () => {
  it('gives back the keys it was made of', () => {
    const keys = ['螺丝 "7"', '', '2026-01-01 00:00:00+00'];
    expect(keysOf(fingerprint, cursorOf(fingerprint, keys))).toEqual(keys);
  });

  it.each([
    ['another list', fingerprintOf('lots', { q: 'x', sort: 'name' })],
    ['another filter', fingerprintOf('items', { q: 'y', sort: 'name' })],
    ['another order', fingerprintOf('items', { q: 'x', sort: '-name' })],
  ])('does not fit %s', (_what, other) => {
    expect(code(cursorOf(fingerprint, ['a']), other)).toBe('CURSOR_INVALID');
  });

  it('does not depend on the order of the filters', () => {
    expect(fingerprintOf('items', { sort: 'name', q: 'x', active: undefined })).toBe(fingerprint);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', 'abc'],
    ['no list', raw({ a: 1 })],
    ['no keys', raw([fingerprint])],
    ['keys that are no text', raw([fingerprint, 1])],
    ['a key with NUL', raw([fingerprint, 'a\0'])],
  ])('of %s is refused', (_what, cursor) => {
    expect(code(cursor)).toBe('CURSOR_INVALID');
  });
});
