import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, Terminal } from '../support/terminal';

/** `npm run demo` as a newcomer sees it. */

const TEST_MS = 180_000;
const run = join(__dirname, '../../scripts/run.mjs');
/** Settings of another system, which a demo must leave alone. */
const elsewhere = {
  PORT: '1',
  EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false',
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing',
  LOTSTREAM_DATA: '/nowhere',
};

let folder: string;
let demo: Terminal;

function start(...options: string[]): void {
  folder = temporaryFolder('lotstream-demo-test-');
  demo = new Terminal([run, 'demo', ...options], { ...elsewhere, TMPDIR: folder });
}

const left = (): string[] => readdirSync(folder).filter((name) => name.includes('lotstream'));

afterEach(async () => {
  demo.child.kill('SIGKILL');
  await demo.exit;
  rmSync(folder, { recursive: true, force: true });
});

it(
  'tells the whole story in lines that fit, and leaves nothing behind',
  async () => {
    start('--exit');
    expect([await demo.exit, demo.text]).toEqual([
      0,
      expect.stringContaining('21 requests, each answered as told.'),
    ]);
    const lines = demo.text.split('\n');
    expect(lines.filter((line) => line.length > 100 || line.includes('\x1b'))).toEqual([]);
    const statuses = lines.filter((line) => /^ {4}\d{3} /.test(line)).map((line) => line.trim());
    expect(statuses).toEqual([
      ...Array<string>(9).fill('201 Created'),
      '201 Created  Idempotent-Replayed: true',
      '201 Created',
      '409 Conflict',
      ...Array<string>(2).fill('200 OK'),
      '201 Created',
      ...Array<string>(6).fill('200 OK'),
    ]);
    expect(left()).toEqual([]);
  },
  TEST_MS,
);

it(
  'stays up to be tried, until Ctrl-C takes it and its data away',
  async () => {
    start();
    await demo.shows(/the audit log {2}http\S+\n/);
    const ledger = /the ledger +(\S+)/.exec(demo.text)?.[1] ?? '';
    const { items } = (await (await fetch(ledger)).json()) as { items: unknown[] };
    expect(items).toHaveLength(10);
    expect(left()).toHaveLength(1);
    demo.child.kill('SIGINT');
    expect(await demo.exit).toBe(0);
    expect(left()).toEqual([]);
    await expect(fetch(ledger)).rejects.toThrow();
  },
  TEST_MS,
);
