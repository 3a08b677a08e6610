/** Reads options of ssh's own command line, as `ansible_ssh_common_args` and its like carry them. */
import { errorMessage, FleetmendError } from '../../errors.ts';
import { splitWords } from '../../util/split-words.ts';
import { readSetting, type Setting, UnknownKeywordError } from './parse.ts';

/** What the options say. */
export interface CommandLineOptions {
  readonly settings: readonly Setting[];
  /** `-F`: the file that is read in place of the usual ones; `none` for no file at all. */
  readonly configFile?: string;
  /** The text as words, for a program that reads them itself. */
  readonly words: readonly string[];
}

/** Options with an argument that are a keyword in short. */
const KEYWORD_OPTIONS: Readonly<Record<string, string>> = {
  b: 'BindAddress',
  B: 'BindInterface',
  c: 'Ciphers',
  i: 'IdentityFile',
  I: 'PKCS11Provider',
  J: 'ProxyJump',
  l: 'User',
  m: 'MACs',
  p: 'Port',
};
/** Options without one that are a keyword with a value. */
const FLAG_OPTIONS: Readonly<Record<string, readonly [keyword: string, value: string]>> = {
  '4': ['AddressFamily', 'inet'],
  '6': ['AddressFamily', 'inet6'],
  A: ['ForwardAgent', 'yes'],
  a: ['ForwardAgent', 'no'],
  K: ['GSSAPIAuthentication', 'yes'],
  k: ['GSSAPIDelegateCredentials', 'no'],
};
/** Options without an argument that change nothing here: compression, output, terminal, X11. */
const IDLE_FLAGS = 'CqvTtnxXYy';
/** Options with an argument that changes nothing here: escape character, log file, control socket. */
const IDLE_OPTIONS = 'eES';

/**
 * Reads the options of one text.
 *
 * @param origin - name of the variable or setting, for messages
 * @throws FleetmendError CONFIG_INVALID that names the option
 */
export function parseSshOptions(text: string, origin: string): CommandLineOptions {
  const split = splitWords(text);
  if (typeof split === 'string') throw invalid(`${origin} cannot be split into words: ${split}`);
  const words = split.map((word) => word.text);
  const settings: Setting[] = [];
  let configFile: string | undefined;
  const add = (keyword: string, value: string, option: string) => {
    try {
      const setting = readSetting(keyword, value, `\`${option}\` in ${origin}`);
      if (setting !== undefined) settings.push(setting);
    } catch (error) {
      const hint = error instanceof UnknownKeywordError ? error.hint : undefined;
      throw invalid(`\`${option}\` in ${origin}: ${errorMessage(error)}`, hint);
    }
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (!/^-[^-]/.test(word)) {
      throw invalid(`${origin} holds '${word}', where an option of ssh was expected, such as -o Keyword=value`);
    }
    // Flags may stand together: -Av.
    for (let at = 1; at < word.length; at++) {
      const letter = word.charAt(at);
      const flag = FLAG_OPTIONS[letter];
      if (IDLE_FLAGS.includes(letter)) continue;
      if (flag !== undefined) {
        add(...flag, `-${letter}`);
        continue;
      }
      const keyword = KEYWORD_OPTIONS[letter];
      if (keyword === undefined && !`${IDLE_OPTIONS}oF`.includes(letter)) {
        throw invalid(
          `option -${letter} in ${origin} is not supported`,
          "with `ansible_connection: openssh` the system's ssh gets all options",
        );
      }
      const attached = word.slice(at + 1);
      const argument = attached === '' ? words[++i] : attached;
      if (argument === undefined) throw invalid(`option -${letter} in ${origin} has no argument`);
      if (letter === 'F') configFile ??= argument;
      else if (letter === 'o') addAssignment(argument, add, origin);
      else if (keyword !== undefined) add(keyword, quoted(keyword, argument), `-${letter} ${argument}`);
      break;
    }
  }
  return { settings, configFile, words };
}

function addAssignment(
  argument: string,
  add: (keyword: string, value: string, option: string) => void,
  origin: string,
): void {
  const match = /^\s*([^\s=]+)(?:\s*=\s*|\s+)(.*?)\s*$/s.exec(argument);
  const [, keyword = '', value = ''] = match ?? [];
  if (keyword === '') throw invalid(`\`-o ${argument}\` in ${origin}: expected Keyword=value`);
  add(keyword, value, `-o ${keyword}`);
}

// One argument of the command line is one argument of the keyword, spaces and all.
function quoted(keyword: string, argument: string): string {
  if (keyword === 'ProxyJump') return argument;
  return `"${argument.replace(/["\\]/g, '\\$&')}"`;
}

function invalid(message: string, hint?: string): FleetmendError {
  return new FleetmendError('CONFIG_INVALID', message, { hint });
}
