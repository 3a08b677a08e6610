// Loaded into the program before itself: writes down which sockets are still open when it ends.
import { readdirSync, readlinkSync, writeFileSync } from 'node:fs';

process.on('exit', () => {
  const sockets = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      // The first three are the pipes to the test.
      return Number(fd) > 2 && readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:') ? [fd] : [];
    } catch {
      return [];
    }
  });
  writeFileSync(process.env.OPEN_AT_EXIT, JSON.stringify(sockets));
});
