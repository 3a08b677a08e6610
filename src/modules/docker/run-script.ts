/** Runs a script of ours and keeps what it printed before a deadline or an interrupt cut it. */

import { TransportError } from '../../errors.ts';
import type { ModuleContext, RunOptions } from '../contract.ts';
import { parseScriptLines, type ScriptLine } from './script.ts';

export interface ScriptEnd {
  readonly stdout: string;
  readonly lines: readonly ScriptLine[];
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly truncated: boolean;
  /** Why it did not come to its end: deadline, interrupt, or a connection that was lost. */
  readonly cut?: TransportError;
}

/**
 * Runs a script. A deadline, an interrupt and a lost connection are part of the result, since what was printed before is
 * true anyway.
 */
export async function runScript(
  context: ModuleContext,
  script: string,
  options: RunOptions & { readonly timeoutMs: number },
): Promise<ScriptEnd> {
  try {
    const { stdout, stderr, exitCode, stdoutTruncated } = await context.run(script, options);
    return { stdout, lines: parseScriptLines(stdout), stderr, exitCode, truncated: stdoutTruncated };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    const { stdout, stderr } = outputOf(error);
    return { stdout, lines: parseScriptLines(stdout), stderr, exitCode: null, truncated: false, cut: error };
  }
}

// The engine's error for a command that was ended carries what the command had printed.
function outputOf(error: TransportError): { stdout: string; stderr: string } {
  const output: unknown = 'output' in error ? error.output : undefined;
  if (typeof output !== 'object' || output === null) return { stdout: '', stderr: '' };
  const { stdout, stderr } = output as { stdout?: unknown; stderr?: unknown };
  return { stdout: typeof stdout === 'string' ? stdout : '', stderr: typeof stderr === 'string' ? stderr : '' };
}
