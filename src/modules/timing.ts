/** Times as Ansible writes them into results. */

/** When a command ran: `start` and `end` in the controller's local time, `delta` as hours, minutes, seconds. */
export interface Timing {
  readonly start: string;
  readonly end: string;
  readonly delta: string;
}

/** The three fields from two instants in milliseconds since the epoch. */
export function formatTiming(startMs: number, endMs: number): Timing {
  return { start: formatTimestamp(startMs), end: formatTimestamp(endMs), delta: formatDelta(endMs - startMs) };
}

/** `2026-11-21 05:52:25.123000`, local time, microseconds. */
export function formatTimestamp(atMs: number): string {
  const date = new Date(atMs);
  const day = [date.getFullYear(), pad(date.getMonth() + 1), pad(date.getDate())].join('-');
  const time = [pad(date.getHours()), pad(date.getMinutes()), pad(date.getSeconds())].join(':');
  return `${day} ${time}.${microseconds(atMs)}`;
}

/** `0:01:05.004000`; a day and more is written `2 days, 0:00:00.000000`. */
export function formatDelta(durationMs: number): string {
  const seconds = Math.floor(durationMs / 1000);
  const days = Math.floor(seconds / 86_400);
  const clock = [Math.floor((seconds % 86_400) / 3600), pad(Math.floor((seconds % 3600) / 60)), pad(seconds % 60)].join(
    ':',
  );
  const prefix = days === 0 ? '' : `${days} ${days === 1 ? 'day' : 'days'}, `;
  return `${prefix}${clock}.${microseconds(durationMs)}`;
}

function microseconds(ms: number): string {
  return String(Math.floor((ms % 1000) * 1000)).padStart(6, '0');
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
