/** Finds the place of an expression that failed while a play ran in the file that it was written in. */

import type { Position } from '../errors.ts';
import type { SourcePlace, SourcePlaces } from '../template/types.ts';
import type { SourceText } from '../util/source-text.ts';
import { findValue, placeInSource } from './scalar-place.ts';

/** @param read - a file as text, asked once for each; undefined: it cannot be read, or is no text */
export function createSourcePlaces(read: (path: string) => SourceText | undefined): SourcePlaces {
  const files = new Map<string, SourceText | undefined>();
  const fileOf = (path: string): SourceText | undefined => {
    if (!files.has(path)) files.set(path, read(path));
    return files.get(path);
  };
  return {
    placeOf(text, start, offset) {
      const file = fileOf(start.file);
      return file === undefined ? undefined : placeIn(file, text, start, offset);
    },
  };
}

function placeIn(file: SourceText, text: string, start: Position, offset: number): SourcePlace {
  const startOffset = file.offsetOf(start);
  const at = findValue(file.text, startOffset, text);
  const place = at === undefined ? undefined : placeInSource(file.text, at, text, offset);
  // A text that was made of another one (a list that a variable gave, a condition in braces) stands nowhere itself.
  const source = place === undefined ? start : file.position(place);
  return { source, excerpt: file.excerpt(source.line) };
}
