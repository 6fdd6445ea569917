import type { Gone, Remembered } from './remembered-commands';

/** Command id 16 bytes, hash 32, first and last revision 8 each, position 8. */
const RECORD_BYTES = 72;
const HASH_AT = 16;
const FIRST_AT = 48;
const LAST_AT = 56;
const POSITION_AT = 64;

/** To search all bytes takes 0.1 ms, to index them 3 ms in a process that has just begun, and most snapshots serve a few commands. */
const SEARCHES = 16;

/** Commands in their order as bytes, the way a snapshot brings them: looked up where they lie, since few ever are. */
export class PackedCommands {
  private oldest = 0;
  private readonly end: number;
  /** Open addressing by the first digits of an id, at most half full; -1 = free. Undefined: nobody has asked often enough. */
  private slots: Int32Array | undefined;
  private searches = 0;

  /** Takes the bytes over: they change with `extend`. Throws for what `packCommands` cannot have made. */
  constructor(private readonly bytes: Buffer) {
    this.end = bytes.length / RECORD_BYTES;
    if (!Number.isInteger(this.end)) throw new Error(`${bytes.length} bytes are no commands`);
  }

  get size(): number {
    return this.end - this.oldest;
  }

  get(commandId: string): Remembered | undefined {
    const at = this.find(commandId);
    return at === undefined ? undefined : this.read(at);
  }

  /** One more event of a command; false where it is not here. */
  extend(commandId: string, lastRevision: number, position: bigint): boolean {
    const at = this.find(commandId);
    if (at === undefined) return false;
    this.bytes.writeDoubleLE(lastRevision, at * RECORD_BYTES + LAST_AT);
    this.bytes.writeBigUInt64LE(position, at * RECORD_BYTES + POSITION_AT);
    return true;
  }

  /** Lets the oldest go. */
  shift(): Gone {
    const at = this.oldest;
    this.oldest += 1;
    return { commandId: this.idAt(at), position: this.read(at).position };
  }

  /** A view, not a copy. */
  toBytes(): Buffer {
    return this.bytes.subarray(this.oldest * RECORD_BYTES);
  }

  private find(commandId: string): number | undefined {
    if (this.slots) return this.findIn(this.slots, commandId);
    this.searches += 1;
    if (this.searches > SEARCHES) this.slots = this.index();
    return this.search(commandId);
  }

  private index(): Int32Array {
    const slots = new Int32Array(2 ** Math.ceil(Math.log2(2 * this.end + 2))).fill(-1);
    for (let at = 0; at < this.end; at += 1) {
      let slot = slotOf(slots, this.bytes.readUInt32BE(at * RECORD_BYTES));
      while (slots[slot] !== -1) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = at;
    }
    return slots;
  }

  private findIn(slots: Int32Array, commandId: string): number | undefined {
    let slot = slotOf(slots, parseInt(commandId.slice(0, 8), 16));
    for (let at = slots[slot]!; at !== -1; at = slots[slot]!) {
      if (at >= this.oldest && this.idAt(at) === commandId) return at;
      slot = (slot + 1) & (slots.length - 1);
    }
    return undefined;
  }

  private search(commandId: string): number | undefined {
    if (!UUID.test(commandId)) return undefined;
    const id = Buffer.from(commandId.replaceAll('-', ''), 'hex');
    for (let from = this.oldest * RECORD_BYTES; ; from += 1) {
      from = this.bytes.indexOf(id, from);
      if (from === -1) return undefined;
      if (from % RECORD_BYTES === 0) return from / RECORD_BYTES;
    }
  }

  private idAt(at: number): string {
    const hex = this.bytes.toString('hex', at * RECORD_BYTES, at * RECORD_BYTES + HASH_AT);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  private read(at: number): Remembered {
    const from = at * RECORD_BYTES;
    return {
      commandHash: this.bytes.toString('hex', from + HASH_AT, from + FIRST_AT),
      firstRevision: this.bytes.readDoubleLE(from + FIRST_AT),
      lastRevision: this.bytes.readDoubleLE(from + LAST_AT),
      position: this.bytes.readBigUInt64LE(from + POSITION_AT),
    };
  }
}

const slotOf = (slots: Int32Array, digits: number): number => (digits >>> 0) & (slots.length - 1);

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** Undefined where one has an id that is no UUID or a hash that is no SHA-256 in lower case. */
export function packCommands(commands: ReadonlyMap<string, Remembered>): Buffer | undefined {
  const bytes = Buffer.allocUnsafe(commands.size * RECORD_BYTES);
  let from = 0;
  for (const [commandId, { commandHash, firstRevision, lastRevision, position }] of commands) {
    if (!UUID.test(commandId) || !SHA256.test(commandHash)) return undefined;
    bytes.write(commandId.replaceAll('-', ''), from, 'hex');
    bytes.write(commandHash, from + HASH_AT, 'hex');
    bytes.writeDoubleLE(firstRevision, from + FIRST_AT);
    bytes.writeDoubleLE(lastRevision, from + LAST_AT);
    bytes.writeBigUInt64LE(position, from + POSITION_AT);
    from += RECORD_BYTES;
  }
  return bytes;
}
