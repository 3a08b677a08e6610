/** Connections from their beginning to their end, good or bad. */
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { DEADLINE_MS, isGoneWithin, type Place, textAppears } from './place.ts';

export function registerLifecycleTests(place: Place): void {
  test('a connection is open and knows its target', () => {
    expect(place.connection.isOpen).toBe(true);
    expect(place.connection.target.name).toBe('testhost');
  });

  test('nothing is connected for a signal that fired before', async () => {
    const connecting = place.fixture.connect(AbortSignal.abort());
    await expect(connecting).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });

  test('preparing is harmless, however often and whenever', async () => {
    for (let i = 0; i < 20; i++) place.connection.prepare(undefined);
    const running = place.exec('sleep 1; echo one');
    place.connection.prepare(undefined);
    expect((await running).stdout).toBe('one\n');
    place.connection.prepare(undefined);
    await place.connection.close();
    place.connection.prepare(undefined);
  });

  test('nothing runs on a closed connection', async () => {
    await place.connection.close();
    expect(place.connection.isOpen).toBe(false);
    await expect(place.exec('true')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await expect(place.exec('true', { raw: true })).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await expect(place.upload(place.path('x'), Buffer.from('x'))).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await expect(place.download(place.path('x'))).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
  });

  test('closing is idempotent, also at the same time', async () => {
    await Promise.all([place.connection.close(), place.connection.close()]);
    await place.connection.close();
    expect(place.connection.isOpen).toBe(false);
  });

  test('closing ends scripts that run and shells that wait, within its time', async () => {
    await place.exec('true');
    place.connection.prepare(undefined);
    const file = place.path('begun');
    const running = place.exec(`umask 0; echo $$ >${file}; sleep 60`);
    const lost = expect(running).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await textAppears(file);
    const startedMs = performance.now();
    await place.connection.close();
    await lost;
    expect(performance.now() - startedMs).toBeLessThan(4000);
  });

  test('closing leaves no shell behind', async () => {
    const { stdout } = await place.exec('echo $$ $PPID');
    const pid = Number(stdout.split(' ')[0]);
    place.connection.prepare(undefined);
    await place.exec('true');
    await place.connection.close();
    expect(await isGoneWithin(pid, 3000)).toBe(true);
  });

  test('two connections to a place know nothing of each other', async () => {
    const other = await place.connectAgain();
    const [one, two] = await Promise.all([
      place.exec('sleep 1; echo one'),
      other.exec({ script: 'echo two', timeoutMs: DEADLINE_MS, signal: place.signal }),
    ]);
    expect([one.stdout, two.stdout]).toEqual(['one\n', 'two\n']);
    await place.connection.close();
    expect(other.isOpen).toBe(true);
    const after = await other.exec({ script: 'echo three', timeoutMs: DEADLINE_MS, signal: place.signal });
    expect(after.stdout).toBe('three\n');
  });

  test.runIf(place.traits.canBeCut)('a cut is CONNECTION_LOST for all that runs, at once', async () => {
    const { cut } = place.fixture;
    const begun = [1, 2, 3].map((i) => place.path(`begun${i}`));
    const running: Promise<unknown>[] = begun.map((file) => place.exec(`umask 0; echo >${file}; sleep 30`));
    running.push(place.exec('sleep 30', { raw: true }));
    const ends = Promise.allSettled(running);
    for (const file of begun) await textAppears(file);
    const startedMs = performance.now();
    await cut?.();
    for (const end of await ends) {
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'CONNECTION_LOST' } });
    }
    expect(performance.now() - startedMs).toBeLessThan(5000);
    expect(place.connection.isOpen).toBe(false);
    await expect(place.exec('true')).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await place.connection.close();
  });

  test.runIf(place.traits.canBeCut)('a cut in an upload is CONNECTION_LOST', async () => {
    const { cut } = place.fixture;
    const uploading = place.upload(place.path('file'), randomBytes(40_000_000));
    const lost = expect(uploading).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    await cut?.();
    await lost;
  });
}
