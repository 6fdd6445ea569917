import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Projector } from './projector';

export interface Metrics {
  readonly registry: Registry;
  readonly eventsApplied: Counter;
  readonly batchSeconds: Histogram;
  readonly legsDriven: Counter;
  readonly reservationsEnded: Counter;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    eventsApplied: new Counter({
      name: 'lotstream_projector_events_applied_total',
      help: 'Events brought into the tables by this process',
      registers,
    }),
    batchSeconds: new Histogram({
      name: 'lotstream_projector_batch_seconds',
      help: 'Time of one transaction, from the first statement to the commit',
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    legsDriven: new Counter({
      name: 'lotstream_policy_legs_driven_total',
      help: 'Legs of commands that this process has done, because whoever had begun did not',
      registers,
    }),
    reservationsEnded: new Counter({
      name: 'lotstream_policy_reservation_expiries_total',
      help: 'Stock streams that this process has told to end reservations whose time is over',
      registers,
    }),
  };
}

/** What is asked for at the moment of scraping. */
export function observe({ registry }: Metrics, projector: Projector): void {
  const registers = [registry];
  const gauge = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  gauge('lotstream_projector_running', '1 while this process applies the log', () =>
    projector.state === 'RUNNING' ? 1 : 0,
  );
  gauge(
    'lotstream_projector_lag_events',
    'Events read from the log and not yet in the tables',
    () => projector.backlog.waiting,
  );
  gauge(
    'lotstream_projector_lag_seconds',
    'How long the tables have been behind the end of the log',
    () => lagSeconds(projector),
  );
  observePolicies(gauge, projector);
  gauge('lotstream_projector_event_store_up', '0 while the event store does not answer', () =>
    projector.store.awaySeconds() === undefined ? 1 : 0,
  );
  gauge(
    'lotstream_projector_rebuilds',
    'Tables that are filled beside those that readers see, under way or asked for',
    () => projector.control?.rebuilds.length ?? 0,
  );
  const perProjection = (name: string, help: string, value: (p: Projection) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['projection'],
      registers,
      collect() {
        for (const projection of projector.projections) {
          this.set({ projection: projection.name }, value(projection));
        }
      },
    });
  };
  perProjection(
    'lotstream_projection_running',
    '0 when the projection has stopped',
    ({ stopped }) => (stopped ? 0 : 1),
  );
  perProjection(
    'lotstream_projection_position',
    'Log position up to which the table knows',
    ({ checkpoint }) => Number(checkpoint.commit),
  );
}

function observePolicies(
  gauge: (name: string, help: string, value: () => number) => void,
  { policies }: Projector,
): void {
  gauge(
    'lotstream_policy_open_legs',
    'Legs of commands that are owed on other streams and not done yet',
    () => policies.open,
  );
  gauge(
    'lotstream_policy_oldest_seconds',
    'How long the oldest of them has been owed',
    () => policies.oldestSeconds,
  );
  gauge(
    'lotstream_policy_refused_legs',
    'Legs that a follower has refused, 20 at most',
    () => policies.refused.length,
  );
}

type Projection = Projector['projections'][number];

/** How long events wait to get into the tables: by their own time, and by when the end of the log was seen. */
export function lagSeconds({ backlog, store, projections }: Projector): number {
  const going = projections.filter(({ stopped }) => !stopped);
  const { oldestWaiting } = backlog;
  const age = oldestWaiting === undefined ? 0 : (Date.now() - Date.parse(oldestWaiting)) / 1_000;
  if (going.length === 0) return Math.max(0, age);
  const position = going
    .map(({ checkpoint }) => checkpoint.commit)
    .reduce((a, b) => (a < b ? a : b));
  return Math.max(0, age, store.behindSeconds(position));
}
