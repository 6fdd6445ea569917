import { Ring } from '../runtime';
import { packCommands, type PackedCommands } from './packed-commands';

/** How many command ids a stream remembers by itself. */
export const REMEMBERED_COMMANDS = 4_096;

/** Where the events of a decided command stand in its stream. */
export interface DecidedHere {
  readonly commandHash: string;
  readonly firstRevision: number;
  readonly lastRevision: number;
}

export interface Remembered extends DecidedHere {
  /** Of its last event. */
  readonly position: bigint;
}

/** A command that had to go, with the position of its last event. */
export interface Gone {
  readonly commandId: string;
  readonly position: bigint;
}

/** The last commands of a stream: first those that a snapshot brought, then those that came since. */
export class RememberedCommands {
  private readonly recent = new Map<string, Remembered>();
  private readonly order = new Ring<string>(REMEMBERED_COMMANDS);

  constructor(private packed: PackedCommands | undefined = undefined) {}

  get size(): number {
    return this.recent.size + (this.packed?.size ?? 0);
  }

  get(commandId: string): Remembered | undefined {
    return this.recent.get(commandId) ?? this.packed?.get(commandId);
  }

  has(commandId: string): boolean {
    return this.get(commandId) !== undefined;
  }

  /** One more event of a command; false where it is not known. */
  extend(commandId: string, lastRevision: number, position: bigint): boolean {
    const known = this.recent.get(commandId);
    if (!known) return this.packed?.extend(commandId, lastRevision, position) === true;
    Object.assign(known, { lastRevision, position });
    return true;
  }

  /** Takes in a command that is not known, and lets the oldest go for it once there are too many. */
  add(commandId: string, at: Remembered): Gone | undefined {
    this.recent.set(commandId, at);
    const oldest = this.order.push(commandId);
    if (oldest !== undefined) {
      const { position } = this.recent.get(oldest)!;
      this.recent.delete(oldest);
      return { commandId: oldest, position };
    }
    if (!this.packed || this.size <= REMEMBERED_COMMANDS) return undefined;
    const gone = this.packed.shift();
    if (this.packed.size === 0) this.packed = undefined;
    return gone;
  }

  /** For `PackedCommands`; undefined where there is one that it cannot hold. */
  pack(): Buffer | undefined {
    const recent = packCommands(this.recent);
    return recent && (this.packed ? Buffer.concat([this.packed.toBytes(), recent]) : recent);
  }
}
