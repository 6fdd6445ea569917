import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

export const registry = new Registry();
collectDefaultMetrics({ register: registry });

export const requestSeconds = new Histogram({
  name: 'lotstream_http_request_duration_seconds',
  help: 'Time to answer a request, by route.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
  registers: [registry],
});

export const commandsTotal = new Counter({
  name: 'lotstream_commands_total',
  help: 'Commands by type and outcome: accepted, replayed, unchanged, dry-run, or the code of the refusal.',
  labelNames: ['type', 'outcome'],
  registers: [registry],
});
