import { performAppend, performRemoval } from './appends';
import { compareWrite } from './comparing';
import type { Write } from './operations';
import { appendRefusal, removalRefusal } from './refusals';
import type { Run } from './run-state';

/** Does a write on the node and on the model; answers the difference. */
export async function performWrite(run: Run, write: Write): Promise<string | undefined> {
  const { connection, names, model } = run;
  const expected = model.write(write);
  if (write.op === 'append') {
    const reply = await performAppend(connection, names, write);
    const isRaw = write.via.startsWith('raw');
    return compareWrite(model, expected, (no) => appendRefusal(write.via, no), reply, isRaw);
  }
  const reply = await performRemoval(connection, names, write);
  return compareWrite(model, expected, (no) => removalRefusal(write.via, no), reply, true);
}
