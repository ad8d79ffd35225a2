import process from 'node:process';

/**
 * A warning of the process fails the run, as an unhandled rejection does: a listener too many or a timer out of range
 * is how leaks and lost wake-ups announce themselves.
 */
process.on('warning', (warning) => {
  throw new Error(`the process warned: ${warning.name}: ${warning.message}`, { cause: warning });
});
