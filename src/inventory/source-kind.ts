/** What an inventory file is, decided by the file itself and never by trying to read it as one thing after another. */
import { promises as fs } from 'node:fs';
import { extname } from 'node:path';
import { InventoryError } from '../errors.ts';

export type SourceKind = 'program' | 'yaml' | 'ini';

const YAML_EXTENSIONS: ReadonlySet<string> = new Set(['.yml', '.yaml', '.json']);
const INI_EXTENSIONS: ReadonlySet<string> = new Set(['.ini', '.cfg']);
const SNIFFED_BYTES = 4096;

/**
 * The kind of a source; docs/inventory.md has the same as a table.
 *
 * @param shown - the path for messages
 * @param piped - all that came through it, when it is a pipe
 * @throws {@link InventoryError} INVENTORY_INVALID when it looks like one kind and is marked as another
 */
export async function sourceKind(path: string, shown: string, piped?: Buffer): Promise<SourceKind> {
  const extension = extname(path).toLowerCase();
  const head = piped?.subarray(0, SNIFFED_BYTES) ?? (await readHead(path));
  const isExecutable = piped === undefined && ((await fs.stat(path)).mode & 0o111) !== 0;
  const hasInterpreter = head.subarray(0, 2).toString('latin1') === '#!';
  const isBinary = head.includes(0);
  if (isExecutable && (hasInterpreter || isBinary)) return 'program';
  if (YAML_EXTENSIONS.has(extension)) return 'yaml';
  if (INI_EXTENSIONS.has(extension)) return 'ini';
  if (extension === '.toml') throw invalid(`${shown} is TOML, which is not supported`, 'write it as YAML or INI');
  if (isBinary) throw invalid(`${shown} is neither text nor an executable program`, 'is it the right file?');
  if (hasInterpreter && piped === undefined) {
    throw invalid(`${shown} begins with '#!' but is not executable`, `chmod +x ${shown}`);
  }
  if (isExecutable) {
    throw invalid(
      `${shown} is executable but no program: it does not begin with '#!'`,
      `if it is a list of hosts: chmod -x ${shown}`,
    );
  }
  return looksLikeYaml(head.toString('utf8')) ? 'yaml' : 'ini';
}

// An INI host line can neither be `---`, nor begin with a brace, nor be a word that ends in a colon.
function looksLikeYaml(text: string): boolean {
  for (const line of text.split(/\r?\n/)) {
    const content = line.trim();
    if (content === '' || content.startsWith('#')) continue;
    return /^(?:---|\{|%YAML|\$ANSIBLE_VAULT;|['"]?[\w.-]+['"]?:(?:\s|$))/.test(content);
  }
  return false;
}

async function readHead(path: string): Promise<Buffer> {
  const file = await fs.open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(SNIFFED_BYTES), 0, SNIFFED_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function invalid(message: string, hint: string): InventoryError {
  return new InventoryError('INVENTORY_INVALID', `${message}; ${hint}`, { hint });
}
