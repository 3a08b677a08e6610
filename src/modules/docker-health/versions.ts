/** The versions of an engine's parts: as the daemon tells them, or else the commands. */

import type { Engine } from '../docker/engine.ts';
import type { ScriptLine } from '../docker/script.ts';
import type { Component } from './known-faults.ts';
import type { Probe } from './reading.ts';

/** Of each part that is known. */
export type Versions = Readonly<Partial<Record<Component | 'client', string>>>;

/**
 * The versions.
 *
 * @param probe - `version --format '{{json .Server}}'`
 * @param infoVersion - the engine's version as `info` has it
 */
export function parseVersions(
  lines: readonly ScriptLine[],
  probe: Probe | undefined,
  client: Engine,
  infoVersion: string | undefined,
): Versions {
  const versions: Partial<Record<Component | 'client', string>> = { client: client.version };
  for (const { word, subject, text } of lines) {
    const version = /(?:^|\s)v?(\d+\.\d+\S*)/.exec(text)?.[1];
    if (word === 'component' && version !== undefined) versions[subject as Component] = version;
  }
  const server = probe?.cause === undefined ? serverOf(probe?.text) : undefined;
  const engine = textOf(server?.Version) ?? infoVersion ?? (client.kind === 'podman' ? client.version : undefined);
  if (engine !== undefined) versions.engine = engine;
  const components: unknown[] = Array.isArray(server?.Components) ? server.Components : [];
  for (const each of components) {
    const { Name: name, Version: version } = (each ?? {}) as { Name?: unknown; Version?: unknown };
    const text = textOf(version);
    if ((name === 'containerd' || name === 'runc') && text !== undefined) versions[name] = text.replace(/^v/, '');
  }
  return versions;
}

function serverOf(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const json = text?.slice(text.indexOf('{')).trim();
  try {
    const server: unknown = JSON.parse(json ?? '');
    return typeof server === 'object' && server !== null ? (server as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
