#!/usr/bin/env node
// Plain JavaScript of the oldest kind, so that an old Node can still say what is wrong.
if (Number(process.versions.node.split('.')[0]) < 24) {
  process.stderr.write(
    `fleetmend needs Node 24 or newer, this is ${process.version} (${process.execPath}). Install Node 24, or run it through npx in a folder that has the npm package 'node@24'.\n`,
  );
  process.exit(1);
}
// Compiled code is kept in the user's own folder: the default, a shared temporary one, could be filled by somebody else.
const { HOME: home, XDG_CACHE_HOME: cache = `${home}/.cache` } = process.env;
if (require('node:fs').existsSync(cache)) {
  require('node:module').enableCompileCache(`${cache}/fleetmend`);
}
require('../dist/bin/fleetmend.cjs');
