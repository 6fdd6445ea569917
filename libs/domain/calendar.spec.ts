import { dayAfter, dayBefore } from './calendar';

test.each([
  ['2026-03-01', '2026-02-28'],
  ['2028-03-01', '2028-02-29'],
  ['2100-03-01', '2100-02-28'],
  ['2026-01-01', '2025-12-31'],
  ['2026-03-30', '2026-03-29'],
  ['1900-01-01', '1899-12-31'],
  ['0100-01-01', '0099-12-31'],
])('the day before %s is %s', (date, before) => {
  expect(dayBefore(date)).toBe(before);
  expect(dayAfter(before)).toBe(date);
});
