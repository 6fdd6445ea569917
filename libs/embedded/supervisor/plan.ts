import { join } from 'node:path';
import type { Config } from '../../runtime';
import { postgresUrl } from '../postgres';
import type { PartPlan } from './part';
import { checkPort, freePort } from './ports';

export type PartName = 'eventstore' | 'postgresql' | 'api' | 'projector';

/** Where the programs of the parts are; tests put stand-ins here. */
export type Scripts = Readonly<
  Record<PartName, { readonly script: string; readonly args?: readonly string[] }>
>;

export interface Plan {
  readonly parts: readonly PartPlan[];
  /** Stores that run elsewhere, to be named at the terminal. */
  readonly external: readonly { readonly title: string; readonly url: string }[];
  /** Where people find the api. */
  readonly url: string;
}

/** All ports and addresses are settled before anything runs, so that every part can be started at once. */
export async function makePlan(config: Config, scripts: Scripts): Promise<Plan> {
  const { dataFolder, host } = config;
  const apiPort = config.port || (await freePort());
  await checkPort(host, apiPort);
  const taken = new Set([apiPort, config.projectorPort]);
  const nextPort = async (): Promise<number> => {
    const port = await freePort(taken);
    taken.add(port);
    return port;
  };
  const nodePort = await nextPort();
  const databasePort = await nextPort();
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    EVENTSTORE_URL: config.eventstoreUrl ?? `esdb://127.0.0.1:${nodePort}?tls=false`,
    DATABASE_URL: config.databaseUrl ?? (await postgresUrl(dataFolder, databasePort)),
    HOST: host,
    PORT: String(apiPort),
    PROJECTOR_PORT: String(config.projectorPort || (await nextPort())),
    LOTSTREAM_DATA: dataFolder,
  };
  const part = (
    name: PartName,
    title: string,
    role: PartPlan['role'],
    args: readonly string[],
  ): PartPlan => ({
    name,
    title,
    role,
    script: scripts[name].script,
    args: [...(scripts[name].args ?? []), ...args],
    env,
    log: join(dataFolder, 'logs', `${name}.log`),
  });
  const nodeFolder = join(dataFolder, 'eventstore');
  const nodeArgs = ['--port', String(nodePort), '--data', nodeFolder];
  if (config.hostileSeed !== undefined) nodeArgs.push('--hostile', String(config.hostileSeed));
  const databaseArgs = ['--port', String(databasePort), '--data', dataFolder];
  databaseArgs.push('--log-level', config.logLevel);
  const { eventstoreUrl, databaseUrl } = config;
  return {
    parts: [
      ...(eventstoreUrl ? [] : [part('eventstore', 'event node', 'store', nodeArgs)]),
      ...(databaseUrl ? [] : [part('postgresql', 'PostgreSQL', 'store', databaseArgs)]),
      part('api', 'api', 'edge', []),
      part('projector', 'projector', 'edge', []),
    ],
    external: [
      ...(eventstoreUrl ? [{ title: 'event store', url: eventstoreUrl }] : []),
      ...(databaseUrl ? [{ title: 'PostgreSQL', url: databaseUrl }] : []),
    ],
    url: `http://${reachable(host)}:${apiPort}`,
  };
}

/** What to type into a browser on this machine for an address that is listened on. */
const reachable = (host: string): string => {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};
