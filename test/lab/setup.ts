/** Before the first lab test: installs what is missing when it may, else says what to install. */
import { existsSync } from 'node:fs';
import { installPackages } from './install.ts';
import { LAB_PACKAGES } from './packages.ts';

export default async function setup(): Promise<void> {
  const missing = LAB_PACKAGES.filter(({ file }) => !existsSync(file)).map(({ name }) => name);
  const isRoot = process.getuid?.() === 0;
  if (isRoot && missing.length === 0) return;
  if (!isRoot || !existsSync('/usr/bin/apt-get')) throw new Error(missingMessage(missing, isRoot));
  try {
    await installPackages(missing);
  } catch (error) {
    throw new Error(`${missingMessage(missing, isRoot)}\napt-get failed: ${String(error)}`);
  }
}

function missingMessage(missing: readonly string[], isRoot: boolean): string {
  const lines = ['The lab tests run against real servers on this machine and cannot start.'];
  if (!isRoot) lines.push('They need root: run them as root, or only the others with `npx vitest run --project unit`.');
  if (missing.length > 0) {
    const uses = LAB_PACKAGES.filter(({ name }) => missing.includes(name)).map(({ name, use }) => `  ${name} (${use})`);
    lines.push(`Missing Debian packages: apt-get install ${missing.join(' ')}`, ...uses);
  }
  return lines.join('\n');
}
