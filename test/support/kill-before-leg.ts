import { FollowUps } from '../../libs/application';

/**
 * Loaded into a process before its program (node --require): kills it as a power cut would, right before it sends the
 * n-th leg of its commands. What it has appended until then stands; the program itself knows nothing of this.
 */
let left = Number(process.env.KILL_BEFORE_LEG ?? 0);

interface Sending {
  runOne: (this: unknown, ...args: readonly unknown[]) => Promise<unknown>;
}
const legs = FollowUps.prototype as unknown as Sending;
const { runOne } = legs;
legs.runOne = function (this: unknown, ...args) {
  if (left === 0) process.kill(process.pid, 'SIGKILL');
  left -= 1;
  return runOne.apply(this, args as never);
};
