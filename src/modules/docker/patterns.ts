/** What the user's names, images and labels match. */

import { globPattern, type PythonPattern, pythonPattern } from '../python-pattern.ts';
import type { Container } from './container.ts';

/** Whether a container is meant. */
export type Matcher = (container: Container) => boolean;

/** A rule with its words, for the reason why a container is kept. */
export interface Rule {
  /** `name db-*`, `label keep=1`. */
  readonly words: string;
  readonly matches: Matcher;
}

/** One rule for each pattern on the container's name: a glob, or a regular expression after `~`. */
export function nameRules(patterns: readonly string[], argument: string): Rule[] {
  return patterns.map((pattern) => {
    const compiled = patternOf(pattern, argument);
    return { words: `name ${pattern}`, matches: (container) => compiled.search(container.name) !== null };
  });
}

/**
 * One rule for each pattern on the container's image. It may name the whole reference, the reference without its tag
 * or digest (`rancher/agent`), without Docker Hub's registry or `localhost` (podman always writes one), or the image's ID.
 */
export function imageRules(patterns: readonly string[], argument: string): Rule[] {
  return patterns.map((pattern) => {
    const compiled = patternOf(pattern, argument);
    return {
      words: `image ${pattern}`,
      matches: (container) => imageNames(container).some((name) => compiled.search(name) !== null),
    };
  });
}

/** One rule for each `key` (whatever its value) or `key=value` (exactly). */
export function labelRules(labels: readonly string[]): Rule[] {
  return labels.map((label) => {
    const equals = label.indexOf('=');
    const key = equals < 0 ? label : label.slice(0, equals);
    const value = equals < 0 ? undefined : label.slice(equals + 1);
    const matches: Matcher = ({ labels: own }) =>
      Object.hasOwn(own, key) && (value === undefined || own[key] === value);
    return { words: `label ${label}`, matches };
  });
}

/** Whether kubelet owns the container: its garbage collection must be left alone. */
export function isKubernetesManaged(container: Container): boolean {
  return Object.hasOwn(container.labels, 'io.kubernetes.pod.name') || container.name.startsWith('k8s_');
}

function patternOf(pattern: string, argument: string): PythonPattern {
  return pattern.startsWith('~')
    ? pythonPattern(argument, pattern.slice(1))
    : globPattern(argument, new RegExp(`^${globSource(pattern)}$`, 's'));
}

// `*` and `?` match a slash too: an image's name is no path. A `[` that is never closed is an ordinary character.
function globSource(glob: string): string {
  let source = '';
  for (let i = 0; i < glob.length; i++) {
    const char = glob[i] ?? '';
    const close = char === '[' ? glob.indexOf(']', i + 2) : -1;
    if (char === '*') source += '.*';
    else if (char === '?') source += '.';
    else if (close > 0) {
      const body = glob.slice(i + 1, close).replace(/[\\[\]]/g, '\\$&');
      source += `[${body.startsWith('!') ? `^${body.slice(1)}` : body}]`;
      i = close;
    } else source += char.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  }
  return source;
}

function imageNames(container: Container): string[] {
  const full = container.image;
  const local = full.replace(/^(docker\.io\/(library\/)?|localhost\/)/, '');
  const names = new Set([full, local]);
  for (const name of [full, local]) names.add(name.replace(/@.*$/, '').replace(/:[^:/]*$/, ''));
  names.add(container.imageId);
  names.add(container.imageId.replace(/^sha256:/, ''));
  return [...names];
}
