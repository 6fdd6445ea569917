import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';

/** A connection below gRPC, to misbehave on in ways that no gRPC library offers. */
export interface RawConnection {
  /** Opens a call of the `Streams` service; nothing is read of its answer but headers and trailers. */
  call(method: string): RawCall;
  close(): void;
}

export interface RawCall {
  readonly stream: ClientHttp2Stream;
  /** Announces a message of so many bytes and sends only the first ones. */
  sendPart(announcedBytes: number, bytes: Buffer): void;
  /** Sends a whole message. */
  send(message: Uint8Array): void;
  /** The gRPC status that the call ended with, -1 while it has not. */
  readonly status: () => number;
  readonly details: () => string;
}

export function openRawConnection(url: string): RawConnection {
  const authority = /\/\/([^?]+)/.exec(url)?.[1] ?? '';
  const session: ClientHttp2Session = connect(`http://${authority}`);
  session.on('error', () => undefined);
  return {
    call: (method) => openRawCall(session, method),
    close: () => session.destroy(),
  };
}

function openRawCall(session: ClientHttp2Session, method: string): RawCall {
  const stream = session.request({
    ':method': 'POST',
    ':path': `/event_store.client.streams.Streams/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  let status = -1;
  let details = '';
  const take = (headers: Readonly<Record<string, unknown>>): void => {
    if (headers['grpc-status'] === undefined) return;
    status = Number(headers['grpc-status']);
    const text = headers['grpc-message'];
    details = decodeURI(typeof text === 'string' ? text : '');
  };
  stream
    .on('error', () => undefined)
    .on('response', take)
    .on('trailers', take);
  return {
    stream,
    sendPart: (announcedBytes, bytes) =>
      stream.write(Buffer.concat([frame(announcedBytes), bytes])),
    send: (message) => stream.write(Buffer.concat([frame(message.length), message])),
    status: () => status,
    details: () => details,
  };
}

function frame(bytes: number): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32BE(bytes, 1);
  return header;
}
