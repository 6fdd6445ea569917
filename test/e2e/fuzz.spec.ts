import { type Report, fuzz } from '../fuzz/run';
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
    // Without a bound V8 collects when it likes, and memory tells nothing; a leak of this load would not fit into it.
    system = await System.start(undefined, { NODE_OPTIONS: '--max-old-space-size=96' });
    await createWorld(system.url);
    const { url, eventstoreUrl } = system;
    const pid = system.pids().api ?? 0;
    report = await fuzz({ url, eventstoreUrl, pid }, { seed: SEED, requests: REQUESTS });
  }, LIMIT_MS);
  afterAll(() => system.stop());

  it('then each is answered as documented, no refusal has left an event, and each effect has', () => {
    expect(report.failures).toEqual([]);
  });

  it('then enough of them were accepted, and enough refused, to tell', () => {
    const { 201: created = 0, 400: invalid = 0, 409: conflicting = 0 } = report.byStatus;
    expect(created).toBeGreaterThan(REQUESTS / 40);
    expect(invalid).toBeGreaterThan(REQUESTS / 10);
    expect(conflicting).toBeGreaterThan(REQUESTS / 100);
  });

  it('then none has waited long, and the api has not grown', () => {
    expect(report.p99Ms).toBeLessThan(2_000);
    const [, warm = 0] = report.memory;
    expect(Math.max(...report.memory) - warm).toBeLessThan(50 * MEGABYTE);
  });

  it('then the api has logged no failure of its own', () => {
    expect(system.logOf('api')).not.toMatch(/"level":(?:50|60)/);
  });
});
