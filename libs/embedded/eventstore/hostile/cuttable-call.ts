import { ServerInterceptingCall, status } from '@grpc/grpc-js';
import type { Chances } from './chances';
import type { Deed } from './profile';

type NextCall = ConstructorParameters<typeof ServerInterceptingCall>[0];
export type CutDeed = Extract<
  Deed,
  'cutRead' | 'cutSubscription' | 'shortSubscription' | 'cutBatchCall' | 'cutUnaryCall'
>;
export type RequestListener = Parameters<ServerInterceptingCall['start']>[0];

/** A call that can be ended between any two messages. What its handler sends from then on is lost. */
export class CuttableCall extends ServerInterceptingCall {
  protected isCut = false;

  constructor(
    call: NextCall,
    protected readonly chances: Chances,
  ) {
    super(call);
  }

  override sendMessage(message: unknown, sent: () => void): void {
    // Not saying that it was sent holds the handler back until it is told that the call has ended.
    if (!this.isCut) super.sendMessage(message, sent);
  }

  override sendStatus(ending: Parameters<ServerInterceptingCall['sendStatus']>[0]): void {
    if (!this.isCut) super.sendStatus(ending);
    this.isCut = true;
  }

  protected sendOrCut(deed: CutDeed, message: unknown, sent: () => void): void {
    if (this.isCut) return;
    if (this.chances.happens(deed)) this.cut(this.codeOf(deed));
    else super.sendMessage(message, sent);
  }

  protected cut(code: status): void {
    this.sendStatus({ code, details: `hostile: ${status[code]}` });
  }

  protected codeOf(deed: CutDeed): status {
    const { cutWith } = this.chances.profile;
    const name = cutWith[this.chances.between(deed, 0, cutWith.length - 1)];
    return status[name ?? 'UNAVAILABLE'];
  }
}
