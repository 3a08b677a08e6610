/** Loaded before a program with `--import`: at its end the URLs of all files that it loaded are in the file LOADED_FILE. */
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const urls: string[] = [];
registerHooks({
  load(url, context, nextLoad) {
    urls.push(url);
    return nextLoad(url, context);
  },
});
process.on('exit', () => writeFileSync(process.env.LOADED_FILE ?? '', JSON.stringify(urls)));
