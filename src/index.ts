/** The library's public surface. What is not exported here may change at any time. */

export type { ConnectionDefaults, EngineOptions } from './engine/options.ts';
export { type RunResult, runPlaybooks } from './engine/run.ts';
export type { Diagnostic, ErrorCode, Position } from './errors.ts';
export {
  DiagnosticsError,
  FleetmendError,
  formatDiagnostic,
  InventoryError,
  ModuleError,
  TemplateError,
  TransportError,
  UsageError,
} from './errors.ts';
export type { EventSink, HostResultEvent, HostStats, HostStatus, RunEvent } from './event.ts';
export { type LoadOptions, loadInventory, renderInventory, selectHosts } from './inventory/index.ts';
export type { Group, Host, Inventory } from './inventory/types.ts';
export type { Module, ModuleContext, ModuleSpec, Outcome, Plan } from './modules/contract.ts';
export { defineModule } from './modules/contract.ts';
export { findModule, moduleCatalog, moduleNames } from './modules/registry.ts';
export { loadPlaybook, parsePlaybook } from './playbook/index.ts';
export type { ModuleCatalog, Play, Playbook, Task } from './playbook/types.ts';
export {
  createJsonReport,
  createJunitReport,
  createNdjsonReport,
  createTerminalReport,
  redactingSink,
  replayEvents,
} from './report/index.ts';
export { acquireLock, type Lock } from './schedule/index.ts';
export { createDockerTransport } from './transport/docker/docker-transport.ts';
export type { Connection, ExecRequest, ExecResult, Target, Transport } from './transport/index.ts';
export { createLocalTransport, createSshTransport } from './transport/index.ts';
export { createOpensshTransport } from './transport/openssh/openssh-transport.ts';
export { createRedactor } from './util/redact.ts';
export { Secret } from './util/secret.ts';
