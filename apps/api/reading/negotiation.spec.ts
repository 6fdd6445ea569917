import { ProblemError } from '../http/errors';
import { type Format, formatFor, LIST_FORMATS, ONE_FORMAT } from './negotiation';

describe('the format of an answer', () => {
  it.each<[string | undefined, Format]>([
    [undefined, 'json'],
    ['', 'json'],
    ['*/*', 'json'],
    ['text/csv', 'csv'],
    ['Text/CSV; charset=utf-8', 'csv'],
    ['text/csv;header=present;q=0.1', 'csv'],
    ['application/x-ndjson', 'ndjson'],
    ['text/*', 'csv'],
    ['application/*', 'json'],
    ['application/json, text/csv', 'json'],
    ['application/json;q=0.5, text/csv', 'csv'],
    ['application/json;q=0.5, text/csv;q=0.4, application/x-ndjson;Q=0.6', 'ndjson'],
    ['text/csv;q=0.9, */*;q=0.1', 'csv'],
    ['application/json;q=0, */*', 'csv'],
    ['application/json;q=0, text/csv;q=0, */*;q=0.001', 'ndjson'],
    ['application/*;q=0.2, application/x-ndjson, */*;q=0.1', 'ndjson'],
    ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'json'],
    ['rubbish, text/csv', 'csv'],
    ['text/csv;q=2, application/x-ndjson;q=0.1', 'ndjson'],
  ])('of Accept %j is %s', (accept, format) => {
    expect(formatFor(accept, LIST_FORMATS)).toBe(format);
  });

  it.each([
    'image/png',
    'text/html',
    'rubbish',
    ',',
    '*/*;q=0',
    'text/csv;q=0',
    'application/json;q=0, text/*;q=0, application/x-ndjson;q=0.000, */*;q=0',
    'text/csv;q=-1',
    'application/problem+json',
  ])('Accept %j cannot be served', (accept) => {
    expect(() => formatFor(accept, LIST_FORMATS)).toThrow(ProblemError);
  });

  it('one thing is JSON only, and the refusal says so', () => {
    expect(formatFor('application/*', ONE_FORMAT)).toBe('json');
    expect(() => formatFor('text/csv', ONE_FORMAT)).toThrow(
      'NOT_ACCEPTABLE: this address answers with application/json; ask for that',
    );
  });
});
