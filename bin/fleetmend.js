#!/usr/bin/env node
// Plain JavaScript of the oldest kind, so that an old Node can still say what is wrong.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `fleetmend needs Node 24 or newer, this is ${process.version} (${process.execPath}). Install Node 24, or run it through npx in a folder that has the npm package 'node@24'.\n`,
  );
  process.exit(1);
}
(await import('node:module')).enableCompileCache?.();
await import('../dist/bin/fleetmend.js');
