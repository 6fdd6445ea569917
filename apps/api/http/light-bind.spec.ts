import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { bindLightly } from './light-bind';

describe('a function that is bound lightly', () => {
  beforeAll(bindLightly);

  it('runs where its resource was made, with its own arguments and this', () => {
    const place = new AsyncLocalStorage<string>();
    const bound = place.run('inside', () =>
      new AsyncResource('test').bind(function (this: string, ...words: string[]) {
        return [place.getStore(), this, ...words];
      }),
    );
    expect(place.run('outside', () => bound.call('me', 'a', 'b'))).toEqual([
      'inside',
      'me',
      'a',
      'b',
    ]);
  });

  it('keeps the this it was bound with', () => {
    const self = function (this: unknown) {
      return this;
    };
    expect(AsyncResource.bind(self, 'test', 'me').call('other')).toBe('me');
  });

  it('has no deprecated property', () => {
    expect(AsyncResource.bind(() => undefined)).not.toHaveProperty('asyncResource');
  });
});
