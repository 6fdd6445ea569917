import type { EventCatalogue, StateForm, Upcasts } from '../domain';
import { sha256 } from '../runtime';
import { Folded, type Foldable } from './folded';
import { ForgottenIds } from './forgotten-ids';
import { PackedCommands } from './packed-commands';
import { RememberedCommands } from './remembered-commands';
import type { StoredSnapshot } from './snapshot-store';

/** A folded stream as bytes and back. Nothing in it is trusted that its checksum does not cover. */

/** Raised whenever Folded remembers something else, or it is written down in another way. */
const MEMORY_VERSION = 2;
/** Of a SHA-256. */
const CHECKSUM_BYTES = 32;
const LENGTH_BYTES = 4;

export interface Snapshotted extends Foldable<unknown> {
  readonly category: string;
  readonly events: EventCatalogue;
  readonly upcasts: Upcasts;
  readonly form: StateForm<unknown>;
}

const forms = new WeakMap<Snapshotted, string>();

/**
 * Says what made a snapshot; only one of an equal form is used. It holds the versions of the state and of the memory, and a
 * digest of the event types, so that no version ever trusts a state with an event in it that it could not have read.
 */
export function formOf(definition: Snapshotted): string {
  let form = forms.get(definition);
  if (form === undefined) {
    const { category, events, upcasts, form: state } = definition;
    const types = [...Object.keys(events), ...Object.keys(upcasts)].sort();
    const digest = sha256(JSON.stringify(types)).slice(0, 16);
    form = `${category}-${state.version}-${MEMORY_VERSION}-${digest}`;
    forms.set(definition, form);
  }
  return form;
}

interface Header {
  readonly stream: string;
  readonly form: string;
  readonly revision: number;
  readonly eventId: string;
  readonly position: string;
  readonly state: unknown;
  readonly sources: readonly (readonly [string, number])[];
  /** Bytes of the commands, which follow; the last filter takes what is left. */
  readonly commandBytes: number;
  readonly forgotten: {
    readonly upTo: string;
    readonly count: number;
    readonly sealed: readonly string[];
  } | null;
}

/** Undefined while there is nothing to keep, or where a command has an id or hash of another kind. */
export function packFolded(
  definition: Snapshotted,
  stream: string,
  folded: Folded<unknown>,
): StoredSnapshot | undefined {
  const { parts } = folded;
  const commands = parts?.commands.pack();
  if (!parts || !commands) return undefined;
  const { revision, eventId, position, sources, forgottenUpTo } = parts;
  const filter = parts.forgottenIds?.pack();
  const header: Header = {
    stream,
    form: formOf(definition),
    revision,
    eventId,
    position: String(position),
    state: definition.form.pack(parts.state),
    sources,
    commandBytes: commands.length,
    forgotten: filter
      ? { upTo: String(forgottenUpTo), count: filter.count, sealed: filter.sealed }
      : null,
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(text.length);
  const words = filter ? [Buffer.from(filter.words.buffer, filter.words.byteOffset)] : [];
  const body = Buffer.concat([Buffer.alloc(CHECKSUM_BYTES), length, text, commands, ...words]);
  body.write(sha256(body.subarray(CHECKSUM_BYTES)), 'hex');
  return { revision, eventId, body };
}

/** Throws for what `packFolded` cannot have made for this stream and form. */
export function unpackFolded(
  definition: Snapshotted,
  stream: string,
  { revision, eventId, body }: StoredSnapshot,
): Folded<unknown> {
  const bytes = body.subarray(CHECKSUM_BYTES);
  if (sha256(bytes) !== body.toString('hex', 0, CHECKSUM_BYTES)) {
    throw new Error('its checksum is wrong');
  }
  const commandsAt = LENGTH_BYTES + bytes.readUInt32LE(0);
  const header = JSON.parse(bytes.toString('utf8', LENGTH_BYTES, commandsAt)) as Header;
  const { forgotten } = header;
  const isOurs = header.stream === stream && header.form === formOf(definition);
  if (!isOurs || header.revision !== revision || header.eventId !== eventId) {
    throw new Error('it stands in the row of another');
  }
  const filterAt = commandsAt + header.commandBytes;
  const commands = new PackedCommands(Buffer.from(bytes.subarray(commandsAt, filterAt)));
  return new Folded(definition, {
    state: definition.form.unpack(header.state),
    revision,
    eventId,
    position: BigInt(header.position),
    commands: new RememberedCommands(commands),
    sources: header.sources,
    forgottenUpTo: forgotten ? BigInt(forgotten.upTo) : undefined,
    forgottenIds:
      forgotten === null
        ? undefined
        : new ForgottenIds(wordsFrom(bytes, filterAt), forgotten.count, forgotten.sealed),
  });
}

/** A copy at an address that words may begin at. */
const wordsFrom = (bytes: Buffer, from: number): Uint32Array =>
  new Uint32Array(new Uint8Array(bytes.subarray(from)).buffer);
