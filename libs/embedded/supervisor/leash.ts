/**
 * Loaded into every part before anything else: when the supervisor is gone, however it ended, the part ends too, even
 * one that is still loading its modules and has not come to its own handling of that.
 */
process.on('disconnect', () => {
  // Unhandled, this ends the process; handled, the part stops as it does for any SIGTERM.
  process.kill(process.pid, 'SIGTERM');
  setTimeout(() => process.exit(1), GIVE_UP_MS).unref();
});

const GIVE_UP_MS = 60_000;
