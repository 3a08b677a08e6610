import { registerFileTests } from './suites/file.ts';

registerFileTests({});
