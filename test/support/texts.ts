import fc from 'fast-check';

/** Whatever Unicode has, halves of pairs apart. */
const character = fc
  .integer({ min: 0, max: 0x10ffff - 0x800 })
  .map((n) => String.fromCodePoint(n < 0xd800 ? n : n + 0x800));

/** As `fc.string({ unit: 'binary' })`, which takes a second to make a table of all characters first. */
export const anyText = (lengths: fc.ArrayConstraints = {}): fc.Arbitrary<string> =>
  fc.oneof(
    { arbitrary: fc.array(character, lengths).map((all) => all.join('')), weight: 4 },
    // Words that hurt elsewhere, such as __proto__, are among these.
    fc.string(lengths),
  );
