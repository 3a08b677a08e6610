/** The containers that run, with what decides whether they run again after the daemon was stopped; pure. */

import { type Container, shortId } from '../docker/container.ts';
import type { ScriptLine } from '../docker/script.ts';

/** A container that runs, is paused, or is between two starts. */
export interface RunningContainer extends Container {
  /** `no`, `always`, `unless-stopped`, `on-failure`. */
  readonly restartPolicy: string;
  /** Ran with `--rm`: it is removed when it ends. */
  readonly autoRemove: boolean;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** The template of `inspect` whose JSON lines {@link parseRunning} reads. */
export const RUNNING_FORMAT = `[${[
  '.Id',
  '.Name',
  '.Config.Image',
  '.Image',
  '.Created',
  '.State.StartedAt',
  '.HostConfig.RestartPolicy.Name',
  '.HostConfig.AutoRemove',
  '.Config.Labels',
]
  .map((field) => `{{json ${field}}}`)
  .join(',')}]`;

/** The containers of `inspect` with {@link RUNNING_FORMAT}. */
export function parseRunning(stdout: string): RunningContainer[] {
  return stdout.split('\n').flatMap((line) => {
    const fields = line.startsWith('[') ? parsed(line) : undefined;
    if (!Array.isArray(fields)) return [];
    const [id, name, image, imageId, createdAt, startedAt, restartPolicy, autoRemove, labels] = fields as unknown[];
    return [containerOf({ id, name, image, imageId, createdAt, startedAt, restartPolicy, autoRemove, labels })];
  });
}

/** The containers of the lines `config ID` and `hostconfig ID`: the files that the daemon keeps of each. */
export function parseStored(lines: readonly ScriptLine[]): RunningContainer[] {
  const hosts = new Map(lines.filter(({ word }) => word === 'hostconfig').map((line) => [line.subject, line.text]));
  return lines.flatMap(({ word, subject, text }) => {
    if (word !== 'config') return [];
    const config = parsed(text) as StoredConfig | undefined;
    if (config?.ID !== subject) return [];
    const host = parsed(hosts.get(subject) ?? '') as StoredHostConfig | undefined;
    const { Name: name, Config, Image: imageId, Created: createdAt, State } = config;
    const { Image: image, Labels: labels } = Config ?? {};
    const { Name: restartPolicy } = host?.RestartPolicy ?? {};
    const startedAt = State?.StartedAt;
    const autoRemove = host?.AutoRemove;
    return [
      containerOf({ id: subject, name, image, imageId, createdAt, startedAt, restartPolicy, autoRemove, labels }),
    ];
  });
}

/** Why a container does not come back by itself; undefined: it does. */
export function reasonNotBack(container: RunningContainer): string | undefined {
  const { labels, autoRemove, restartPolicy } = container;
  if (Object.hasOwn(labels, 'io.kubernetes.pod.name')) return 'kubelet starts another in its place';
  if (Object.hasOwn(labels, 'com.docker.swarm.task.id')) return 'Swarm starts another in its place';
  if (autoRemove) return 'it ran with --rm and is removed when it ends';
  if (restartPolicy === 'always' || restartPolicy === 'unless-stopped') return undefined;
  return restartPolicy === 'on-failure'
    ? 'restart policy on-failure: only when it ended with an error'
    : 'it has no restart policy';
}

/** `4f1c0de9a2b7 (web-1, app:1)`. */
export function describeContainer({ id, name, image }: Container): string {
  return `${shortId(id)} (${name}, ${image})`;
}

interface StoredConfig {
  readonly ID?: string;
  readonly Name?: string;
  readonly Image?: string;
  readonly Created?: string;
  readonly Config?: { readonly Image?: string; readonly Labels?: Readonly<Record<string, string>> | null };
  readonly State?: { readonly StartedAt?: string };
}

interface StoredHostConfig {
  readonly RestartPolicy?: { readonly Name?: string };
  readonly AutoRemove?: boolean;
}

function containerOf(fields: Readonly<Record<string, unknown>>): RunningContainer {
  const { id, name, image, imageId, createdAt, startedAt, restartPolicy, autoRemove, labels } = fields;
  return {
    id: String(id),
    name: String(name ?? '').replace(/^\//, ''),
    image: String(image ?? ''),
    imageId: String(imageId ?? ''),
    state: 'running',
    createdAt: String(createdAt ?? ''),
    startedAt: String(startedAt ?? ''),
    restartPolicy: String(restartPolicy ?? '') || 'no',
    autoRemove: autoRemove === true,
    labels: typeof labels === 'object' && labels !== null ? (labels as Record<string, string>) : {},
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
