import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, isIP } from 'node:net';
import { ServerCredentials, type Server } from '@grpc/grpc-js';

/** Where a node listens: on a port of an address, or on a unix socket. */
export type Address =
  | { readonly host: string; /** 0: a free one. */ readonly port: number }
  | { readonly socket: string };

const LONGEST_SOCKET_PATH = 103;

/** Reachable from this machine alone. */
export const isLoopback = (address: Address): boolean =>
  'socket' in address ||
  address.host === 'localhost' ||
  address.host === '::1' ||
  (isIP(address.host) === 4 && address.host.startsWith('127.'));

export const urlOf = (address: Address): string =>
  'socket' in address
    ? `unix:${address.socket}`
    : `esdb://${bracketed(address.host)}:${address.port}?tls=false`;

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** Answers the port, 0 for a socket, which only this user may connect to. Throws with what to do when the address cannot be listened on. */
export async function listenOn(server: Server, address: Address): Promise<number> {
  if ('socket' in address) await clearSocket(address.socket);
  const target =
    'socket' in address ? `unix:${address.socket}` : `${bracketed(address.host)}:${address.port}`;
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(target, ServerCredentials.createInsecure(), (error, bound) => {
      if (!error) return resolve(bound);
      const advice = adviceFor(error.message);
      const problem = `The event store cannot listen on ${target}: ${advice}`;
      reject(new Error(problem, { cause: error }));
    });
  });
  if (!('socket' in address)) return port;
  await chmod(address.socket, 0o600);
  return 0;
}

function adviceFor(reason: string): string {
  if (reason.includes('EADDRINUSE')) {
    return 'another program is using it. Choose another port, or stop that program.';
  }
  if (reason.includes('EACCES')) {
    return 'this user may not. Choose a port above 1023, or a socket in a folder of this user.';
  }
  if (/EADDRNOTAVAIL|ENOTFOUND|EAI_|Name resolution|DNS/i.test(reason)) {
    return 'this machine has no such address. Take 127.0.0.1, or 0.0.0.0 for all of its addresses.';
  }
  return `${reason}. Choose another address.`;
}

/** A socket whose node was killed is left behind; it is taken away, but nothing else is. */
async function clearSocket(path: string): Promise<void> {
  if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) {
    throw new Error(
      `The event store cannot listen on ${path}: sockets have paths of at most ${LONGEST_SOCKET_PATH} bytes. Choose a shorter one.`,
    );
  }
  const found = await lstat(path).catch(() => undefined);
  if (!found) return;
  if (!found.isSocket() || (await isAnswered(path))) {
    const reason = found.isSocket() ? 'another program listens there' : 'a file is there';
    throw new Error(`The event store cannot listen on ${path}: ${reason}. Choose another path.`);
  }
  await unlink(path);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const answer = (isThere: boolean): void => {
      socket.destroy();
      resolve(isThere);
    };
    // One that is too busy to take the connection is there all the same.
    socket.setTimeout(1_000, () => answer(true));
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
  });
}
