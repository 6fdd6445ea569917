import { constants, type ServerHttp2Stream } from 'node:http2';
import {
  ServerInterceptingCall,
  status,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js';
import type { Logger } from '../../../runtime';
import { halfSent } from '../calls/errors';
import { LIMIT_OPTIONS, type Limits } from './limits';
import type { Holding, Traffic } from './traffic';

type Listener = Parameters<ServerInterceptingCallInterface['start']>[0];
type Outcome = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

/** A failed call whose client does not take the answer is dropped after this, so that it holds no memory for ever. */
const LINGER_MS = 30_000;
const FRAME_HEADER_BYTES = 5;

/**
 * The library tells an interceptor neither how much has arrived of a message nor when a call is off the wire; the HTTP/2
 * stream below, which it keeps to itself, does.
 */
const streamOf = (call: ServerInterceptingCallInterface): ServerHttp2Stream =>
  (call as unknown as { readonly stream: ServerHttp2Stream }).stream;

/** Every call passes here: it is counted, refused when there are too many, and given up when it brings too much. */
export function callGate(limits: Limits, traffic: Traffic, logger: Logger): ServerInterceptor {
  return ({ path }, call) => {
    const stream = streamOf(call);
    const isTooMany = traffic.calls >= limits.calls;
    const gated = new GatedCall(call, stream, (outcome) =>
      logger.debug({ path, code: outcome.code, details: outcome.details }, 'a call failed'),
    );
    if (isTooMany) {
      gated.refusal = {
        code: status.RESOURCE_EXHAUSTED,
        details: `the node serves ${limits.calls} calls, its limit: end some, or start it with a higher ${LIMIT_OPTIONS.calls}`,
      };
      return gated;
    }
    traffic.calls += 1;
    const stopCounting = countPartialMessages(stream, traffic, () =>
      gated.sendStatus(halfSent(limits)),
    );
    stream.once('close', () => {
      traffic.calls -= 1;
      stopCounting();
    });
    return gated;
  };
}

class GatedCall extends ServerInterceptingCall {
  refusal: Outcome | undefined;

  constructor(
    call: ServerInterceptingCallInterface,
    private readonly stream: ServerHttp2Stream,
    private readonly onFailure: (outcome: Outcome) => void,
  ) {
    super(call);
  }

  override start(listener: Listener): void {
    if (!this.refusal) return super.start(listener);
    this.sendStatus(this.refusal);
    // What it goes on sending would wait for a reader for ever.
    this.stream.close(constants.NGHTTP2_NO_ERROR);
  }

  override sendStatus(outcome: Outcome): void {
    super.sendStatus(outcome);
    if (outcome.code === status.OK) return;
    this.onFailure(outcome);
    const timer = setTimeout(() => this.stream.close(constants.NGHTTP2_CANCEL), LINGER_MS).unref();
    this.stream.once('close', () => clearTimeout(timer));
  }
}

/** Counts what has arrived of a message that is not whole yet; answers how to stop. */
function countPartialMessages(
  stream: ServerHttp2Stream,
  traffic: Traffic,
  giveUp: () => void,
): () => void {
  const part = trackPart();
  let holding: Holding | undefined;
  // The library has paused the stream expressly; listening too does not make it flow.
  stream.on('data', (chunk: Buffer) => {
    const { bytes, isNew } = part(chunk);
    if (isNew || bytes === 0) {
      holding?.release();
      holding = undefined;
    }
    if (bytes > 0) (holding ??= traffic.hold(giveUp)).add(bytes);
  });
  return () => holding?.release();
}

/** Follows the frames of a call: how much of a chunk belongs to a message that goes on after it, and is that a new one. */
function trackPart(): (chunk: Buffer) => { readonly bytes: number; readonly isNew: boolean } {
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  let headerBytes = 0;
  let missing = 0;
  return (chunk) => {
    let start = 0;
    let isNew = false;
    for (let at = 0; at < chunk.length;) {
      const wanted = missing > 0 ? missing : FRAME_HEADER_BYTES - headerBytes;
      const end = Math.min(at + wanted, chunk.length);
      if (missing > 0) missing -= end - at;
      else {
        headerBytes += chunk.copy(header, headerBytes, at, end);
        if (headerBytes === FRAME_HEADER_BYTES) {
          missing = header.readUInt32BE(1);
          headerBytes = 0;
          start = end;
          isNew = true;
        }
      }
      at = end;
    }
    return { bytes: missing > 0 ? chunk.length - start : 0, isNew };
  };
}
