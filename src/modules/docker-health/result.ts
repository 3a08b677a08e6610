/** The result that a playbook sees; pure. */

import { assess } from './assess.ts';
import type { HealthOptions } from './options.ts';
import type { HealthReading, Probe } from './reading.ts';

/** The result of a reading. */
export function healthResult(reading: HealthReading, options: HealthOptions): Readonly<Record<string, unknown>> {
  const { status, reasons, faults } = assess(reading, options);
  const { engine, daemon, dataRoot, thinPool, kernel } = reading;
  return {
    msg: reasons.length === 0 ? status : `${status}: ${reasons.join('; ')}`,
    status,
    reasons,
    probes: Object.fromEntries(Object.entries(reading.probes).map(([name, probe]) => [name, probeEntry(probe)])),
    containers: reading.containers,
    hung_containers: reading.hungContainers,
    daemon: daemon === undefined ? null : { pid: daemon.pid, state: daemon.state, up_seconds: daemon.upSeconds },
    load: reading.load,
    cpus: reading.cpus,
    stuck_runc_init: reading.stuckRuncInit,
    uninterruptible: reading.uninterruptible,
    data_root:
      dataRoot === undefined
        ? null
        : {
            path: dataRoot.path,
            mount: dataRoot.mount,
            device: dataRoot.device,
            fstype: dataRoot.fstype ?? null,
            size_bytes: dataRoot.sizeBytes ?? null,
            used_percent: dataRoot.usedPercent ?? null,
            inodes_used_percent: dataRoot.inodesUsedPercent ?? null,
          },
    storage_driver: reading.storageDriver ?? null,
    thin_pool:
      thinPool === undefined
        ? null
        : { data_percent: thinPool.dataPercent ?? null, metadata_percent: thinPool.metadataPercent ?? null },
    live_restore: reading.liveRestore ?? null,
    versions: reading.versions,
    known_faults: faults,
    oom: { count: kernel.ooms, lines: kernel.oomLines },
    engine: { name: engine.kind, version: engine.version },
  };
}

function probeEntry({ cause, durationMs, text }: Probe): Readonly<Record<string, unknown>> {
  return { ok: cause === undefined, duration_ms: durationMs, ...(cause === undefined ? {} : { cause, message: text }) };
}
