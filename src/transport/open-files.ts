/** This machine's own limit of open files, which looks like a fault of the host that meets it. */

/** Whether an error says that this process, or this machine, may open no more files. */
export function isOutOfFiles(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE';
}

/** What to do about it. */
export const OPEN_FILES_HINT =
  'this machine allows no more open files: raise the limit (`ulimit -n`), or work on fewer hosts in one run';
