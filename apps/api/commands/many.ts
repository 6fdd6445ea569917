import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DomainEvent } from '../../../libs/domain';
import { type CommandHeaders, readHeaders, refuseOfOneCommand } from './context';
import type { Accepted } from './dispatch';

/** What became of the commands that one request stands for. */
export interface ManyDecided {
  readonly told: object;
  readonly accepted: readonly Pick<Accepted<DomainEvent>, 'replayed'>[];
}

/** Answers a request that stands for many commands, whose keys are below its own. */
export async function answerMany(
  request: FastifyRequest,
  reply: FastifyReply,
  work: (headers: CommandHeaders) => Promise<ManyDecided>,
): Promise<void> {
  const headers = readHeaders(request);
  refuseOfOneCommand(headers);
  void reply.header('idempotency-key', headers.key);
  const { told, accepted } = await work(headers);
  // Everything that it tells of had been written by an earlier attempt.
  if (accepted.length > 0 && accepted.every(({ replayed }) => replayed)) {
    void reply.header('idempotent-replayed', 'true');
  }
  void reply.status(200).send(told);
}
