/** The host's clock and time zone. */
import type { Facts, Gatherer } from './gatherer.ts';

export const dateTime: Gatherer = {
  name: 'date_time',
  group: 'min',
  script: `section date; date '+%s %z %Z %N'
`,
  parse(sections) {
    const [epoch = '', offset = '+0000', zone = '', nanoseconds = ''] = (sections.line('date') ?? '').split(' ');
    if (!/^\d+$/.test(epoch)) return {};
    return {
      date_time: describe(
        Number(epoch),
        offset,
        zone,
        /^\d{9}$/.test(nanoseconds) ? nanoseconds.slice(0, 6) : '000000',
      ),
    };
  },
};

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

function describe(epoch: number, offset: string, zone: string, micros: string): Facts {
  const sign = offset.startsWith('-') ? -1 : 1;
  const offsetSeconds = sign * (Number(offset.slice(1, 3)) * 3600 + Number(offset.slice(3, 5)) * 60);
  const utc = new Date(epoch * 1000).toISOString().slice(0, 19);
  const local = new Date((epoch + offsetSeconds) * 1000);
  const [date = '', time = ''] = local.toISOString().slice(0, 19).split('T');
  const [year = '', month = '', day = ''] = date.split('-');
  const [hour = '', minute = '', second = ''] = time.split(':');
  const basic = `${year}${month}${day}T${hour}${minute}${second}`;
  return {
    year,
    month,
    day,
    hour,
    minute,
    second,
    date,
    time,
    weekday: WEEKDAYS[local.getUTCDay()],
    weekday_number: String(local.getUTCDay()),
    weeknumber: weekNumber(local),
    epoch: String(epoch),
    epoch_int: String(epoch),
    iso8601: `${utc}Z`,
    iso8601_micro: `${utc}.${micros}Z`,
    iso8601_basic: `${basic}${micros}`,
    iso8601_basic_short: basic,
    tz: zone,
    tz_offset: offset,
  };
}

// Weeks of the year from its first Monday on, days before it in week 00: strftime's %W, which Ansible uses.
function weekNumber(local: Date): string {
  const dayOfYear = Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / 86_400_000);
  const daysSinceMonday = (local.getUTCDay() + 6) % 7;
  return String(Math.floor((dayOfYear + 7 - daysSinceMonday) / 7)).padStart(2, '0');
}
