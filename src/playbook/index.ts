/** Playbooks: YAML text -> validated, positioned plays. Nothing is evaluated here and no host is touched. */

export { SourceText } from '../util/source-text.ts';
export { bareExpression } from './bare-expression.ts';
export { type ModuleCall, parseModuleArgs } from './call-text.ts';
export { DIFFERENCES, type Difference, NEWER_RULES, type NewerRule } from './differences.ts';
export { includeNames } from './includes.ts';
export { renderKeywordDocs } from './keyword-docs.ts';
export { type KeywordStatus, keywordStatuses } from './keywords.ts';
export { loadPlaybook } from './load.ts';
export { type Ahead, lookAhead } from './look-ahead.ts';
export { META_ACTIONS } from './meta.ts';
export { type ArgProblem, type CheckedArgs, validateArgs } from './module-args.ts';
export { ANSIBLE_MODULES } from './modules.ts';
export { type ImportPlaybook, parsePlaybook, parseVarsFile } from './parse.ts';
export { playbookDirOf, playbookDirsOf } from './playbook-dir.ts';
export { decryptedFiles, diskFiles } from './source-files.ts';
export { createSourcePlaces } from './source-places.ts';
export { roleRequest } from './task-includes.ts';
export { typedValue, type ValueSchema } from './typed-value.ts';
export { literalTemplate } from './yaml-node.ts';
