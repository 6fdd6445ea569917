import { resolve } from 'node:path';
import { ConfigError, readConfig } from './config';

it('has a working default for every key', () => {
  expect(readConfig({})).toMatchObject({
    port: 3000,
    host: '127.0.0.1',
    httpMaxConnections: 4_096,
    httpMaxInFlight: 1_024,
    httpRequestTimeoutMs: 30_000,
    dataFolder: resolve('data'),
    eventstoreUrl: undefined,
    databaseUrl: undefined,
    projectorPort: 0,
    tenant: 'default',
    backdatingDays: undefined,
    backdatingDaysByRole: undefined,
    hostileSeed: undefined,
    logLevel: 'info',
  });
});

it('takes an empty text for a key that is not set', () => {
  expect(readConfig({ PORT: '', HOST: '', EVENTSTORE_URL: '', LOTSTREAM_TENANT: '' })).toEqual(
    readConfig({}),
  );
});

it.each([
  ['PORT', 'abc'],
  ['PORT', '3000.5'],
  ['PORT', '-1'],
  ['PORT', '70000'],
  ['HTTP_MAX_CONNECTIONS', '0'],
  ['HTTP_MAX_IN_FLIGHT', '1'],
  ['HTTP_MAX_IN_FLIGHT', 'many'],
  ['HTTP_REQUEST_TIMEOUT_MS', '99'],
  ['PROJECTOR_PORT', 'none'],
  ['EVENTSTORE_URL', 'http://localhost:2113'],
  ['DATABASE_URL', 'mysql://localhost'],
  ['LOTSTREAM_TENANT', 'a b'],
  ['LOTSTREAM_TENANT', 'x'.repeat(33)],
  ['BACKDATING_DAYS', '0'],
  ['BACKDATING_DAYS', '2.5'],
  ['BACKDATING_DAYS', '40000'],
  ['BACKDATING_DAYS', 'month'],
  ['BACKDATING_DAYS_BY_ROLE', 'MANAGER'],
  ['BACKDATING_DAYS_BY_ROLE', 'MANAGER=0'],
  ['BACKDATING_DAYS_BY_ROLE', 'OWNER=90'],
  ['BACKDATING_DAYS_BY_ROLE', 'MANAGER=90;ADMIN=9'],
  ['LOTSTREAM_HOSTILE', 'yes'],
  ['LOTSTREAM_HOSTILE', '-1'],
  ['LOG_LEVEL', 'loud'],
])('refuses %s=%s in one sentence that names the key', (key, value) => {
  const refused = (): unknown => readConfig({ [key]: value });
  expect(refused).toThrow(ConfigError);
  expect(refused).toThrow(new RegExp(`^${key} [^;]*$`));
});

it('names every key that is wrong', () => {
  expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT.*; LOG_LEVEL/);
});
