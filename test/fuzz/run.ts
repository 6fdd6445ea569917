import { curlLine, type RawAnswer, RawConnection } from './client';
import { operationsOf } from './document';
import { type LiveMemory, liveMemoryOf } from './live-memory';
import { eventsByCorrelation } from './log';
import { Api } from '../support/http';
import type { System } from '../support/system';
import { type Effect, judge } from './oracle';
import { type FuzzRequest, requestOf } from './requests';

export interface Wish {
  readonly seed: number;
  readonly requests: number;
  /** Number of the first; a failure names its own. */
  readonly first?: number;
}

export interface Report {
  readonly requests: number;
  readonly seconds: number;
  readonly p99Ms: number;
  readonly slowestMs: number;
  /** Of the api, after a quarter of the requests and at the end. */
  readonly memory: readonly LiveMemory[];
  readonly byStatus: Readonly<Record<string, number>>;
  /** In words, with the line that sends the request again. */
  readonly failures: readonly string[];
}

const CONNECTIONS = 16;
const MOST_FAILURES = 20;
/** The correlation ids of what was there before. */
const EXPECTED: ReadonlySet<string> = new Set(['fuzz-world', 'register-default-location']);

/** Sends so many requests made from the served document, and compares the log with what was answered. */
export async function fuzz(system: System, { seed, requests, first = 0 }: Wish): Promise<Report> {
  const { url, eventstoreUrl } = system;
  const contract = await new Api(url).openApi();
  const operations = operationsOf(contract);
  const latencies: number[] = [];
  const byStatus: Record<string, number> = {};
  const effects = new Map<string, Effect>();
  const failures: string[] = [];
  const fail = (request: FuzzRequest, what: string): void => {
    if (failures.length < MOST_FAILURES) failures.push(inWords(url, request, what));
  };
  const started = performance.now();
  let next = first;
  const memory: LiveMemory[] = [];
  const line = async (): Promise<void> => {
    const connection = new RawConnection(new URL(url));
    while (next < first + requests) {
      const index = next++;
      if (index === first + Math.floor(requests / 4)) memory.push(await liveMemoryOf(system));
      const request = requestOf(operations, seed, index);
      const sent = performance.now();
      const answer = await connection.send(request).catch((error: Error) => {
        fail(request, error.message);
        return undefined;
      });
      latencies.push(performance.now() - sent);
      if (!answer) continue;
      byStatus[answer.status] = (byStatus[answer.status] ?? 0) + 1;
      const { complaint, effect } = judge(contract, request, answer);
      effects.set(request.id, effect);
      if (complaint !== undefined) fail(request, `${complaint}\n  ${excerptOf(answer)}`);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, line));
  const seconds = (performance.now() - started) / 1_000;
  memory.push(await liveMemoryOf(system));
  const found = await eventsByCorrelation(eventstoreUrl);
  for (const [id, effect] of effects) {
    const events = found.get(id) ?? 0;
    if (effect === 'either' || (effect === 'none') === (events === 0)) continue;
    const request = requestOf(operations, seed, Number(id.split('-').at(-1)));
    fail(
      request,
      `an answer of ${effect === 'none' ? 'no' : 'some'} effect led to ${events} events`,
    );
  }
  const strangers = [...found.keys()].filter((id) => !effects.has(id) && !EXPECTED.has(id));
  if (strangers.length > 0)
    failures.push(`events that no request explains: ${strangers.join(', ')}`);
  latencies.sort((a, b) => a - b);
  const p99Ms = latencies[Math.floor(latencies.length * 0.99)] ?? 0;
  const slowestMs = latencies.at(-1) ?? 0;
  return { requests, seconds, p99Ms, slowestMs, memory, byStatus, failures };
}

function inWords(url: string, request: FuzzRequest, what: string): string {
  const { id, intent, operation } = request;
  return `${id} (${intent}) ${operation.method} ${operation.path}: ${what}\n  ${curlLine(url, request)}`;
}

const excerptOf = ({ body }: RawAnswer): string => body.toString('utf8').slice(0, 300);
