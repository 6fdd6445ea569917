import { type Report, fuzz } from '../fuzz/run';
import { INSPECTABLE, type LiveMemory } from '../fuzz/live-memory';
import { createWorld } from '../fuzz/world';
import { System } from '../support/system';

const REQUESTS = 20_000;
const SEED = 9;
/** Under 20 s on two cores of its own. */
const LIMIT_MS = 600_000;
const MEGABYTE = 1024 * 1024;

/** `npm run fuzz -- --requests N --seed S` sends others. */
describe(`given the product and ${REQUESTS} requests of seed ${SEED} made from its own document, when they are sent`, () => {
  let system: System;
  let report: Report;

  beforeAll(async () => {
    system = await System.start(undefined, INSPECTABLE);
    await createWorld(system.url);
    report = await fuzz(system, { seed: SEED, requests: REQUESTS });
  }, LIMIT_MS);
  afterAll(() => system.stop());

  it('then each is answered as documented, no refusal has left an event, and each effect has', () => {
    expect(report.failures).toEqual([]);
  });

  it('then enough of them were accepted, and enough refused, to tell', () => {
    const { 201: created = 0, 400: invalid = 0, 409: conflicting = 0 } = report.byStatus;
    expect(created).toBeGreaterThan(REQUESTS / 80);
    expect(invalid).toBeGreaterThan(REQUESTS / 10);
    expect(conflicting).toBeGreaterThan(REQUESTS / 100);
  });

  it('then none has waited long, and the api has not grown', () => {
    expect(report.p99Ms).toBeLessThan(2_000);
    const [before, after] = report.memory as [LiveMemory, LiveMemory];
    expect(after.heap - before.heap).toBeLessThan(25 * MEGABYTE);
    expect(after.resident - before.resident).toBeLessThan(50 * MEGABYTE);
  });

  it('then the api has logged no failure of its own', () => {
    expect(system.logOf('api')).not.toMatch(/"level":(?:50|60)/);
  });
});
