export { PostgresProblem } from './problem';
export { postgresUrl, startPostgres, type Postgres, type PostgresOptions } from './start';
export { makeFolder as makeDataFolder } from './user';
