import { rm } from 'node:fs/promises';
import { endLeftNodes, newFolder, spawnNode, spawnReadyNode, portOf } from './support';

let folder: string;
beforeEach(async () => (folder = await newFolder()));
afterEach(async () => {
  await endLeftNodes();
  await rm(folder, { recursive: true, force: true });
});

test('given a folder in use, when a second node is started on it, then it says so and exits with 1', async () => {
  const first = await spawnReadyNode(folder);
  const second = await spawnNode(folder);
  expect(second).toMatchObject({ failed: { code: 1 } });
  expect('failed' in second && second.failed.stderr).toContain(`in use by process ${first.pid}`);
  await first.end('SIGKILL');
  const third = await spawnReadyNode(folder);
  expect(await third.end('SIGINT')).toBe(0);
});

test('given a taken port, when a node is started on it, then it says so and exits with 1', async () => {
  const first = await spawnReadyNode(folder);
  const other = await newFolder();
  const second = await spawnNode(other, portOf(first.url));
  expect(second).toMatchObject({ failed: { code: 1 } });
  expect('failed' in second && second.failed.stderr).toContain('another program is using it');
  await first.end('SIGTERM');
  await rm(other, { recursive: true, force: true });
});
