/**
 * Files of the controller that many hosts get: read and hashed once, not once a host. What was read is let go when
 * nobody sends it any more; a file that changed meanwhile (its times, size or inode) is read anew.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isVaultText } from '../util/vault-format.ts';

interface Version {
  readonly id: string;
  readonly sha1: string;
  readonly isVault: boolean;
  readonly content: WeakRef<Buffer>;
}

interface Reading {
  readonly content: Buffer;
  readonly sha1: string;
}

const versions = new Map<string, Version>();
const readings = new Map<string, Promise<Reading>>();
const md5Sums = new WeakMap<Uint8Array, string>();

/** The content of a file. Others have the same buffer: nobody may write to it. */
export async function readShared(path: string): Promise<Buffer> {
  const id = await versionOf(path);
  const known = versions.get(path);
  const content = known?.id === id ? known.content.deref() : undefined;
  return content ?? (await read(path, id)).content;
}

/** SHA-1 of a file in hexadecimal; the file is read only when this version of it was not. */
export async function sha1OfShared(path: string): Promise<string> {
  const id = await versionOf(path);
  const known = versions.get(path);
  return known?.id === id ? known.sha1 : (await read(path, id)).sha1;
}

/** Whether ansible-vault encrypted the file; read only when this version of it was not. */
export async function isVaultShared(path: string): Promise<boolean> {
  const id = await versionOf(path);
  const known = versions.get(path);
  return known?.id === id ? known.isVault : isVault((await read(path, id)).content);
}

/** SHA-1 in hexadecimal: what Ansible compares files by. */
export function sha1(content: Uint8Array): string {
  return createHash('sha1').update(content).digest('hex');
}

/** MD5 in hexadecimal, for the result key that Ansible has; worked out once for content that is shared. */
export function md5(content: Uint8Array): string {
  const known = md5Sums.get(content) ?? createHash('md5').update(content).digest('hex');
  md5Sums.set(content, known);
  return known;
}

function read(path: string, id: string): Promise<Reading> {
  const key = `${id} ${path}`;
  const reading = readings.get(key) ?? readNow(path, id).finally(() => readings.delete(key));
  readings.set(key, reading);
  return reading;
}

async function readNow(path: string, id: string): Promise<Reading> {
  const content = await readFile(path);
  const reading = { content, sha1: sha1(content) };
  versions.set(path, { id, sha1: reading.sha1, isVault: isVault(content), content: new WeakRef(content) });
  return reading;
}

function isVault(content: Buffer): boolean {
  return isVaultText(content.subarray(0, 100).toString('latin1'));
}

async function versionOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(':');
}
