/** Runs `stop` once on SIGINT, SIGTERM or when the parent that spawned us with an IPC channel is gone, then exits. */
export function onShutdown(stop: (signal: string) => Promise<void>, graceMs = 10_000): void {
  let stopping = false;
  const begin = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    // A part that hangs while stopping must not keep the others waiting for ever.
    setTimeout(() => process.exit(1), graceMs).unref();
    stop(signal).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', () => begin('SIGINT'));
  process.on('SIGTERM', () => begin('SIGTERM'));
  if (process.channel) process.on('disconnect', () => begin('parent gone'));
}
