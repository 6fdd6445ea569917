import { AsyncResource } from 'node:async_hooks';

/**
 * Node before 22 gives every function that `AsyncResource.bind` makes a deprecated property, at the price of a fifth of a
 * request's own work; Fastify binds once for each body. From here on this process binds as Node 22 does, without it.
 */
export function bindLightly(): void {
  if ('asyncResource' in new AsyncResource('probe').bind(() => undefined)) {
    AsyncResource.prototype.bind = bind as typeof AsyncResource.prototype.bind;
  }
}

type Work = (this: unknown, ...args: unknown[]) => unknown;

function bind(this: AsyncResource, work: Work, thisArg?: unknown): Work {
  if (thisArg !== undefined) return this.runInAsyncScope.bind(this, work, thisArg) as Work;
  // eslint-disable-next-line @typescript-eslint/no-this-alias -- the function has a `this` of its own.
  const resource = this;
  return function (...args) {
    return resource.runInAsyncScope(work, this, ...args);
  };
}
