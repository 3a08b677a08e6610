/** Bytes as shell text, for small files and small stdin: they travel inside a script. */

/**
 * A single-quoted word from which `printf %b` makes the bytes again. Bytes that are no ASCII go as octal numbers: shells
 * differ in how they take text that is not of their locale. `printf` is a builtin wherever it matters (dash, bash, busybox).
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
