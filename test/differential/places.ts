/** Where the differential tests have their parts. */

import { fileURLToPath } from 'node:url';

/** The folder of the playbooks; both programs run in it. */
export const PLAYBOOKS = fileURLToPath(new URL('./playbooks', import.meta.url));
/** What Ansible gave, one file a playbook. */
export const ORACLE = fileURLToPath(new URL('./oracle', import.meta.url));
/** Holds the Python module that records what Ansible reads. */
export const RECORDER = fileURLToPath(new URL('./recorder', import.meta.url));
/** Ours keeps its compiled text here, for all playbooks and runs. */
export const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/differential', import.meta.url));
export const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
