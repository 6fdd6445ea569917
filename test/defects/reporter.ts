import type { Test, TestResult } from '@jest/test-result';
import type { Reporter } from '@jest/reporters';
import type { Selection } from './environment';
import { findingsOf, type Finding } from './findings';

/** All that has been found in this process: jest makes the reporter itself and hands nothing of it back. */
export const found: Finding[] = [];

export function tell(finding: Finding): void {
  found.push(finding);
  const { name, outcome, why, ms } = finding;
  // Checks without a defect are only worth a line when they do not pass.
  if (outcome === 'passed') return;
  const seconds = (ms / 1000).toFixed(1).padStart(5);
  console.log(`${outcome.padEnd(8)} ${seconds} s  ${name}${why ? `\n  ${why}` : ''}`);
}

/** Prints a line for each defect as soon as its check has been run. */
export default class FindingsReporter implements Pick<Reporter, 'onTestResult'> {
  onTestResult(test: Test, result: TestResult): void {
    const selection = test.context.config.testEnvironmentOptions as unknown as Selection;
    findingsOf(selection, result).forEach(tell);
  }

  getLastError(): undefined {
    return undefined;
  }
}
