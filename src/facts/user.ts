/** Who the task runs as, and its environment. */
import type { Facts, Gatherer } from './gatherer.ts';

export const user: Gatherer = {
  name: 'user',
  group: 'min',
  script: `section ids; id -ru; id -rg; id -u; id -g; id -un 2>/dev/null
section passwd; uid=$(id -u); { have getent && bounded getent passwd "$uid"; } || grep "^[^:]*:[^:]*:$uid:" /etc/passwd
`,
  parse(sections) {
    const [realUid = '', realGid = '', uid = '', gid = '', name = uid] = sections.lines('ids');
    const [, , , , gecos, home, shell] = (sections.line('passwd') ?? '').split(':');
    return {
      user_id: name,
      user_uid: Number(uid),
      user_gid: Number(gid),
      real_user_id: Number(realUid),
      real_group_id: Number(realGid),
      effective_user_id: Number(uid),
      effective_group_id: Number(gid),
      ...(home === undefined ? {} : { user_gecos: gecos, user_dir: home, user_shell: shell }),
    };
  },
};

export const env: Gatherer = {
  name: 'env',
  group: 'min',
  // Values may hold line ends: NUL and line end change places with what cannot be in them.
  script: `section env; if [ -r /proc/self/environ ]; then cat /proc/self/environ | tr '\\n\\000' '\\001\\n'; else env; fi
`,
  parse(sections) {
    const variables: Facts = {};
    for (const line of sections.lines('env')) {
      const at = line.indexOf('=');
      if (at > 0 && !OURS.has(line.slice(0, at)))
        variables[line.slice(0, at)] = line.slice(at + 1).replaceAll('\u0001', '\n');
    }
    return { env: variables };
  },
};

// Set by the shell that runs the script.
const OURS: ReadonlySet<string> = new Set(['_']);
