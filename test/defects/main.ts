import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isGood, type Finding } from './findings';
import { DEFECTS, SAMPLE } from './list';
import { findSurvivors } from './run';

const ROOT = join(__dirname, '../../..');

/**
 * `npm run defects [-- --sample] [WORDS]`: all defects, or a third of them, or those with all words in their name, file or
 * spec. Exits with 1 unless all are caught.
 */
async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { report: { type: 'string' }, sample: { type: 'boolean' } },
    allowPositionals: true,
  });
  const chosen = (values.sample ? SAMPLE : DEFECTS).filter(({ name, file, caughtBy }) =>
    positionals.every((word) => `${name} ${file} ${caughtBy.spec}`.includes(word)),
  );
  if (chosen.length === 0)
    throw new Error(`No defect has '${positionals.join(' ')}' in its name, file or spec.`);
  const started = Date.now();
  const findings = await findSurvivors(ROOT, chosen);
  if (values.report) writeFileSync(values.report, JSON.stringify(findings));
  const count = (outcome: Finding['outcome']): number =>
    findings.filter((finding) => finding.outcome === outcome).length;
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(
    `${chosen.length} defects: ${count('caught')} caught, ${count('SURVIVED')} survived, ` +
      `${count('BROKEN')} broken; ${count('passed')} checks pass without a defect; ${seconds} s`,
  );
  process.exitCode = findings.every(isGood) ? 0 : 1;
}

void main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
