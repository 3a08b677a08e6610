/** Bytes as shell text, for small files and small stdin: they travel inside a script. */

/**
 * A single-quoted word from which {@link writeBytes} makes the bytes again. Bytes that are no ASCII go as octal numbers:
 * shells differ in how they take text that is not of their locale.
 */
export function bytesWord(bytes: Uint8Array): string {
  let text = "'";
  for (const byte of bytes) {
    if (byte === 0x5c) text += '\\\\';
    else if (byte === 0x27 || byte < 9 || byte > 126) text += `\\0${byte.toString(8).padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return `${text}'`;
}

/**
 * Shell text, one compound command, that writes the bytes of a {@link bytesWord} with a builtin, so that they are in no
 * argument list. In mksh and its ancestor `printf` is none, but `print` knows the same escapes.
 *
 * @param variable - name of the one that holds the word's text, or the number of a positional parameter
 */
export function writeBytes(variable: string): string {
  const word = `"$${variable}"`;
  return `case \${KSH_VERSION-} in (*MIRBSD*|*PD\\ KSH*)print -n -- ${word};;(*)printf %b ${word};;esac`;
}
