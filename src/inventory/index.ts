/** The inventory: which hosts there are, in which groups, with which variables. */
export { globToRegExp } from './glob.ts';
export { type LoadOptions, loadInventory } from './load.ts';
export { hostsOfGroup, type SelectOptions, selectHosts } from './patterns.ts';
export { type RenderMode, type RenderOptions, renderInventory } from './render.ts';
