/** Three calls without content of their own: bytes in, bytes out. */

const asIs = (bytes: Buffer): Buffer => bytes;

const bytesBothWays = {
  requestSerialize: asIs,
  requestDeserialize: asIs,
  responseSerialize: asIs,
  responseDeserialize: asIs,
};

export const EMPTY_SERVICE = {
  echo: {
    path: '/bench.Empty/Echo',
    requestStream: false,
    responseStream: false,
    ...bytesBothWays,
  },
  pingPong: {
    path: '/bench.Empty/PingPong',
    requestStream: true,
    responseStream: true,
    ...bytesBothWays,
  },
  /** The request is how many messages to send, a 32 bit number. */
  flood: {
    path: '/bench.Empty/Flood',
    requestStream: false,
    responseStream: true,
    ...bytesBothWays,
  },
};
