import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Matches,
  Max,
  Min,
  validateSync,
} from 'class-validator';
import { resolve } from 'node:path';
import { ROLES } from './roles';

const DAYS_OF_ROLE = `(?:${ROLES.join('|')})=[1-9]\\d{0,4}`;

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;

/** The environment as one checked object; nobody else reads `process.env`. Every key has a working default. */
export class Config {
  /** Port of the HTTP api; 0 picks a free one. */
  @IsInt({ message: 'PORT must be a whole number, for example 3000' })
  @Min(0, { message: 'PORT must be between 0 and 65535' })
  @Max(65535, { message: 'PORT must be between 0 and 65535' })
  readonly port: number;

  /** Address the api listens on. */
  @IsString()
  readonly host: string;

  /** Sockets that the api keeps open at once; it closes further ones as they come. */
  @IsInt({ message: 'HTTP_MAX_CONNECTIONS must be a whole number, for example 4096' })
  @Min(1, { message: 'HTTP_MAX_CONNECTIONS must be 1 or more' })
  readonly httpMaxConnections: number;

  /** Commands and queries under way at once; further ones are answered OVERLOADED. */
  @IsInt({ message: 'HTTP_MAX_IN_FLIGHT must be a whole number, for example 1024' })
  @Min(2, { message: 'HTTP_MAX_IN_FLIGHT must be 2 or more' })
  readonly httpMaxInFlight: number;

  /** Milliseconds for a whole request to arrive. */
  @IsInt({ message: 'HTTP_REQUEST_TIMEOUT_MS must be a whole number, for example 30000' })
  @Min(100, { message: 'HTTP_REQUEST_TIMEOUT_MS must be 100 or more' })
  readonly httpRequestTimeoutMs: number;

  /** Folder of the embedded parts, absolute. */
  readonly dataFolder: string;

  /** Connection string of an EventStoreDB; absent = the embedded node. */
  @IsOptional()
  @Matches(/^(esdb|kurrentdb)(\+discover)?:\/\/.+/, {
    message: 'EVENTSTORE_URL must look like esdb://host:2113?tls=false',
  })
  readonly eventstoreUrl: string | undefined;

  /** Connection string of a PostgreSQL; absent = the embedded one. */
  @IsOptional()
  @Matches(/^postgres(ql)?:\/\/.+/, {
    message: 'DATABASE_URL must look like postgres://user:password@host:5432/database',
  })
  readonly databaseUrl: string | undefined;

  /** Port of the projector's health and metrics; 0 picks a free one. */
  @IsInt({ message: 'PROJECTOR_PORT must be a whole number' })
  @Min(0, { message: 'PROJECTOR_PORT must be between 0 and 65535' })
  @Max(65535, { message: 'PROJECTOR_PORT must be between 0 and 65535' })
  readonly projectorPort: number;

  /** Part of every stream name; one installation serves one tenant. */
  @Matches(/^[A-Za-z0-9_-]{1,32}$/, {
    message: 'LOTSTREAM_TENANT must be 1 to 32 letters, digits, _ or -',
  })
  readonly tenant: string;

  /** How many days ago the effectiveAt of a command may lie; absent = any number. */
  @IsOptional()
  @IsInt({ message: 'BACKDATING_DAYS must be a whole number, for example 35' })
  @Min(1, { message: 'BACKDATING_DAYS must be between 1 and 36500' })
  @Max(36_500, { message: 'BACKDATING_DAYS must be between 1 and 36500' })
  readonly backdatingDays: number | undefined;

  /** The same for who sends one of these as X-Role, instead of the limit of everybody. */
  @IsOptional()
  @Matches(new RegExp(`^${DAYS_OF_ROLE}(?:,${DAYS_OF_ROLE})*$`), {
    message: 'BACKDATING_DAYS_BY_ROLE must be such as MANAGER=90,ADMIN=3650',
  })
  readonly backdatingDaysByRole: string | undefined;

  /** For tests only: seed of an embedded event node that fails on purpose; absent = an ordinary one. */
  @IsOptional()
  @IsInt({ message: 'LOTSTREAM_HOSTILE must be a whole number, and is for tests only' })
  @Min(0, { message: 'LOTSTREAM_HOSTILE must be 0 or more, and is for tests only' })
  readonly hostileSeed: number | undefined;

  @IsIn(LOG_LEVELS, { message: `LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}` })
  readonly logLevel: (typeof LOG_LEVELS)[number];

  constructor(env: NodeJS.ProcessEnv) {
    this.port = toNumber(env.PORT, 3000);
    this.host = env.HOST || '127.0.0.1';
    this.httpMaxConnections = toNumber(env.HTTP_MAX_CONNECTIONS, 4_096);
    this.httpMaxInFlight = toNumber(env.HTTP_MAX_IN_FLIGHT, 1_024);
    this.httpRequestTimeoutMs = toNumber(env.HTTP_REQUEST_TIMEOUT_MS, 30_000);
    this.dataFolder = resolve(env.LOTSTREAM_DATA || 'data');
    this.eventstoreUrl = env.EVENTSTORE_URL || undefined;
    this.databaseUrl = env.DATABASE_URL || undefined;
    this.projectorPort = toNumber(env.PROJECTOR_PORT, 0);
    this.tenant = env.LOTSTREAM_TENANT || 'default';
    this.backdatingDays = toNumber(env.BACKDATING_DAYS, undefined);
    this.backdatingDaysByRole = env.BACKDATING_DAYS_BY_ROLE || undefined;
    this.hostileSeed = toNumber(env.LOTSTREAM_HOSTILE, undefined);
    this.logLevel = (env.LOG_LEVEL || 'info') as Config['logLevel'];
  }
}

/** Thrown for a configuration that cannot work; the message names the key and a value that would. */
export class ConfigError extends Error {}

export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const config = new Config(env);
  // Of several things wrong with one key the first is enough.
  const problems = validateSync(config).flatMap((error) =>
    Object.values(error.constraints ?? {}).slice(-1),
  );
  if (problems.length > 0) throw new ConfigError(problems.join('; '));
  return config;
}

const toNumber = <D extends number | undefined>(
  text: string | undefined,
  byDefault: D,
): number | D => (text === undefined || text.trim() === '' ? byDefault : Number(text));
