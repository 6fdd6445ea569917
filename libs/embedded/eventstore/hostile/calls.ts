import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';
import type { Chances } from './chances';
import { HostileReadCall } from './read-call';
import { CuttableCall, type RequestListener } from './cuttable-call';

/** Refuses every call until the node is ready, and cuts calls off. */
export function hostileCalls(chances: Chances): ServerInterceptor {
  const readyAt =
    performance.now() + chances.between('notReady', 0, chances.profile.longestNotReadyMs);
  return ({ path }, call) => {
    if (performance.now() < readyAt) return new RefusedCall(call, chances);
    switch (path.slice(path.lastIndexOf('/') + 1)) {
      case 'Read':
        return new HostileReadCall(call, chances);
      case 'BatchAppend':
        return new HostileBatchCall(call, chances);
      case 'Append':
      case 'Delete':
      case 'Tombstone':
        return new HostileUnaryCall(call, chances);
      default:
        return new ServerInterceptingCall(call);
    }
  };
}

class RefusedCall extends CuttableCall {
  override start(): void {
    super.start({
      onReceiveMetadata: () => undefined,
      onReceiveMessage: () => undefined,
      onReceiveHalfClose: () => undefined,
      onCancel: () => undefined,
    });
    this.cut(status.UNAVAILABLE);
  }
}

/** Cut at a request, which is not carried out then, or at a reply, whose append is. */
class HostileBatchCall extends CuttableCall {
  override start(listener: RequestListener): void {
    super.start({
      onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
      onReceiveMessage: (request) => {
        if (this.isCut) return;
        if (this.chances.happens('cutBatchCall')) this.cut(this.codeOf('cutBatchCall'));
        else listener.onReceiveMessage(request);
      },
      onReceiveHalfClose: () => listener.onReceiveHalfClose(),
      onCancel: () => listener.onCancel(),
    });
  }

  override sendMessage(reply: unknown, sent: () => void): void {
    this.sendOrCut('cutBatchCall', reply, sent);
  }
}

class HostileUnaryCall extends CuttableCall {
  override sendMessage(reply: unknown, sent: () => void): void {
    this.sendOrCut('cutUnaryCall', reply, sent);
  }
}
