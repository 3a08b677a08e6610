import { expect, it } from 'vitest';
import { runCli, testFolder } from './run-cli.ts';

it('the demo names the dead containers, removes them, and finds nothing left; one host hangs and one is down', async () => {
  const dir = await testFolder();
  const run = await runCli(['demo'], { cwd: dir, env: { TMPDIR: dir } });
  expect(run.code, run.stdout + run.stderr).toBe(0);
  const [, planned = '', done = '', again = ''] = run.stdout.split(/^-{72}$/m);
  expect(planned).toContain('would change: demo1 => would remove 2 dead containers');
  expect(planned).toContain('(web-1, dead, example/app:1');
  expect(done).toContain('removed 2 dead containers');
  expect(again).toContain('ok: demo[1-3] (3 hosts)');
  for (const step of [planned, done, again]) {
    expect(step).toContain('docker on demo4 did not answer `ps` within 2 s; the daemon may be hung');
    expect(step).toMatch(/demo5 => Connection refused by 127\.0\.0\.1:\d+/);
  }
  expect(run.stdout).toContain('Dead containers left on the hosts that answer: 0.');
});
