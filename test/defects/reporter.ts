import type { Test, TestResult } from '@jest/test-result';
import type { Reporter } from '@jest/reporters';
import type { Selection } from './environment';
import { findingsOf, type Finding } from './findings';

export const lineOf = ({ name, outcome, why, ms }: Finding): string =>
  `${outcome.padEnd(8)} ${(ms / 1000).toFixed(1).padStart(5)} s  ${name}${why ? `\n  ${why}` : ''}`;

/** Prints a line for each defect when its check has been run; for checks without one, only those that do not pass. */
export default class FindingsReporter implements Pick<Reporter, 'onTestResult'> {
  onTestResult(test: Test, result: TestResult): void {
    const selection = test.context.config.testEnvironmentOptions as unknown as Selection;
    for (const finding of findingsOf(selection, result)) {
      if (finding.outcome !== 'passed') console.log(lineOf(finding));
    }
  }

  getLastError(): undefined {
    return undefined;
  }
}
