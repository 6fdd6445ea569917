import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../apps/api/app';
import type { ApiDeps } from '../../apps/api/deps';

/** The api with nothing behind it: it has its routes, its document and its pages, and answers no command and no query. */
export const bareApp = (): Promise<NestFastifyApplication> =>
  createApp({ config: { tenant: 'default' } } as ApiDeps);
