import { spawn, type ChildProcess } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { plantingOf } from '../../defects/defect';
import { DEFECTS, SAMPLE } from '../../defects/list';
import type { Finding } from '../../defects/findings';
import { rotOf } from '../../support/planting';
import { newFolder } from './support';

const ROOT = resolve(__dirname, '../../..');
/** A fraction of it on an idle machine with two cores. */
const LIMIT_MS = 900_000;

let findings: readonly Finding[] = [];
let output = '';
let child: ChildProcess | undefined;

// In one process of its own, two side by side: see test/defects.
beforeAll(async () => {
  const folder = await newFolder();
  const report = join(folder, 'report.json');
  const run = spawn(
    process.execPath,
    [join(ROOT, 'scripts/defects.mjs'), '--sample', '--report', report],
    { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child = run;
  for (const stream of [run.stdout, run.stderr]) {
    stream.on('data', (text: Buffer) => (output += text.toString()));
  }
  await new Promise((done) => run.once('close', done));
  const text = await readFile(report, 'utf8').catch(() => {
    throw new Error(`npm run defects left no report: ${output}`);
  });
  findings = JSON.parse(text) as Finding[];
  await rm(folder, { recursive: true, force: true });
}, LIMIT_MS);
// Only one that is still running, after the limit, is there to be ended.
afterAll(() => void child?.kill());

const found = (name: string): Finding | undefined =>
  findings.find((finding) => finding.name === name);

test('given the node as it is, when the checks of the defects are run, then they pass', () => {
  const failing = findings.filter(({ outcome }) => outcome === 'BROKEN');
  expect(failing).toEqual([]);
  expect(findings.filter(({ outcome }) => outcome === 'passed').length).toBeGreaterThan(30);
});

test('given the list of defects, when they are told apart by name, then none is twice in it', () => {
  const names = DEFECTS.map(({ name }) => name);
  expect(names).toEqual([...new Set(names)]);
});

test('given the list of defects, when each is looked for in the node of today, then it has a place there', () => {
  const rotten = DEFECTS.map((defect) => rotOf(ROOT, plantingOf(defect)));
  expect(rotten.filter((why) => why !== undefined)).toEqual([]);
});

test.each(SAMPLE.map(({ name, harm }) => [name, harm]))(
  'given a node that errs: %s, when its check is run, then it is caught (%s)',
  (name) => expect(found(name)).toMatchObject({ outcome: 'caught' }),
);
