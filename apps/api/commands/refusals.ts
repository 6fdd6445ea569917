import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { RefusedCommand } from '../../../libs/postgres';
import { API_DEPS, type ApiDeps } from '../deps';

const FLUSH_AFTER_MS = 200;
const BATCH = 500;
/** While PostgreSQL is away refusals wait here; beyond this the oldest are let go. */
const MAX_WAITING = 20_000;

/** Writes down who was refused what, behind the answers and never in their way. */
@Injectable()
export class RefusalRecorder implements OnModuleDestroy {
  private waiting: RefusedCommand[] = [];
  private timer: NodeJS.Timeout | undefined;
  private flushing: Promise<void> | undefined;
  private lost = 0;

  constructor(@Inject(API_DEPS) private readonly deps: Pick<ApiDeps, 'readModels' | 'logger'>) {}

  add(refusal: RefusedCommand): void {
    if (this.waiting.length >= MAX_WAITING) {
      this.waiting.shift();
      this.lost += 1;
    }
    this.waiting.push(refusal);
    this.timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    await this.flush();
  }

  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.flushing ??= this.write().finally(() => (this.flushing = undefined));
    return this.flushing;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH);
      try {
        await this.deps.readModels.recordRefusals(batch);
      } catch (error) {
        this.waiting.unshift(...batch);
        this.deps.logger.warn(
          { err: error, waiting: this.waiting.length, lost: this.lost },
          'refusals wait until PostgreSQL answers',
        );
        this.timer ??= setTimeout(() => void this.flush(), 5_000).unref();
        return;
      }
    }
  }
}
