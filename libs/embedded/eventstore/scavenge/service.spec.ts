import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '../../../runtime';
import { openNode, type OpenNode } from '../open-node';
import { dataOf } from '../log/record';
import { historyOf } from './history';
import { openScavenges } from './service';

let folder: string;
let opened: OpenNode;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'scavenge-service-'));
  opened = await openNode({ dataFolder: folder, logger: createLogger('test', 'silent') });
});
afterEach(async () => {
  await opened.close();
  await rm(folder, { recursive: true, force: true });
});

/** Stops a scavenge of an empty log while it hands over its nth write; what was answered, and what its history says. */
async function stoppedAt(write: number) {
  const { node } = opened;
  let [written, answer, id] = [0, false, ''];
  const submit: typeof node.writer.submit = (request) => {
    written += 1;
    if (written === write) answer = scavenges.stop(id);
    node.writer.submit(request);
  };
  const scavenges = openScavenges({ ...node, writer: { ...node.writer, submit } }, () => 'here');
  ({ id } = scavenges.start());
  while (scavenges.progress()) await new Promise(setImmediate);
  const head = node.store.head(historyOf(id));
  const last = head && node.store.event(head.number, head.last);
  return { answer, history: last && dataOf(last.row).toString() };
}

// The writes are the history's metadata, its start and its end.
test('given a scavenge that begins, when it is stopped, then its history says so', async () => {
  const { answer, history } = await stoppedAt(2);
  expect(answer).toBe(true);
  expect(history).toContain('"result":"Stopped"');
});

test('given a scavenge that records its end, when it is stopped, then it is too late, as its history says', async () => {
  const { answer, history } = await stoppedAt(3);
  expect(answer).toBe(false);
  expect(history).toContain('"result":"Success"');
});
