/** Processors, memory, load, uptime, firmware. */
import type { Facts, Gatherer } from './gatherer.ts';

export const processor: Gatherer = {
  name: 'processor',
  group: 'hardware',
  // Only the lines that are read: with hundreds of processors the file is long.
  script: `section cpuinfo; grep -E '^(processor|vendor_id|model name|Processor|physical id|siblings|core id|cpu cores)[[:space:]]*:' /proc/cpuinfo 2>/dev/null
section nproc; nproc 2>/dev/null
`,
  parse(sections) {
    const names: string[] = [];
    const sockets = new Map<string, { cores: number; siblings: number }>();
    let socket = '';
    let count = 0;
    for (const line of sections.lines('cpuinfo')) {
      const at = line.indexOf(':');
      const key = line.slice(0, at).trim();
      const value = line.slice(at + 1).trim();
      if (key === 'processor') count++;
      if (key === 'processor' || key === 'vendor_id' || key === 'model name' || key === 'Processor') names.push(value);
      if (key === 'physical id') {
        socket = value;
        sockets.set(socket, sockets.get(socket) ?? { cores: 1, siblings: 1 });
      }
      const current = sockets.get(socket);
      if (current !== undefined && key === 'cpu cores') current.cores = Number(value);
      if (current !== undefined && key === 'siblings') current.siblings = Number(value);
    }
    const first = sockets.values().next().value ?? { cores: 1, siblings: 1 };
    // Where the kernel does not tell sockets (ARM), each processor counts as one.
    const sets = sockets.size === 0 ? count : sockets.size;
    const threads = Math.max(1, Math.floor(first.siblings / first.cores));
    return {
      processor: names,
      processor_count: sets,
      processor_cores: first.cores,
      processor_threads_per_core: threads,
      processor_vcpus: sets * first.cores * threads,
      processor_nproc: Number(sections.line('nproc') ?? count),
    };
  },
};

export const memory: Gatherer = {
  name: 'memory',
  group: 'hardware',
  script: `show meminfo /proc/meminfo
`,
  parse(sections) {
    const kib = new Map<string, number>();
    for (const line of sections.lines('meminfo')) {
      const match = /^(\w+):\s+(\d+)/.exec(line);
      if (match?.[1] !== undefined) kib.set(match[1], Number(match[2]));
    }
    const mb = (name: string) => Math.floor((kib.get(name) ?? 0) / 1024);
    const noCacheFree = mb('MemFree') + mb('Cached') + mb('Buffers');
    return {
      memtotal_mb: mb('MemTotal'),
      memfree_mb: mb('MemFree'),
      swaptotal_mb: mb('SwapTotal'),
      swapfree_mb: mb('SwapFree'),
      memory_mb: {
        real: { total: mb('MemTotal'), used: mb('MemTotal') - mb('MemFree'), free: mb('MemFree') },
        nocache: { free: noCacheFree, used: mb('MemTotal') - noCacheFree },
        swap: {
          total: mb('SwapTotal'),
          free: mb('SwapFree'),
          used: mb('SwapTotal') - mb('SwapFree'),
          cached: mb('SwapCached'),
        },
      },
    };
  },
};

export const load: Gatherer = {
  name: 'loadavg',
  group: 'min',
  script: `show loadavg /proc/loadavg
show cmdline /proc/cmdline
`,
  parse(sections) {
    const [one = '', five = '', fifteen = ''] = (sections.line('loadavg') ?? '').split(' ');
    const words = (sections.line('cmdline') ?? '').split(/\s+/).filter((word) => word !== '');
    return {
      loadavg: { '1m': Number(one), '5m': Number(five), '15m': Number(fifteen) },
      cmdline: Object.fromEntries(words.map(splitOption)),
    };
  },
};

function splitOption(word: string): readonly [string, unknown] {
  const at = word.indexOf('=');
  return at < 0 ? [word, true] : [word.slice(0, at), word.slice(at + 1)];
}

export const machine: Gatherer = {
  name: 'hardware',
  group: 'hardware',
  script: `show uptime /proc/uptime
for name in bios_date bios_vendor bios_version board_name board_serial board_vendor board_version chassis_serial chassis_vendor \\
  chassis_version product_name product_serial product_uuid product_version sys_vendor; do
  if read -r value 2>/dev/null <"/sys/class/dmi/id/$name"; then section "dmi_$name"; printf '%s\\n' "$value"; fi
done 2>/dev/null
`,
  parse(sections) {
    const facts: Facts = {};
    for (const name of DMI)
      facts[name] = sections.line(`dmi_${name === 'system_vendor' ? 'sys_vendor' : name}`) ?? 'NA';
    const uptime = sections.line('uptime');
    return { ...(uptime === undefined ? {} : { uptime_seconds: Math.floor(Number(uptime.split(' ')[0])) }), ...facts };
  },
};

const DMI = [
  'bios_date',
  'bios_vendor',
  'bios_version',
  'board_name',
  'board_serial',
  'board_vendor',
  'board_version',
  'chassis_serial',
  'chassis_vendor',
  'chassis_version',
  'product_name',
  'product_serial',
  'product_uuid',
  'product_version',
  'system_vendor',
] as const;
