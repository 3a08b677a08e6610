/** Finds and reads the files of an ssh_config, with all that they include. */
import { globSync, readFileSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { errorMessage, FleetmendError } from '../../errors.ts';
import { type Condition, type Item, parseSshConfig, type Setting } from './parse.ts';
import { expandTilde } from './tokens.ts';

/** Settings that hold when all conditions do; the sections of a configuration stand in the order in which they are read. */
export interface Section {
  readonly conditions: readonly Condition[];
  readonly settings: readonly Setting[];
}

/** Who reads: for `~`, for relative paths, and for the check of permissions. */
export interface ConfigReader {
  readonly home: string;
  readonly uid: number;
}

/** ssh allows as many files inside each other. */
const MAX_DEPTH = 16;

/**
 * The user's file and the machine's. Files that do not exist count as empty.
 *
 * @throws FleetmendError CONFIG_INVALID, FILE_UNREADABLE
 */
export function loadStandardFiles(reader: ConfigReader, systemFile = '/etc/ssh/ssh_config'): readonly Section[] {
  const userFile = join(reader.home, '.ssh', 'config');
  const user: FileKind = { relativeTo: dirname(userFile), isUsers: true, checksOwner: true };
  const system: FileKind = { relativeTo: dirname(systemFile), isUsers: false, checksOwner: false };
  return [...new Loader(reader, user).load(userFile), ...new Loader(reader, system).load(systemFile)];
}

/**
 * One file in place of both (`ssh -F`).
 *
 * @throws FleetmendError CONFIG_INVALID, FILE_NOT_FOUND, FILE_UNREADABLE
 */
export function loadNamedFile(file: string, reader: ConfigReader): readonly Section[] {
  try {
    statSync(file);
  } catch (error) {
    throw new FleetmendError('FILE_NOT_FOUND', `there is no ssh_config file '${file}'`, { cause: error });
  }
  const kind: FileKind = { relativeTo: join(reader.home, '.ssh'), isUsers: true, checksOwner: false };
  return new Loader(reader, kind).load(file);
}

interface FileKind {
  /** Folder of relative paths in Include. */
  readonly relativeTo: string;
  /** `~` is known in Include. */
  readonly isUsers: boolean;
  /** Others must not be able to write to it, since it can name programs to run. */
  readonly checksOwner: boolean;
}

class Loader {
  readonly #reader: ConfigReader;
  readonly #kind: FileKind;
  readonly #sections: Section[] = [];

  constructor(reader: ConfigReader, kind: FileKind) {
    this.#reader = reader;
    this.#kind = kind;
  }

  load(file: string): readonly Section[] {
    this.#add(file, [], []);
    return this.#sections;
  }

  // `outer`: conditions of the sections that the Include stands in; `chain`: the files that are being read.
  #add(file: string, outer: readonly Condition[], chain: readonly string[]): void {
    const text = this.#read(file);
    if (text === undefined) return;
    const inner = [...chain, file];
    let conditions = outer;
    let settings: Setting[] = [];
    const endSection = () => {
      if (settings.length > 0) this.#sections.push({ conditions, settings });
      settings = [];
    };
    for (const item of parseSshConfig(text, file)) {
      if (item.kind === 'setting') {
        settings.push(item.setting);
        continue;
      }
      endSection();
      if (item.kind === 'section') conditions = [...outer, item.condition];
      else for (const path of this.#includedFiles(item, file, inner)) this.#add(path, conditions, inner);
    }
    endSection();
  }

  #includedFiles(item: Item & { kind: 'include' }, file: string, chain: readonly string[]): string[] {
    const found = item.patterns.flatMap((pattern) => {
      const path = this.#kind.isUsers ? expandTilde(pattern, this.#reader.home) : pattern;
      return globFiles(isAbsolute(path) ? path : join(this.#kind.relativeTo, path));
    });
    const place = `${file}:${item.line}`;
    for (const path of found) {
      if (!chain.includes(path)) continue;
      throw new FleetmendError(
        'CONFIG_INVALID',
        `${place}: '${path}' includes itself: ${[...chain, path].join(' -> ')}`,
      );
    }
    if (chain.length > MAX_DEPTH) {
      throw new FleetmendError('CONFIG_INVALID', `${place}: more than ${MAX_DEPTH} files include each other`);
    }
    return found;
  }

  #read(file: string): string | undefined {
    try {
      const { mode, uid } = statSync(file);
      const isForeign = uid !== 0 && uid !== this.#reader.uid;
      if (this.#kind.checksOwner && (isForeign || (mode & 0o022) !== 0)) {
        const why = isForeign ? 'belongs to another user' : 'can be written to by others';
        throw new FleetmendError('CONFIG_INVALID', `${file} is not used: it ${why}, and it can name programs to run`, {
          hint: `chmod 600 '${file}', or run with --ssh-config none`,
        });
      }
      return readFileSync(file, 'utf8');
    } catch (error) {
      if (error instanceof FleetmendError) throw error;
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw new FleetmendError('FILE_UNREADABLE', `cannot read '${file}': ${errorMessage(error)}`, { cause: error });
    }
  }
}

// Regular files, sorted; as glob(3): a hidden one only when the pattern asks for it.
function globFiles(pattern: string): string[] {
  if (!/[*?[]/.test(pattern)) return [pattern];
  return globSync(pattern, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => matchesHidden(path, pattern))
    .sort();
}

function matchesHidden(path: string, pattern: string): boolean {
  const wanted = pattern.split('/');
  return path.split('/').every((part, index) => !part.startsWith('.') || wanted[index]?.startsWith('.') === true);
}
