import type { AssertionResult, TestResult } from '@jest/test-result';
import type { Selection } from './environment';

/** What one run of a check has shown. */
export interface Finding {
  /** Of the defect, or of the check when there is none. */
  readonly name: string;
  readonly outcome: 'caught' | 'passed' | 'SURVIVED' | 'BROKEN';
  readonly why?: string;
  readonly ms: number;
}

export const isGood = ({ outcome }: Finding): boolean =>
  outcome === 'caught' || outcome === 'passed';

/** Judges the run of a test file: with a defect its check must fail, without one all its checks must pass. */
export function findingsOf(selection: Selection, result: TestResult): readonly Finding[] {
  const { defect, tests } = selection;
  const { start, end } = result.perfStats;
  const ms = end - start;
  if (defect) {
    const why = whyNotCaught(result, tests[0]!, defect.caughtBy.failure);
    return [finding(defect.name, why, 'caught', 'SURVIVED', ms)];
  }
  return tests.map((test) => finding(test, whyNotPassed(result, test), 'passed', 'BROKEN', ms));
}

function finding(
  name: string,
  why: string | undefined,
  good: Finding['outcome'],
  bad: Finding['outcome'],
  ms: number,
): Finding {
  return why === undefined ? { name, outcome: good, ms } : { name, outcome: bad, why, ms };
}

function whyNotCaught(result: TestResult, test: string, failure = 'expect('): string | undefined {
  const run = testNamed(result, test);
  if (typeof run === 'string') return run;
  if (run.status !== 'failed') return `the check ${run.status}`;
  const messages = run.failureMessages.map(plain);
  if (messages.some((message) => message.includes(failure))) return undefined;
  return `the check failed, but not with '${failure}': ${beginningOf(messages[0])}`;
}

function whyNotPassed(result: TestResult, test: string): string | undefined {
  const run = testNamed(result, test);
  if (typeof run === 'string') return run;
  if (run.status === 'passed') return undefined;
  return `${run.status}, though there is no defect: ${beginningOf(run.failureMessages.map(plain)[0])}`;
}

/** The run of a test, or why there is none. */
function testNamed(result: TestResult, test: string): AssertionResult | string {
  const { testExecError, testResults, testFilePath } = result;
  if (testExecError) return `the file could not be run: ${beginningOf(testExecError.message)}`;
  return (
    testResults.find(({ fullName }) => fullName === test) ??
    `${testFilePath} has no test '${test}': bring the defect's check up to date`
  );
}

const beginningOf = (text = ''): string => text.trim().slice(0, 300);

/** Without the colours, which depend on the terminal. */
// eslint-disable-next-line no-control-regex
const plain = (text: string): string => text.replaceAll(/\u001b\[\d+m/g, '');
