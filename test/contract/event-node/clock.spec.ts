import { rawRead } from './raw-reads';
import { rawUnaryAppend } from './raw-writes';
import { newStream, startNodeUnderTest } from './support';
import type { NodeUnderTest } from './support';

let under: NodeUnderTest;
beforeAll(async () => (under = await startNodeUnderTest()));
afterEach(() => jest.restoreAllMocks());
afterAll(() => under.close());

const HOUR_MS = 3_600_000;
const begun = Date.now();
/** The node runs in this process: its clock is ours. */
const setClock = (hours: number) =>
  jest.spyOn(Date, 'now').mockImplementation(() => begun + hours * HOUR_MS);

test('given a clock that has been set back, when events are appended, then none is older than those before it', async () => {
  const stream = newStream();
  for (const hour of [20, 10]) {
    setClock(hour);
    await rawUnaryAppend(under.streams, { stream, events: [{}] });
  }
  const { messages } = await rawRead(under.streams, { stream });
  const created = messages.map(({ event }) => event?.getEvent()?.getMetadataMap().get('created'));
  expect(created).toEqual([created[0], created[0]]);
});
