import {
  definitions,
  fileOf,
  goldenHistories,
  packedAfter,
  readGoldenStates,
} from '../../test/support/golden-states';

/**
 * Snapshots are used by every code that gives a state the same version, so the version must say what a history folds to. The
 * files hold histories and what each version made of them; they are written once and never edited.
 */
describe.each(definitions)('the state of $category', (definition) => {
  const golden = readGoldenStates(definition);

  it('has a file of its version', () => {
    expect({ file: fileOf(definition), isThere: golden !== undefined }).toEqual({
      file: fileOf(definition),
      isThere: true,
    });
  });

  it('has another version for every catalogue of events', () => {
    const types = Object.keys(definition.events).sort();
    const remedy = 'raise form.version and run `npm run golden`';
    expect({ types, remedy }).toEqual({ types: golden?.types, remedy });
  });

  it('folds and packs every history to what its version did before, or raises form.version', () => {
    for (const { events, packed } of golden?.histories ?? []) {
      expect(packedAfter(definition, events)).toEqual(packed);
    }
  });

  it('goes on from what was packed as if it had not been', () => {
    const { form, evolve } = definition;
    for (const { events, packed } of golden?.histories ?? []) {
      const middle = Math.floor(events.length / 2);
      const half = form.unpack(packedAfter(definition, events.slice(0, middle)));
      const state = events.slice(middle).reduce((s, event) => evolve(s, event, event), half);
      expect(JSON.parse(JSON.stringify(form.pack(state)))).toEqual(packed);
    }
  });

  it('is shown by histories that are worth it', () => {
    const lengths = (golden?.histories ?? []).map(({ events }) => events.length);
    expect(lengths.length).toBeGreaterThan(5);
    const seen = (golden?.histories ?? []).flatMap(({ events }) => events.map(({ type }) => type));
    expect(new Set(seen).size).toBeGreaterThan(1);
  });

  it('is shown by new histories with every type of event, one of which is its last', () => {
    const told = goldenHistories(definition).map(({ events }) => events.map(({ type }) => type));
    const types = Object.keys(definition.events);
    expect(new Set(told.flat())).toEqual(new Set(types));
    const last = told.map((each) => each.at(-1));
    expect(new Set(last).size).toBeGreaterThan(types.length / 2);
  });
});
