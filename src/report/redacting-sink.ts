/** Keeps known secrets out of every report. */

import type { EventSink, HostFailure, RunEvent } from '../event.ts';
import type { Redactor } from '../util/redact.ts';

/**
 * A sink that passes events on with the secrets taken out of all text that comes from users and hosts: results, messages,
 * changes, labels, names of tasks. What identifies things (host names, ids, statuses) stays as it is, so that a secret that
 * equals a host's name cannot break the report. Events without a secret are passed on as they are, not copied.
 */
export function redactingSink(sink: EventSink, redactor: Redactor): EventSink {
  return {
    // Asked at each event: a run learns secrets while it goes on.
    onEvent: (event) => sink.onEvent(redactor.isEmpty ? event : redactEvent(event, redactor)),
    close: () => sink.close(),
  };
}

function redactEvent(event: RunEvent, redactor: Redactor): RunEvent {
  switch (event.type) {
    case 'play:start':
      return redactKeys(event, ['name'], redactor);
    case 'task:start': {
      const task = redactKeys(event.task, ['name'], redactor);
      return task === event.task ? event : { ...event, task };
    }
    case 'item:result':
      return redactKeys(event, ['label', 'result'], redactor);
    case 'host:result': {
      const redacted = redactKeys(event, ['result', 'changes'], redactor);
      if (event.failure === undefined) return redacted;
      const failure = redactKeys(withoutSecretLine(event.failure, redactor), ['message', 'hint'], redactor);
      return failure === event.failure ? redacted : { ...redacted, failure };
    }
    case 'play:end':
      return redactKeys(event, ['abortedBecause'], redactor);
    case 'warning':
      return redactKeys(event, ['message'], redactor);
    case 'run:end':
      return redactKeys(event, ['customStats'], redactor);
    default:
      return event;
  }
}

// A line that is no longer the file's has no place for a caret.
function withoutSecretLine(failure: HostFailure, redactor: Redactor): HostFailure {
  const { excerpt, ...others } = failure;
  return excerpt === undefined || redactor(excerpt) === excerpt ? failure : others;
}

function redactKeys<T extends object>(object: T, keys: readonly (keyof T)[], redactor: Redactor): T {
  let copy: T | undefined;
  for (const key of keys) {
    const value = redactValue(object[key], redactor);
    if (value === object[key]) continue;
    copy ??= { ...object };
    copy[key] = value as T[typeof key];
  }
  return copy ?? object;
}

// The same value when nothing in it is secret.
function redactValue(value: unknown, redactor: Redactor): unknown {
  if (typeof value === 'string') return redactor(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => redactValue(item, redactor));
    // A secret of several words may stand in a list of words, where no single one is it.
    if (items.every((item) => typeof item === 'string')) {
      const line = items.join(' ');
      const redacted = redactor(line);
      if (redacted !== line) return redacted.split(' ');
    }
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const redacted = entries.map(([key, item]) => [redactor(key), redactValue(item, redactor)] as const);
  const isSame = redacted.every(([key, item], index) => key === entries[index]?.[0] && item === entries[index]?.[1]);
  return isSame ? value : Object.fromEntries(redacted);
}
