import type { LiveEvent } from './group';

export type Listener = (events: readonly LiveEvent[]) => void;

/** Tells those who follow the log, or one stream of it, what has just been committed. */
export interface LiveFeed {
  publish(events: readonly LiveEvent[]): void;
  /** Without a stream: the whole log. Answers how to stop. */
  follow(stream: string | undefined, listener: Listener): () => void;
}

export function openLiveFeed(): LiveFeed {
  const ofAll = new Set<Listener>();
  const ofStream = new Map<string, Set<Listener>>();

  const publishToStreams = (events: readonly LiveEvent[]): void => {
    const perStream = new Map<string, LiveEvent[]>();
    for (const event of events) {
      if (!ofStream.has(event.stream)) continue;
      const collected = perStream.get(event.stream);
      if (collected) collected.push(event);
      else perStream.set(event.stream, [event]);
    }
    for (const [stream, own] of perStream) {
      for (const listener of [...(ofStream.get(stream) ?? [])]) listener(own);
    }
  };

  return {
    publish(events) {
      if (events.length === 0) return;
      for (const listener of [...ofAll]) listener(events);
      if (ofStream.size > 0) publishToStreams(events);
    },
    follow(stream, listener) {
      if (stream === undefined) {
        ofAll.add(listener);
        return () => void ofAll.delete(listener);
      }
      const listeners = ofStream.get(stream) ?? new Set();
      ofStream.set(stream, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && ofStream.get(stream) === listeners) ofStream.delete(stream);
      };
    },
  };
}
