import type { Expected } from './proposals';

/** How an append, delete or tombstone ended. */
export type Outcome =
  | {
      readonly kind: 'success';
      /** -1: the stream has no events. */
      readonly revision: number;
      /** Absent when a retry names an event that is hidden by now. */
      readonly position: number | undefined;
    }
  | {
      readonly kind: 'wrong-expected-version';
      readonly expected: Expected;
      readonly actual: number;
    }
  | { readonly kind: 'stream-deleted'; readonly stream: string }
  | { readonly kind: 'timeout' };
