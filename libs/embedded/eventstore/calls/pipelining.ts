import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';

/**
 * The library hands a message to the connection only when the one before has left, one turn of the event loop each.
 * Here the next one may follow at once until so many bytes are on their way; the connection then sends them together.
 */
const IN_FLIGHT_BYTES = 64 << 10;

class PipelinedCall extends ServerInterceptingCall {
  private inFlight = 0;
  private held: (() => void) | undefined;

  override sendMessage(message: unknown, callback: () => void): void {
    const size = Buffer.isBuffer(message) ? message.length : 0;
    this.inFlight += size;
    super.sendMessage(message, () => {
      this.inFlight -= size;
      if (this.inFlight >= IN_FLIGHT_BYTES) return;
      const go = this.held;
      this.held = undefined;
      go?.();
    });
    if (this.inFlight < IN_FLIGHT_BYTES) callback();
    else this.held = callback;
  }
}

export const pipelining: ServerInterceptor = (_method, call) => new PipelinedCall(call);
