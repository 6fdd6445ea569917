import { setTimeout as wait } from 'node:timers/promises';
import { FactsReader } from '../../../libs/application';
import { DEFAULT_LOCATION, location, locationStream } from '../../../libs/domain';
import { UNDECIDED } from '../../../libs/eventstore';
import { commandContext } from '../commands/context';
import type { ApiDeps } from '../deps';

/** The same at every start of every process, so that the location is registered once. */
const KEY = 'register-default-location';
const BODY = { code: DEFAULT_LOCATION, name: 'Main' };

/** Stock is at MAIN where nobody says where: it must be there. Tries until the event store answers. */
export async function registerMainLocation(deps: ApiDeps, signal: AbortSignal): Promise<void> {
  const { executor, config, logger } = deps;
  const facts = new FactsReader(executor, config.tenant);
  for (let delay = 50; ; delay = Math.min(delay * 2, 1_000)) {
    const headers = {
      key: KEY,
      keyIsOurs: false,
      actor: 'system',
      correlationId: KEY,
      causationId: undefined,
      dryRun: false,
    };
    const asked = {
      type: 'RegisterLocation',
      body: BODY,
      reason: undefined,
      effectiveAt: undefined,
    };
    const outcome = await executor.execute({
      definition: location,
      stream: locationStream(config.tenant, DEFAULT_LOCATION),
      command: { type: 'RegisterLocation', data: BODY },
      context: commandContext(headers, asked, config, deps.now()),
      facts: (fresh) => facts.locationFacts(null, fresh),
    });
    if (outcome.kind === 'accepted') return;
    const { code, detail } = outcome.refusal;
    // Somebody registered it before us; that one stands.
    if (!UNDECIDED.has(code)) return logger.debug({ code, detail }, KEY);
    await wait(delay, undefined, { signal });
  }
}
