/** Mounted file systems and their sizes; a file system that does not answer is listed without. */
import type { Facts, Gatherer } from './gatherer.ts';

export const mounts: Gatherer = {
  name: 'mounts',
  group: 'hardware',
  // Local file systems are asked in this shell. Those that can hang are asked each by itself, all at once, and bounded;
  // where nothing can bound them they are not asked.
  script: `section mounts; head -n 500 /proc/mounts
section binds
head -n 500 /proc/self/mountinfo 2>/dev/null | while read -r id parent device root point rest; do
  [ "$root" = / ] || printf '%s\\n' "$point"
done
section sizes
n=0
head -n 500 /proc/mounts 2>/dev/null | {
  while read -r device point type rest; do
    n=$((n + 1))
    case $device in /*|*:/*|*:) ;; *) continue ;; esac
    case $point in *\\\\*) point=$(printf '%b' "$(printf '%s' "$point" | sed 's/\\\\\\([0-7][0-7][0-7]\\)/\\\\0\\1/g')") ;; esac
    case $device:$type in
      *:nfs*|*:cifs|*:smb*|*:fuse*|*:ceph|*:gluster*|*:9p|*:afs|*:autofs|*:lustre|*:ncpfs|//*)
        { line=$(bounded stat -f -c '%S %b %a %c %d' -- "$point" 2>/dev/null) && printf '%s %s\\n' "$n" "$line"; } & ;;
      *) line=$(stat -f -c '%S %b %a %c %d' -- "$point" 2>/dev/null) && printf '%s %s\\n' "$n" "$line" ;;
    esac
  done
  wait
}
`,
  parse(sections) {
    const sizes = new Map(
      sections.lines('sizes').map((line) => [Number(line.split(' ')[0]), line.split(' ').slice(1).map(Number)]),
    );
    const binds = new Set(sections.lines('binds'));
    const list: Facts[] = [];
    for (const [index, line] of sections.lines('mounts').entries()) {
      const words = line.split(' ');
      const [device = '', mount = '', fstype = '', flags = ''] = words.map(unescapeOctal);
      if (!(device.startsWith('/') || device.includes(':/')) || fstype === 'none') continue;
      // A part of a file system, mounted by itself: as Ansible has it.
      const options = binds.has(words[1] ?? '') && !flags.split(',').includes('bind') ? `${flags},bind` : flags;
      list.push({ mount, device, fstype, options, uuid: 'N/A', ...sizeFacts(sizes.get(index + 1)) });
    }
    return { mounts: list };
  },
};

function sizeFacts(numbers: readonly number[] | undefined): Facts {
  if (numbers === undefined) return {};
  const [blockSize = 0, total = 0, available = 0, inodes = 0, inodesFree = 0] = numbers;
  return {
    size_total: blockSize * total,
    size_available: blockSize * available,
    block_size: blockSize,
    block_total: total,
    block_available: available,
    block_used: total - available,
    inode_total: inodes,
    inode_available: inodesFree,
    inode_used: inodes - inodesFree,
  };
}

// The kernel writes blanks and backslashes in names as \ooo.
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
