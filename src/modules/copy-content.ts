/** The contents that `copy` sends, and their texts for the diff. */
import { shellQuote } from '../util/shell-quote.ts';
import type { ModuleContext } from './contract.ts';
import type { CopyItem } from './copy-plan.ts';
import { hostWord } from './host-word.ts';
import { readContent } from './local-files.ts';
import { runScript } from './run-script.ts';

/** Where a content is: at hand, in a file of the controller, in a file of the host. */
export type CopyContent =
  | { readonly bytes: Uint8Array; readonly isSecret?: boolean }
  | { readonly localPath: string }
  | { readonly remotePath: string };

/** Larger files are compared, but not shown: 100 KiB. */
const MAX_DIFF_BYTES = 102_400;

/** The item with the texts before and after, for the diff; without those that are secret, too large or no text. */
export async function withTexts(item: CopyItem, content: CopyContent, context: ModuleContext): Promise<CopyItem> {
  if ('isSecret' in content && content.isSecret === true) return item;
  if (item.source.sizeBytes > MAX_DIFF_BYTES || (item.stat?.sizeBytes ?? 0) > MAX_DIFF_BYTES) return item;
  const after =
    'remotePath' in content
      ? await remoteText(hostWord(content.remotePath), context)
      : localText(await bytesOf(content));
  const before = item.stat?.kind === 'file' ? await remoteText(shellQuote(item.path), context) : undefined;
  return { ...item, source: { ...item.source, text: after }, ...(before === undefined ? {} : { text: before }) };
}

async function remoteText(quotedPath: string, context: ModuleContext): Promise<string | undefined> {
  const { stdout } = await runScript(context, 'read a file for the diff', `cat -- ${quotedPath}`);
  return textOrUndefined(stdout);
}

function localText(bytes: Uint8Array): string | undefined {
  return textOrUndefined(new TextDecoder().decode(bytes));
}

// What is no text has no diff.
function textOrUndefined(text: string): string | undefined {
  return text.includes('\0') || text.includes('\ufffd') ? undefined : text;
}

/** The bytes of a content that the controller has. */
export async function bytesOf(content: Exclude<CopyContent, { remotePath: string }>): Promise<Uint8Array> {
  return 'bytes' in content ? content.bytes : readContent(content.localPath);
}
