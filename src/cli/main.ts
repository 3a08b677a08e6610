/** The process: argv in, exit code out. */

import { processIo } from './io.ts';
import { runCli } from './program.ts';

// Stays if Node finds nothing left to wait for before the command is done, as when a module waits for ever at its top.
process.exitCode = 13;
void runCli(process.argv.slice(2), processIo()).then((exitCode) => {
  process.exitCode = exitCode;
});
