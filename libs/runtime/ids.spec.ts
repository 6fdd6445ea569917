import { newId, sha256, uuidV5 } from './ids';

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

it('hashes texts as SHA-256 does', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
