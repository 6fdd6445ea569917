import type { Postgres } from './connection';

/** A command that was refused; a retry is decided anew, so this is for people only. */
export interface RefusedCommand {
  /** ISO-8601 UTC. */
  readonly refusedAt: string;
  readonly tenant: string;
  readonly actor: string;
  readonly commandId: string;
  readonly commandType: string;
  readonly stream: string;
  readonly code: string;
  readonly detail: string;
}

export async function recordRefusals(
  postgres: Postgres,
  refused: readonly RefusedCommand[],
): Promise<void> {
  if (refused.length === 0) return;
  const column = (name: keyof RefusedCommand): string[] =>
    refused.map((one) => one[name].replaceAll('\0', '\uFFFD'));
  await postgres.query(
    `INSERT INTO control.refusals
       (refused_at, tenant, actor, command_id, command_type, stream, code, detail)
     SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[],
       $7::text[], $8::text[])`,
    [
      column('refusedAt'),
      column('tenant'),
      column('actor'),
      column('commandId'),
      column('commandType'),
      column('stream'),
      column('code'),
      column('detail'),
    ],
  );
}
