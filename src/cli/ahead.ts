/** What is said of a playbook before it runs, beside the mistakes for which it cannot. */
import { type Diagnostic, DiagnosticsError, formatDiagnostic } from '../errors.ts';
import type { Ahead } from '../playbook/index.ts';
import type { Io } from './io.ts';
import { readSourceFile } from './source-file.ts';

const MAX_WARNINGS = 5;

/** @throws DiagnosticsError with all mistakes in files that the playbooks will include */
export function refuseIncluded(aheads: readonly Ahead[]): void {
  const findings = aheads.flatMap((ahead) => ahead.findings);
  if (findings.length > 0) throw new DiagnosticsError(findings);
}

/**
 * Warns of mistakes in files that the playbooks will include. No host may ever come to them: with Ansible the run goes well then. A
 * file that is not there may still be made while the play runs.
 */
export function warnOfIncluded(aheads: readonly Ahead[], io: Io): void {
  const findings = aheads.flatMap((ahead) => ahead.findings).filter(({ code }) => code !== 'FILE_NOT_FOUND');
  warn(findings, 'a host that comes to this file will end the run\n  ', 'mistakes in included files', io);
}

/** Warns of what is no mistake, but hardly meant so. @param most - how many are shown */
export function warnOfDoubts(aheads: readonly Ahead[], io: Io, most = MAX_WARNINGS): void {
  const doubts = aheads
    .flatMap((ahead) => ahead.doubts)
    .map((doubt) => ({ ...doubt, excerpt: readSourceFile(doubt.source.file)?.excerpt(doubt.source.line) }));
  warn(doubts, '', 'of such numbers', io, most);
}

function warn(findings: readonly Diagnostic[], head: string, kind: string, io: Io, most = MAX_WARNINGS): void {
  for (const finding of findings.slice(0, most)) io.err(`fleetmend: warning: ${head}${formatDiagnostic(finding)}\n`);
  const more = findings.length - most;
  if (more > 0) io.err(`fleetmend: warning: ${more} more ${kind}; see \`fleetmend check\`\n`);
}
