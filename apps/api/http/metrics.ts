import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Load } from './load';

export const registry = new Registry();
collectDefaultMetrics({ register: registry });

const requestSeconds = new Histogram({
  name: 'lotstream_http_request_duration_seconds',
  help: 'Time to answer a request, by route.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  registers: [registry],
});

type Observed = ReturnType<typeof requestSeconds.labels>;
const observed = new Map<string, Observed>();

/** Finding the series of three labels takes longer than counting; there are as many as routes and statuses. */
export function observeRequest(
  method: string,
  route: string,
  status: number,
  seconds: number,
): void {
  const key = `${status} ${method} ${route}`;
  let series = observed.get(key);
  if (!series) observed.set(key, (series = requestSeconds.labels(method, route, String(status))));
  series.observe(seconds);
}

export const commandsTotal = new Counter({
  name: 'lotstream_commands_total',
  help: 'Commands by type and outcome: accepted, replayed, unchanged, dry-run, or the code of the refusal.',
  labelNames: ['type', 'outcome'],
  registers: [registry],
});

const loadGauge = (name: string, help: string): Gauge =>
  new Gauge({ name: `lotstream_http_${name}`, help, registers: [registry] });
const connections = loadGauge('connections', 'Open sockets.');
const inFlight = loadGauge('requests_in_flight', 'Commands and queries under way.');
const waiting = loadGauge('requests_waiting', 'Of those, queries that wait for the tables.');

/** Looked at when figures are asked for, so that nothing is counted twice on the way of a request. */
export function observeLoad(load: Load): void {
  connections.set(load.connections);
  inFlight.set(load.inFlight);
  waiting.set(load.waiting);
}
