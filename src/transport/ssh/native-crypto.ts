/** Whether ssh2 encrypts with its native addon, which is compiled at installation for one line of Node. */
import { createRequire } from 'node:module';

export type NativeCrypto =
  | { readonly isInUse: true }
  /** Why it is not, in a few words. */
  | { readonly isInUse: false; readonly reason: string };

/** Loads ssh2's cryptography to see. To be asked before anything else loads it: a failure is told once only. */
export function nativeCrypto(): NativeCrypto {
  const require = createRequire(import.meta.url);
  try {
    require('ssh2/lib/protocol/crypto/build/Release/sshcrypto.node');
  } catch (error) {
    return { isInUse: false, reason: whyNot(error as NodeJS.ErrnoException) };
  }
  // Not part of ssh2's interface, so nothing more than the answer depends on it.
  const { bindingAvailable } = require('ssh2/lib/protocol/crypto.js') as { bindingAvailable?: boolean };
  return bindingAvailable === true ? { isInUse: true } : { isInUse: false, reason: 'ssh2 does not take it' };
}

function whyNot({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'MODULE_NOT_FOUND') return 'it was not compiled at installation';
  // Node says it in one way or in the other, as the addon was made.
  const isOther = /NODE_MODULE_VERSION|did not self-register/.test(message);
  return isOther ? `it was compiled for another Node than this (ABI ${process.versions.modules})` : 'it does not load';
}
