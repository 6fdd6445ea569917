/** What the node can do with its file: write and read, only read until the disk is right again, or be repaired. */
export type State =
  | { readonly kind: 'writing' }
  | { readonly kind: 'read-only' | 'damaged'; readonly reason: string };

export interface Condition {
  readonly now: () => State;
  /** Damage stays until the node is started on a sound file. */
  become(next: State): void;
}

export function openCondition(onChange: (state: State) => void = () => {}): Condition {
  let state: State = { kind: 'writing' };
  return {
    now: () => state,
    become(next) {
      const isSame = 'reason' in next ? 'reason' in state && state.reason === next.reason : true;
      if (state.kind === 'damaged' || (state.kind === next.kind && isSame)) return;
      state = next;
      onChange(state);
    },
  };
}
