/** What a program printed, as one line for a message: `; ` stands for its line ends. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, '; ');
}
