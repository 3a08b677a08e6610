import { registerCopyTests } from './suites/copy.ts';

registerCopyTests({});
