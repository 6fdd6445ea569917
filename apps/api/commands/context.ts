import type { FastifyRequest } from 'fastify';
import type { CommandSource } from '../../../libs/domain';
import type { CommandContext } from '../../../libs/eventstore';
import { type Config, newId, ROLES, sha256, uuidV5 } from '../../../libs/runtime';
import { canonicalJson } from '../http/canonical';
import { type FieldProblem, ProblemError } from '../http/errors';
import { validationProblem } from '../http/validation';

/** Namespace of every command id; never changes, or a retry would no longer be known as one. */
const COMMANDS = '5b0fc3b5-7a4e-5d6a-9c0f-2a0d8f3d9c11';
const SOURCE = /^([\x21-\x3a\x3c-\x7e]{1,100});(\d{1,15})$/;
const VISIBLE = /^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/;
const DEADLINE_MS = 10_000;
const MAX_AHEAD_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
const ANONYMOUS = 'anonymous';
type Role = (typeof ROLES)[number];

type Headers = FastifyRequest['headers'];

const header = (headers: Headers, name: string): string | undefined => {
  const value = headers[name];
  return Array.isArray(value) ? value.join(',') : value;
};

function visible(headers: Headers, name: string, problems: FieldProblem[]): string | undefined {
  return visibleText(header(headers, name), name, problems);
}

function visibleText(value: unknown, field: string, problems: FieldProblem[]): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && VISIBLE.test(value)) return value;
  problems.push({ field, message: 'must be 1 to 200 visible ASCII characters' });
  return undefined;
}

/** The id under which a request is told about, in its answer and in every event it leads to. */
export function correlationIdOf({ headers, id }: Pick<FastifyRequest, 'headers' | 'id'>): string {
  const given = header(headers, 'x-correlation-id');
  return given !== undefined && VISIBLE.test(given) ? given : id;
}

export interface CommandHeaders {
  readonly key: string;
  readonly keyIsOurs: boolean;
  readonly actor: string;
  readonly role?: Role;
  readonly correlationId: string;
  readonly causationId: string | undefined;
  readonly source?: CommandSource;
  readonly expectedRevision?: number;
  readonly dryRun: boolean;
}

export function readHeaders(request: FastifyRequest): CommandHeaders {
  const { headers, query } = request;
  const problems: FieldProblem[] = [];
  const given = visible(headers, 'idempotency-key', problems);
  const actor = visible(headers, 'x-actor', problems) ?? ANONYMOUS;
  const role = roleOf(header(headers, 'x-role'), problems);
  const correlationId = visible(headers, 'x-correlation-id', problems) ?? request.id;
  const causationId = visible(headers, 'x-causation-id', problems);
  const source = sourceOf(header(headers, 'x-source'), 'x-source', problems);
  const expectedRevision = revisionOf(header(headers, 'if-match'), problems);
  // A misspelt dryRun must not write.
  for (const field in query as object) {
    if (field !== 'dryRun') problems.push({ field, message: 'is not a parameter here' });
  }
  const { dryRun } = query as { dryRun?: unknown };
  if (dryRun !== undefined && dryRun !== 'true' && dryRun !== 'false') {
    problems.push({ field: 'dryRun', message: 'must be true or false' });
  }
  if (problems.length > 0) throw validationProblem(problems);
  return {
    key: given ?? newId(),
    keyIsOurs: given === undefined,
    actor,
    correlationId,
    causationId,
    ...(role && { role }),
    ...(source && { source }),
    ...(expectedRevision !== undefined && { expectedRevision }),
    dryRun: dryRun === 'true',
  };
}

/** Of a request that stands for many commands: what binds a single one is a mistake there. */
export function refuseOfOneCommand({ expectedRevision, source }: CommandHeaders): void {
  const message = 'is of one command, and this request stands for many';
  const problems = [
    ...(expectedRevision === undefined ? [] : [{ field: 'if-match', message }]),
    ...(source === undefined ? [] : [{ field: 'x-source', message }]),
  ];
  if (problems.length > 0) throw validationProblem(problems);
}

/** What a command that came as one of a list has of its own, by the rules of the headers that a single one has it in. */
export interface OwnHeaders {
  readonly idempotencyKey?: unknown;
  readonly source?: unknown;
}

/** The headers of a request as they hold for one command of its list. */
export function headersOfOne(
  headers: CommandHeaders,
  { idempotencyKey, source }: OwnHeaders,
  at: number,
): CommandHeaders {
  const problems: FieldProblem[] = [];
  const own = visibleText(idempotencyKey, 'idempotencyKey', problems);
  const row = sourceOf(source, 'source', problems);
  if (problems.length > 0) throw validationProblem(problems);
  return {
    ...headers,
    // No key that a client can send has a line break.
    key: own ?? `${headers.key}\n${at}`,
    keyIsOurs: own === undefined && headers.keyIsOurs,
    ...(row && { source: row }),
  };
}

function roleOf(text: string | undefined, problems: FieldProblem[]): Role | undefined {
  const role = ROLES.find((name) => name === text);
  if (text !== undefined && !role) {
    problems.push({ field: 'x-role', message: `must be one of ${ROLES.join(', ')}` });
  }
  return role;
}

/** `<id>;<sequence>`: this command is one row of an ordered source. */
function sourceOf(
  text: unknown,
  field: string,
  problems: FieldProblem[],
): CommandSource | undefined {
  if (text === undefined) return undefined;
  const match = typeof text === 'string' ? SOURCE.exec(text) : undefined;
  if (match) return { id: match[1] as string, sequence: Number(match[2]) };
  problems.push({ field, message: 'must be <id>;<sequence>, such as import-7f3a;42' });
  return undefined;
}

/** The revision as the ETag tells it, quoted or bare; `*` binds nothing. */
function revisionOf(text: string | undefined, problems: FieldProblem[]): number | undefined {
  if (text === undefined || text.trim() === '*') return undefined;
  const match = /^(?:W\/)?"?(\d{1,15})"?$/.exec(text.trim());
  if (match) return Number(match[1]);
  problems.push({ field: 'if-match', message: 'must be a revision such as "7", or *' });
  return undefined;
}

export interface Asked {
  readonly type: string;
  /** What was sent, path included, normalised in form, before any default. */
  readonly body: object;
  readonly reason: string | undefined;
  readonly effectiveAt: string | undefined;
}

type ContextConfig = Pick<Config, 'tenant' | 'backdatingDays' | 'backdatingDaysByRole'>;

export function commandContext(
  headers: CommandHeaders,
  asked: Asked,
  config: ContextConfig,
  now: Date,
): CommandContext {
  const { effectiveAt = now.toISOString(), reason, type, body } = asked;
  if (Date.parse(effectiveAt) > now.getTime() + MAX_AHEAD_MS) {
    throw new ProblemError(
      'EFFECTIVE_AT_IN_FUTURE',
      `effectiveAt ${effectiveAt} is more than 5 minutes after ${now.toISOString()}; send it when it has happened`,
    );
  }
  const { key, keyIsOurs, actor, correlationId, causationId, source, expectedRevision, dryRun } =
    headers;
  const { tenant } = config;
  const commandId = commandIdOf(tenant, actor, key);
  const context: CommandContext = {
    commandId,
    commandHash: sha256(`${type}\n${canonicalJson(body)}`),
    correlationId,
    causationId: causationId ?? commandId,
    tenant,
    actor,
    ...(reason !== undefined && { reason }),
    effectiveAt,
    ...(source && { source }),
    ...(expectedRevision !== undefined && { expectedRevision }),
    dryRun,
    mayBeRetry: !keyIsOurs,
    deadline: performance.now() + DEADLINE_MS,
  };
  const days = asked.effectiveAt === undefined ? undefined : backdatingDaysOf(headers.role, config);
  if (days === undefined) return context;
  const earliest = new Date(now.getTime() - days * DAY_MS);
  return { ...context, earliestEffectiveAt: earliest.toISOString() };
}

/** Undefined: there is no limit. */
function backdatingDaysOf(
  role: Role | undefined,
  { backdatingDays, backdatingDaysByRole }: ContextConfig,
): number | undefined {
  const own = backdatingDaysByRole?.split(',').find((limit) => limit.startsWith(`${role}=`));
  return own === undefined ? backdatingDays : Number(own.slice(own.indexOf('=') + 1));
}

/** The same key of the same principal is the same command, wherever and whenever it is sent. */
export const commandIdOf = (tenant: string, principal: string, key: string): string =>
  uuidV5(namespaceOf(tenant, principal), key);

const namespaces = new Map<string, string>();
const MAX_NAMESPACES = 10_000;

/** Two principals that choose the same key do not meet. */
function namespaceOf(tenant: string, principal: string): string {
  const owner = JSON.stringify([tenant, principal]);
  let namespace = namespaces.get(owner);
  if (namespace === undefined) {
    namespace = uuidV5(COMMANDS, owner);
    if (namespaces.size >= MAX_NAMESPACES) namespaces.clear();
    namespaces.set(owner, namespace);
  }
  return namespace;
}
