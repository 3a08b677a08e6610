import { describe, expect, test } from 'vitest';
import { causeOf, reasonOf } from '../../../src/modules/docker/engine-error.ts';

const ID = 'fe022dd6cd8840bf1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7';

describe('causeOf', () => {
  test.each([
    // Docker 20.10
    ['already_gone', `Error: No such container: ${ID}`],
    ['in_progress', `Error response from daemon: removal of container ${ID} is already in progress`],
    [
      'running',
      `Error response from daemon: You cannot remove a running container ${ID}. Stop the container before attempting removal or force remove`,
    ],
    [
      'running',
      `Error response from daemon: You cannot remove a paused container ${ID}. Unpause and then stop the container before attempting removal or force remove`,
    ],
    [
      'not_permitted',
      `Error response from daemon: container ${ID}: driver "overlay2" failed to remove root filesystem: unlinkat /var/lib/docker/overlay2/1e62/diff/pinned: operation not permitted`,
    ],
    [
      'not_permitted',
      `Error response from daemon: unable to remove filesystem for ${ID}: unlinkat /var/lib/docker/containers/${ID}/hostname: operation not permitted`,
    ],
    [
      'busy',
      `Error response from daemon: driver "overlay" failed to remove root filesystem for ${ID}: remove /var/lib/docker/overlay/1e62/merged: device or resource busy`,
    ],
    ['busy', `Error response from daemon: Driver devicemapper failed to remove root filesystem ${ID}: Device is Busy`],
    [
      'busy',
      `Error response from daemon: Unable to remove filesystem for ${ID}: remove /var/lib/docker/containers/${ID}/shm: device or resource busy`,
    ],
    ['busy', `Error response from daemon: driver "overlay2" failed to remove root filesystem: something new`],
    [
      'storage_full',
      'Error response from daemon: devmapper: Thin Pool has 1024 free data blocks which is less than minimum required 2048 free data blocks. Create more free space in thin pool',
    ],
    ['storage_full', 'Error response from daemon: write /var/lib/docker/containers/x: no space left on device'],
    ['read_only', `Error response from daemon: unlinkat /var/lib/docker/overlay2/1e62/diff: read-only file system`],
    [
      'daemon_down',
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    ],
    ['daemon_down', 'error during connect: Get "http://docker/v1.24/containers/json": EOF'],
    [
      'no_permission',
      'Got permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.24/containers/json?all=1": dial unix /var/run/docker.sock: connect: permission denied',
    ],
    // Docker 28 and later
    ['already_gone', `Error response from daemon: No such container: ${ID}`],
    [
      'running',
      'Error response from daemon: cannot remove container "web": container is running: stop the container before removing or force remove',
    ],
    [
      'running',
      'Error response from daemon: cannot remove container "web": container is paused and must be unpaused first',
    ],
    [
      'not_permitted',
      'Error response from daemon: cannot remove container "web": driver "overlay2" failed to remove root filesystem: unlinkat /var/lib/docker/overlay2/1e62/diff/pinned: operation not permitted',
    ],
    [
      'no_permission',
      'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
    ],
    ['no_permission', 'permission denied while trying to connect to the docker API at unix:///var/run/docker.sock'],
    // podman 3 to 5
    ['already_gone', `Error: no container with name or ID "${ID}" found: no such container`],
    ['already_gone', `Error: no container with ID or name "${ID}" found: no such container`],
    [
      'running',
      `Error: cannot remove container ${ID} as it is running - running or paused containers cannot be removed without force: container state improper`,
    ],
    [
      'in_use',
      `Error: container ${ID} has dependent containers which must be removed before it: 0123: container already exists`,
    ],
    [
      'busy',
      `Error: removing storage for container "web": unmounting "/var/lib/containers/storage/overlay/1e62/merged": device or resource busy`,
    ],
    [
      'daemon_down',
      'Cannot connect to Podman. Please verify your connection to the Linux system using `podman system connection list`',
    ],
    ['error', 'Error response from daemon: something that nobody has seen'],
    ['error', ''],
  ])('%s: %s', (cause, text) => {
    expect(causeOf(1, text)).toBe(cause);
  });

  test.each([124, 137, 143])('status %i is a call that did not answer in time', (status) => {
    expect(causeOf(status, '')).toBe('hung');
  });
});

describe('reasonOf', () => {
  test('takes off what every reason begins with and joins lines', () => {
    expect(reasonOf('Error response from daemon: driver "overlay2"\n\tfailed\n')).toBe('driver "overlay2" failed');
    expect(reasonOf('Error: no such container')).toBe('no such container');
  });

  test('leaves out the notice of the podman shim', () => {
    const notice = 'Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.\n';
    expect(reasonOf(`${notice}Error: no such container`)).toBe('no such container');
  });

  test('cuts a reason that is too long', () => {
    expect(reasonOf('x'.repeat(2000))).toHaveLength(501);
  });
});
