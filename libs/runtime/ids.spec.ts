import { newId, newOrderedId, sha256, uuidV5 } from './ids';

const DNS = '6ba7b810-9dad-11d1-80b4-00c04fd430c8';

describe('name-based ids', () => {
  // RFC 9562, appendix A.4, and a name beyond ASCII as Python's uuid.uuid5 gives it.
  it.each([
    ['www.example.com', '2ed6657d-e927-568b-95e1-2665a8aea6a2'],
    ['python.org', '886313e1-3b8a-5372-9b90-0c9aee199e5d'],
    ['米', 'dab31d1e-85e0-5545-9172-55c3ace60b62'],
  ])('%s', (name, id) => {
    expect(uuidV5(DNS, name)).toBe(id);
  });

  it('differ by name and by namespace', () => {
    const ids = [uuidV5(DNS, 'a'), uuidV5(DNS, 'b'), uuidV5(uuidV5(DNS, 'a'), 'a')];
    expect(new Set(ids).size).toBe(3);
  });

  it('a new id is a new one each time', () => {
    expect(newId()).not.toBe(newId());
  });
});

describe('ids in the order of time', () => {
  // The instant of RFC 9562, appendix A.6.
  const AT = 0x017f22e279b0;

  it('are UUIDs of version 7 that begin with the millisecond', () => {
    expect(newOrderedId(AT)).toMatch(/^017f22e2-79b0-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('sort as the milliseconds do, also from one length of their number to the next', () => {
    const ids = [1, 0xfff, 0x1000, AT - 1, AT, AT + 1].map(newOrderedId);
    expect([...ids].sort()).toEqual(ids);
  });

  it('differ within a millisecond', () => {
    const ids = Array.from({ length: 1_000 }, () => newOrderedId(AT));
    expect(new Set(ids).size).toBe(1_000);
  });
});

it('hashes texts as SHA-256 does', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
