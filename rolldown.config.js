/**
 * Joins our own compiled files into a few for the command line: loading 270 small ones costs half of the start-up.
 * Packages stay outside, where their licences and their native parts are.
 */
export default {
  input: 'dist/cli/main.js',
  platform: 'node',
  external: [/^[^./]/],
  output: { dir: 'dist/bin', format: 'esm', entryFileNames: 'fleetmend.js', chunkFileNames: '[name].js' },
};
