import type { Logger } from '../../runtime';
import type { Condition } from './log/condition';
import type { CallError } from './calls/errors';
import type { Limits } from './limits/limits';
import type { Traffic } from './limits/traffic';
import type { LiveFeed } from './log/live-feed';
import type { Retries } from './writing/retries';
import type { Store } from './log/store';
import type { Writer } from './log/writer';

/** What the calls share. */
export interface EventNode {
  readonly store: Store;
  readonly writer: Writer;
  readonly feed: LiveFeed;
  readonly retries: Retries;
  readonly condition: Condition;
  readonly logger: Logger;
  readonly limits: Limits;
  readonly traffic: Traffic;
  /** Calls in progress, so that stopping can end them. */
  readonly openCalls: Set<OpenCall>;
}

export interface OpenCall {
  /** Ends the call with a status; what was sent before still arrives, appends that are being written are answered first. */
  fail(error: CallError): void;
}
