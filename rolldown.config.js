/**
 * Joins what the command line loads into a few files: loading 270 small ones of our own and 160 of packages costs most of
 * the start-up. CommonJS, because Node runs that sooner: an `import` of a module of Node's reads all of its lazy exports.
 * Packages with native parts, and those that few runs load, stay outside.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';

const INSIDE = ['commander', 'node-ssh', 'p-limit', 'ssh-config', 'yaml'];

export default {
  input: 'dist/cli/main.js',
  platform: 'node',
  external: (id, importer) => {
    if (isBuiltin(id) || /^ssh2(\/|$)/.test(id)) return true;
    const isPackage = /^[^./]/.test(id);
    return isPackage && !INSIDE.includes(id.split('/')[0]) && !importer?.includes('/node_modules/');
  },
  plugins: [{ name: 'licences', generateBundle: emitLicences }],
  output: { dir: 'dist/bin', format: 'cjs', entryFileNames: 'fleetmend.cjs', chunkFileNames: '[name].cjs' },
};

/** Their licences ask that their text goes wherever the code goes. */
function emitLicences() {
  const folders = [...this.getModuleIds()].flatMap(
    (id) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [],
  );
  const texts = [...new Set(folders)]
    .filter(existsSync)
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
      const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
      const text = file === undefined ? `Licence: ${license}` : readFileSync(`${folder}/${file}`, 'utf8').trim();
      return `${name} ${version}\n\n${text}\n`;
    });
  const source = `The files beside this one hold code of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
  this.emitFile({ type: 'asset', fileName: 'LICENSES.txt', source });
}
