/** When runs may start: so far the lock that keeps two from overlapping. */

export { acquireLock, type Lock, type LockOptions, type LockWait, lockFileName } from './lock.ts';
