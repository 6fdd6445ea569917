import { resolve } from 'node:path';
import type { TestResult } from '@jest/test-result';
import { HANGS, plantingOf, type Defect } from '../../defects/defect';
import { rotOf } from '../../support/planting';
import { findingsOf } from '../../defects/findings';

// A run over the defects is only worth something if it tells when one is not caught.
const ROOT = resolve(__dirname, '../../..');
const TEST = 'given a node, when it is asked, then it answers';
const defect: Defect = {
  name: 'the node errs',
  harm: 'it is wrong',
  file: 'log/wire.ts',
  find: 'export function readSpan',
  replace: 'function readSpan',
  caughtBy: { spec: 'x.spec.ts', test: TEST },
};

const resultOf = (status: string, failureMessages: readonly string[] = []): TestResult =>
  ({
    perfStats: { start: 1, end: 3 },
    testFilePath: 'x.spec.ts',
    testResults: [{ fullName: TEST, status, failureMessages }],
  }) as unknown as TestResult;

const judged = (result: TestResult, planted?: Defect) =>
  findingsOf({ tests: [TEST], timeoutMs: 1, ...(planted && { defect: planted }) }, result)[0];

const ASSERTION = 'Error: \u001b[2mexpect(\u001b[22mreceived).toBe(2)';
const hanging = { ...defect, caughtBy: { ...defect.caughtBy, failure: HANGS } };

describe('given the run of a check, when it is judged', () => {
  test.each([
    ['fails by an expectation', resultOf('failed', [ASSERTION.replace('\u001b[22m', '')]), defect],
    ['waits in vain, as it should', resultOf('failed', ['Exceeded timeout of 3000 ms']), hanging],
  ])('with a defect and %s, then the defect is caught', (_how, result, planted) => {
    expect(judged(result, planted)).toEqual({ name: defect.name, outcome: 'caught', ms: 2 });
  });

  test.each([
    ['passes', resultOf('passed'), defect, 'SURVIVED'],
    ['is skipped', resultOf('pending'), defect, 'SURVIVED'],
    ['fails for another reason', resultOf('failed', ['Error: 14 UNAVAILABLE']), defect, 'SURVIVED'],
    ['waits in vain', resultOf('failed', ['Exceeded timeout of 3000 ms']), defect, 'SURVIVED'],
    ['fails instead of waiting', resultOf('failed', [ASSERTION]), hanging, 'SURVIVED'],
    ['is not there', { ...resultOf('passed'), testResults: [] }, defect, 'BROKEN'],
    [
      'cannot be run',
      { ...resultOf('failed'), testExecError: { message: 'SyntaxError' } } as TestResult,
      defect,
      'BROKEN',
    ],
  ])('with a defect and %s, then that is told', (_how, result, planted, outcome) => {
    expect(judged(result, planted)).toMatchObject({ name: defect.name, outcome });
  });

  test.each([
    ['passes', resultOf('passed'), 'passed'],
    ['fails', resultOf('failed', [ASSERTION]), 'BROKEN'],
    ['is skipped', resultOf('pending'), 'BROKEN'],
  ])('without a defect and %s, then that is told', (_how, result, outcome) => {
    expect(judged(result)).toMatchObject({ name: TEST, outcome });
  });
});

describe('given a defect, when its text is looked for', () => {
  test('and is there once, then it can be planted', () => {
    expect(rotOf(ROOT, plantingOf(defect))).toBeUndefined();
  });

  test.each([
    ['is gone', { ...defect, find: 'no such text' }, '0 times'],
    ['is there more than once', { ...defect, find: 'cursor' }, 'times, not once'],
    ['would stay as it is', { ...defect, replace: defect.find }, 'the same text'],
  ])('and %s, then that is told', (_how, rotten, text) => {
    expect(rotOf(ROOT, plantingOf(rotten))).toContain(text);
  });
});
