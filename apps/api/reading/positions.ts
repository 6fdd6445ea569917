import { Inject, Injectable } from '@nestjs/common';
import type { ProjectionPosition } from '../../../libs/postgres';
import { parsePositionToken } from '../../../libs/eventstore';
import { API_DEPS, type ApiDeps } from '../deps';
import { ProblemError } from '../http/errors';
import { Load, overloaded } from '../http/load';
import { readModelProblem } from './read-failures';

const POLL_MS = 5;

type Checkpoints = readonly ProjectionPosition[];

interface Waiter {
  readonly commit: bigint;
  readonly views: readonly string[];
  readonly until: number;
  /** Who asked has left. */
  readonly gone: AbortSignal | undefined;
  readonly settle: (seen: Checkpoints) => void;
  readonly fail: (error: unknown) => void;
}

/** Lets queries wait for a position. One poller reads the checkpoints for all of them, and only while any waits. */
@Injectable()
export class PositionWaiter {
  private waiters: Waiter[] = [];
  private polling = false;

  constructor(
    @Inject(API_DEPS) private readonly deps: Pick<ApiDeps, 'readModels' | 'store'>,
    @Inject(Load) private readonly load: Load,
  ) {}

  /**
   * Resolves when every view knows the log up to the position that a command answered with, to the checkpoints that say so.
   * Half of the room there is belongs to those who need not wait: beyond it OVERLOADED.
   */
  async reached(
    token: string,
    views: readonly string[],
    waitMs: number,
    gone?: AbortSignal,
  ): Promise<Checkpoints> {
    const parsed = parsePositionToken(this.deps.store.storeId, token);
    if (parsed.kind === 'malformed') {
      throw new ProblemError('POSITION_INVALID', 'send the position of a command as it is');
    }
    if (parsed.kind === 'anotherStore') {
      throw new ProblemError(
        'POSITION_OF_ANOTHER_STORE',
        'the position was given by another event store; ask without it, or that one',
      );
    }
    const { commit } = parsed;
    if (this.load.waiting >= this.load.limits.maxInFlight / 2) throw overloaded();
    return new Promise((settle, fail) => {
      const until = performance.now() + waitMs;
      this.waiters.push({ commit, views, until, gone, settle, fail });
      this.load.waiting = this.waiters.length;
      if (!this.polling) void this.poll();
    });
  }

  private async poll(): Promise<void> {
    this.polling = true;
    while (this.waiters.length > 0) {
      try {
        this.judge(await this.deps.readModels.readCheckpoints());
      } catch (error) {
        const failed = this.waiters;
        this.waiters = [];
        this.load.waiting = 0;
        for (const { fail } of failed) fail(readModelProblem(error) ?? error);
      }
      if (this.waiters.length > 0) await new Promise((next) => setTimeout(next, POLL_MS));
    }
    this.polling = false;
  }

  private judge(checkpoints: Checkpoints): void {
    const { storeId } = this.deps.store;
    // Tables of another log may stand at a higher position and know nothing of ours.
    const ours = checkpoints.filter((row) => row.storeId === storeId && row.state !== 'REFUSED');
    const reached = new Map(ours.map((row) => [row.view, row]));
    const now = performance.now();
    this.waiters = this.waiters.filter((waiter) => {
      const behind = waiter.views.filter(
        (view) => (reached.get(view)?.position ?? -1n) < waiter.commit,
      );
      if (waiter.gone?.aborted) waiter.fail(clientGone());
      else if (behind.length === 0) waiter.settle(checkpoints);
      else if (now >= waiter.until) waiter.fail(behindProblem(behind, checkpoints, storeId));
      else return true;
      return false;
    });
    this.load.waiting = this.waiters.length;
  }
}

/** Nobody hears it. */
const clientGone = (): ProblemError => new ProblemError('PROJECTION_BEHIND', 'who asked has left');

function behindProblem(
  behind: readonly string[],
  checkpoints: Checkpoints,
  storeId: string,
): ProblemError {
  const rows = checkpoints.filter(({ view }) => behind.includes(view));
  const stopped = rows.filter(({ state }) => state === 'STOPPED').map(({ view }) => view);
  const isRefused = rows.some((row) => row.state === 'REFUSED' || row.storeId !== storeId);
  const why = isRefused
    ? "they were made from another log; see the projector's health"
    : stopped.length > 0
      ? `${stopped.join(', ')} stopped; see the projector's health`
      : 'ask again';
  return new ProblemError('PROJECTION_BEHIND', `${behind.join(', ')} not there yet; ${why}`);
}
