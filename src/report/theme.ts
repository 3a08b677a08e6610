/** Colours of the terminal reports; none unless asked for. */

import { styleText } from 'node:util';
import type { HostStatus } from '../event.ts';

export type Style = 'ok' | 'changed' | 'skipped' | 'failed' | 'unreachable' | 'heading' | 'dim' | 'added' | 'removed';

/** Colours a text that has been made safe. */
export type Paint = (style: Style, text: string) => string;

const FORMATS: Readonly<Record<Style, Parameters<typeof styleText>[0]>> = {
  ok: 'green',
  changed: 'yellow',
  skipped: 'cyan',
  failed: 'red',
  unreachable: ['bold', 'red'],
  heading: 'bold',
  dim: 'dim',
  added: 'green',
  removed: 'red',
};

/** A painter that colours, or one that leaves text as it is. Whether to colour (TTY, NO_COLOR) is the caller's to know. */
export function createPaint(color: boolean): Paint {
  if (!color) return (_style, text) => text;
  return (style, text) => (text === '' ? '' : styleText(FORMATS[style], text, { validateStream: false }));
}

/** The style of a host's result; an ignored or rescued failure is no alarm. */
export function styleOf(result: { status: HostStatus; ignored?: boolean; rescued?: boolean }): Style {
  const isAlarm = result.status === 'failed' || result.status === 'unreachable';
  return isAlarm && (result.ignored || result.rescued) ? 'skipped' : result.status;
}
