/** Whether a tree reads a name. */
import type { Body } from './ast.ts';

/** Whether a name is read anywhere in the body. */
export function mentions(body: Body, name: string): boolean {
  return mentionsIn(body, name);
}

function mentionsIn(node: unknown, name: string): boolean {
  if (typeof node !== 'object' || node === null) return false;
  if (Array.isArray(node)) return node.some((part) => mentionsIn(part, name));
  const record = node as Readonly<Record<string, unknown>>;
  if (record.kind === 'name' && record.name === name) return true;
  return Object.values(record).some((part) => mentionsIn(part, name));
}
