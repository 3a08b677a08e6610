/**
 * Waits until every job has ended, then rejects with the first error there was. `Promise.all` would leave the others
 * running behind the caller's back.
 */
export async function allEnded(jobs: readonly Promise<unknown>[]): Promise<void> {
  for (const end of await Promise.allSettled(jobs)) if (end.status === 'rejected') throw end.reason;
}
