import { randomUUID } from 'node:crypto';
import { status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { withTrailers, type CallError } from '../calls/errors';
import type { EventNode } from '../node';
import { ScavengeResp, type StopScavengeReq } from '../calls/protocol';
import { scavenge, type ScavengeProgress } from './scavenge';
import { recordInHistory } from './history';

export interface Scavenges {
  /** Starts one, unless one goes on; answers which. */
  start(): { readonly id: string; readonly isNew: boolean };
  /** False when no scavenge of this id goes on. */
  stop(id: string): boolean;
  /** Of the one that goes on. */
  progress(): ScavengeProgress | undefined;
  /** Ends the one that goes on and waits until it has. */
  close(): Promise<void>;
}

interface Running {
  readonly id: string;
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  progress: ScavengeProgress;
  /** Its result is settled and being recorded: it is too late to stop it. */
  isSettled: boolean;
}

const NOTHING_YET: ScavengeProgress = { streamsDone: 0, streams: 0, events: 0, bytes: 0 };
const REPORT_EVERY_MS = 1_000;

/** One scavenge at a time. As with the real server its course can be read in the stream `$scavenges-<id>`. */
export function openScavenges(node: EventNode, endpoint: () => string): Scavenges {
  let running: Running | undefined;

  const run = async (id: string, abort: AbortController): Promise<void> => {
    const record = (type: string, data: object): Promise<void> =>
      recordInHistory(node, id, type, { scavengeId: id, nodeEndpoint: endpoint(), ...data });
    const startedAt = Date.now();
    let reportedAt = startedAt;
    const finish = async (result: string, error: string): Promise<void> => {
      if (running) running.isSettled = true;
      const { events, bytes } = running?.progress ?? NOTHING_YET;
      const timeTaken = timeSpan(Date.now() - startedAt);
      node.logger.info({ scavengeId: id, result, error, events, bytes, timeTaken }, 'scavenged');
      const outcome = { result, error, timeTaken, spaceSaved: bytes, eventsRemoved: events };
      await record('$scavengeCompleted', outcome);
    };
    const onProgress = (progress: ScavengeProgress): void => {
      if (running) running.progress = { ...progress };
      if (Date.now() - reportedAt < REPORT_EVERY_MS) return;
      reportedAt = Date.now();
      record('$scavengeProgress', progress).catch(() => undefined);
    };
    try {
      await record('$scavengeStarted', {});
      await scavenge(node.store, node.writer, abort.signal, onProgress);
      await finish(abort.signal.aborted ? 'Stopped' : 'Success', '');
    } catch (error) {
      await finish('Failed', error instanceof Error ? error.message : String(error));
    }
  };

  return {
    start() {
      if (running) return { id: running.id, isNew: false };
      const id = randomUUID();
      const abort = new AbortController();
      node.logger.info({ scavengeId: id }, 'scavenging');
      const ended = run(id, abort)
        .catch((error: unknown) => node.logger.error({ err: error }, 'a scavenge left no record'))
        .finally(() => (running = undefined));
      running = { id, abort, ended, progress: NOTHING_YET, isSettled: false };
      return { id, isNew: true };
    },
    stop(id) {
      if (running?.id !== id || running.isSettled) return false;
      running.abort.abort();
      return true;
    },
    progress: () => running?.progress,
    async close() {
      running?.abort.abort();
      await running?.ended;
    },
  };
}

/** As .NET writes a time span. */
function timeSpan(ms: number): string {
  const [hours, minutes, seconds] = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60];
  const whole = [hours, minutes].map((part) => String(Math.floor(part)).padStart(2, '0'));
  return [...whole, seconds.toFixed(3).padStart(6, '0')].join(':');
}

/** The part of the `Operations` service that has to do with scavenging. */
export function scavengeCalls(scavenges: Scavenges) {
  return {
    startScavenge(_call: unknown, reply: sendUnaryData<ScavengeResp>): void {
      const { id, isNew } = scavenges.start();
      const { STARTED, INPROGRESS } = ScavengeResp.ScavengeResult;
      const response = new ScavengeResp().setScavengeId(id);
      reply(null, response.setScavengeResult(isNew ? STARTED : INPROGRESS));
    },
    stopScavenge(
      { request }: ServerUnaryCall<StopScavengeReq, ScavengeResp>,
      reply: sendUnaryData<ScavengeResp>,
    ): void {
      const id = request.getOptions()?.getScavengeId() ?? '';
      if (!scavenges.stop(id)) return reply(scavengeNotFound(id));
      const response = new ScavengeResp().setScavengeId(id);
      reply(null, response.setScavengeResult(ScavengeResp.ScavengeResult.STOPPED));
    },
  };
}

const scavengeNotFound = (id: string): CallError =>
  withTrailers(status.NOT_FOUND, `no scavenge ${id} is going on`, {
    exception: 'scavenge-not-found',
    'scavenge-id': id,
  });
