import { rawSubscribe } from './raw-reads';
import { rawUnaryAppend } from './raw-writes';
import { newStream, startNodeUnderTest } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterAll(() => under.close());

const TOTAL = 60;
const FIRST_SUBSCRIPTION = 10;

test.each([
  ['the stream', (stream: string) => ({ stream })],
  ['the log', () => ({})],
])(
  'given one append after the other, when %s is subscribed to meanwhile, then nothing is lost or repeated at the switch to live events',
  async (_what, read) => {
    const stream = newStream();
    const readings = [];
    for (let i = 0; i < TOTAL; i += 1) {
      if (i >= FIRST_SUBSCRIPTION && i % 10 === 0) {
        readings.push(rawSubscribe(under.streams, read(stream)));
      }
      await rawUnaryAppend(under.streams, { stream, events: [{}] });
    }
    const newest = `${stream}/${TOTAL - 1} StockReceived`;
    for (const reading of readings) {
      await reading.reaches(newest);
      const own = reading.texts().filter((text) => text.startsWith(`${stream}/`));
      expect(own).toEqual(Array.from({ length: TOTAL }, (_, i) => `${stream}/${i} StockReceived`));
      reading.cancel();
    }
  },
);
