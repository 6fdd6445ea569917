const DAY_MS = 86_400_000;

/** The calendar has no summer time: every day of it is as long as any other. */
const daysFrom = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00.000Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** Calendar dates are YYYY-MM-DD of the years 1 to 9999, so comparing the texts compares the days. */
export const dayBefore = (date: string): string => daysFrom(date, -1);
export const dayAfter = (date: string): string => daysFrom(date, 1);
