import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Figure } from '../../bench/figures';

/** Every figure of the event node is still measured; how large they are says nothing on a machine that runs tests. */

const script = resolve(__dirname, '../../scripts/bench.mjs');
const folder = mkdtempSync(join(tmpdir(), 'bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bench(...args: string[]) {
  return spawnSync(process.execPath, [script, '--only', 'event-node', ...args], {
    encoding: 'utf8',
  });
}

it('measures the node beside its storage engine and beside calls that do nothing', () => {
  const file = join(folder, 'figures.json');
  const { status, stdout, stderr } = bench('--runs', '1', '--seconds', '0.4', '--json', file);
  expect({ status, stderr }).toMatchObject({ status: 0 });

  const figures = JSON.parse(readFileSync(file, 'utf8')) as Figure[];
  const namesOf = (wanted: string): string[] =>
    figures.filter(({ section }) => section === wanted).map(({ name }) => name);
  for (const section of [
    'reading the whole log',
    'a subscription catching up',
    'appends, one after the other',
    'appends, 64 at a time',
    'unary appends, one after the other',
    'unary appends, 64 at a time',
  ]) {
    expect(stdout).toContain(`\n${section}\n`);
    for (const part of ['official client, 10,000', 'storage engine alone', 'empty gRPC call']) {
      expect(namesOf(section)).toContainEqual(expect.stringContaining(part));
    }
    expect(namesOf(section)).toContain('official client on a server that does nothing');
  }
  const rates = figures.filter(({ unit }) => unit.endsWith('/s'));
  expect(rates.filter(({ values }) => !values.every((value) => value > 0))).toEqual([]);
  expect(figures.filter(({ atLeast }) => atLeast !== undefined)).toHaveLength(4);
});

it.each([
  [['--log', folder], '--log needs --events'],
  [['--log', folder, '--events', '10000'], 'There is no event store in'],
  [['--events', '9999'], 'Expected at least 10000'],
  [['--runs', '0'], 'Expected a whole number above 0'],
  [['--seconds', '0'], 'Expected seconds, above 0'],
])('refuses %j', (args, words) => {
  const { status, stderr } = bench(...args);
  expect(status).toBe(1);
  expect(stderr).toContain(words);
});
