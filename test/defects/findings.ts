import type { AssertionResult, TestResult } from '@jest/test-result';
import type { Defect } from './defect';
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
  const ms = result.perfStats.end - result.perfStats.start;
  return tests.map((test) => {
    const run = testNamed(result, test);
    const name = defect?.name ?? test;
    if (typeof run === 'string') return { name, outcome: 'BROKEN', why: run, ms };
    return { name, ms, ...(defect ? judgeDefect(run, defect) : judgeCheck(run)) };
  });
}

function judgeDefect(
  { status, failureMessages }: AssertionResult,
  { caughtBy: { failure = 'expect(' } }: Defect,
): Pick<Finding, 'outcome' | 'why'> {
  if (status !== 'failed') return { outcome: 'SURVIVED', why: `the check ${status}` };
  const messages = failureMessages.map(plain);
  if (messages.some((message) => message.includes(failure))) return { outcome: 'caught' };
  const why = `the check failed, but not with '${failure}': ${beginningOf(messages[0])}`;
  return { outcome: 'SURVIVED', why };
}

function judgeCheck({
  status,
  failureMessages,
}: AssertionResult): Pick<Finding, 'outcome' | 'why'> {
  if (status === 'passed') return { outcome: 'passed' };
  const [message] = failureMessages.map(plain);
  return { outcome: 'BROKEN', why: `${status} without a defect: ${beginningOf(message)}` };
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
