/** Files of the controller that modules send to hosts. */
import { readdir, stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { ModuleError } from '../errors.ts';
import { isVaultShared, readShared, sha1OfShared } from './shared-file.ts';

/** One file that is sent. */
export interface LocalFile {
  /** Path below what was named, with `/`; the file's own name when a file was named. */
  readonly relative: string;
  readonly localPath: string;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly sha1: string;
}

/** A file or a directory with all that is in it, in name order; links are followed. */
export interface LocalTree {
  readonly kind: 'file' | 'directory';
  readonly path: string;
  readonly files: readonly LocalFile[];
  /** Directories below, each after its parent. */
  readonly directories: readonly string[];
}

/**
 * Finds a file or directory of the controller: an absolute path, or the first of the search paths that has it.
 *
 * @param hint - what to do when it is not there
 * @returns its absolute path, without a trailing slash
 * @throws {@link ModuleError} FILE_NOT_FOUND, with the places that were looked at
 */
export async function findLocal(source: string, searchPaths: readonly string[], hint?: string): Promise<string> {
  const places = isAbsolute(source) ? [source] : searchPaths.map((path) => join(path, source));
  for (const place of places) {
    if (await exists(place)) return resolve(place);
  }
  const looked = places.map((place) => `'${place}'`).join(', ');
  const msg = `Could not find or access '${source}' on the controller; looked for ${looked}`;
  throw new ModuleError(msg, {}, { code: 'FILE_NOT_FOUND', hint });
}

/**
 * Reads what has to be known of a file or a tree, checksums included; not the contents.
 *
 * @throws {@link ModuleError} FILE_UNREADABLE
 */
export async function readTree(path: string): Promise<LocalTree> {
  try {
    if (!(await stat(path)).isDirectory()) {
      return { kind: 'file', path, files: [await describe(path, basename(path))], directories: [] };
    }
    const files: LocalFile[] = [];
    const directories: string[] = [];
    await walk(path, '', files, directories);
    return { kind: 'directory', path, files, directories };
  } catch (error) {
    throw unreadable(path, error);
  }
}

/** Opens a file that ansible-vault encrypted: what it holds. */
export type OpenVaultFile = (content: Buffer, path: string) => Buffer;

/**
 * The content of a file as it is meant: of an encrypted one what it holds, which must not be shown.
 *
 * @throws {@link ModuleError} FILE_UNREADABLE; what `open` throws
 */
export async function readOpened(
  path: string,
  open: OpenVaultFile,
): Promise<{ readonly content: Buffer; readonly isSecret: boolean }> {
  const content = await readContent(path);
  return (await isVaultFile(path)) ? { content: open(content, path), isSecret: true } : { content, isSecret: false };
}

/**
 * Whether ansible-vault encrypted a file.
 *
 * @throws {@link ModuleError} FILE_UNREADABLE
 */
export async function isVaultFile(path: string): Promise<boolean> {
  try {
    return await isVaultShared(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

/**
 * The content of a file; all hosts that get it share the buffer.
 *
 * @throws {@link ModuleError} FILE_UNREADABLE
 */
export async function readContent(path: string): Promise<Buffer> {
  try {
    return await readShared(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

async function walk(root: string, below: string, files: LocalFile[], directories: string[]): Promise<void> {
  const names = (await readdir(join(root, below))).toSorted();
  for (const name of names) {
    const relative = below === '' ? name : `${below}/${name}`;
    const path = join(root, relative);
    if ((await stat(path)).isDirectory()) {
      directories.push(relative);
      await walk(root, relative, files, directories);
    } else files.push(await describe(path, relative));
  }
}

async function describe(localPath: string, relative: string): Promise<LocalFile> {
  const [info, sha1] = await Promise.all([stat(localPath), sha1OfShared(localPath)]);
  return { relative, localPath, mode: info.mode & 0o7777, sizeBytes: info.size, sha1 };
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}

function unreadable(path: string, error: unknown): ModuleError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ModuleError(
    `cannot read ${path} on the controller: ${reason}`,
    {},
    { code: 'FILE_UNREADABLE', cause: error },
  );
}
