/** Shell texts that hold nothing a shell is needed for, so that the script's own `sh` can start what they name. */
import { shellQuote } from '../util/shell-quote.ts';

/** One line: a name, and words of characters that mean nothing to any shell or of quoted text that no shell changes. */
const PLAIN = /^([\w./][\w./+-]*|:)((?:[ \t]+(?:[\w.,:=@%+/-]|'[^'\\\n]*'|"[^"\\$`\n]*")+)*)$/;

/** Programs of the shell itself that do the same in every `sh`. */
const OWN = new Set([':', 'echo', 'false', 'true']);

/** All other words that some `sh` (dash, bash, busybox, the ksh family, zsh, yash) does not look for in `PATH`. */
const SHELL_WORDS = new Set(
  (
    '. [ [[ alias array autoload bg bind bindkey break builtin bye caller case cat cd chdir command compgen complete ' +
    'compopt continue coproc declare dirs disable disown do done echotc echoti elif else emulate enable end esac eval ' +
    'exec exit export fc fg fi float for foreach function functions getln getopts global hash help hist history if in ' +
    'integer jobs kill let limit local log login logout mapfile mknod namespace nameref newgrp noglob print printf popd ' +
    'pushd pushln pwd r read readarray readonly realpath rehash rename repeat return sched select set setopt shift ' +
    'shopt sleep source stop suspend test then time times trap ttyctl type typeset ulimit umask unalias unfunction ' +
    'unhash unlimit unset unsetopt until vared wait whence where which while'
  ).split(' '),
);

/**
 * `sh` text that does what `/bin/sh -c TEXT` does, without a second shell, which costs the host more than most programs
 * that it starts. Undefined for a text with anything in it that a shell interprets.
 *
 * A program that is not found is left to `/bin/sh`, whose words about it the user knows. GNU make starts the commands of
 * its rules in the same way.
 */
export function plainCommand(text: string): string | undefined {
  const line = text.trim();
  const match = PLAIN.exec(line);
  if (match === null) return undefined;
  const [, name = '', words = ''] = match;
  // Options of `echo` are not the same everywhere.
  if (OWN.has(name)) return /^[ \t]+['"]*-/.test(words) ? undefined : line;
  if (SHELL_WORDS.has(name)) return undefined;
  const isThere = name.includes('/') ? `[ -f ${name} ]&&[ -x ${name} ]` : `command -v ${name} >/dev/null 2>&1`;
  return `${isThere}&&exec ${line}\nexec /bin/sh -c ${shellQuote(text)}`;
}
