import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemOf, ProblemError, problems, retryAfter } from './errors';

const documented = readFileSync(join(__dirname, '../../../docs/errors.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const match = /^\| `([A-Z_]+)` +\| (\d+) +\| (\S.*\S) +\|$/.exec(line);
    return match ? [{ code: match[1], status: Number(match[2]), advice: match[3] }] : [];
  });

describe('the codes of problems', () => {
  it('are documented one by one, with their status, in the order of the file', () => {
    const listed = Object.entries(problems).map(([code, [status]]) => ({ code, status }));
    expect(documented.map(({ code, status }) => ({ code, status }))).toEqual(listed);
  });

  it('make a problem as RFC 9457 has it', () => {
    const error = new ProblemError('LOT_NOT_FOUND', 'look at the list', [
      { field: 'lotCode', message: 'is not there' },
    ]);
    expect(problemOf(error, 'c-1')).toEqual({
      type: 'urn:lotstream:problem:lot-not-found',
      title: 'There is no such lot',
      status: 404,
      code: 'LOT_NOT_FOUND',
      detail: 'look at the list',
      instance: 'c-1',
      errors: [{ field: 'lotCode', message: 'is not there' }],
    });
    expect(problemOf(new ProblemError('LOT_NOT_FOUND', 'x'), 'c')).not.toHaveProperty('errors');
  });

  it.each([
    [503, '1'],
    [504, '1'],
    [500, undefined],
    [409, undefined],
  ])('of status %i ask for a retry: %s', (status, after) => {
    expect(retryAfter(status)).toBe(after);
  });
});
