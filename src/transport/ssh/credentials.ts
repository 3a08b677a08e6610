/** Collects what can be offered to a server as proof of who we are, in the order in which OpenSSH offers it. */
import type { BaseAgent, ParsedKey } from 'ssh2';
import type { TransportError } from '../../errors.ts';
import type { Target } from '../types.ts';
import type { AgentKey, AgentKeys, AgentLibrary } from './agent-keys.ts';
import type { KeyFile, KeyParser, KeyRing } from './key-ring.ts';

/** A key, held by us or by an agent. */
export type OfferedKey =
  | { readonly kind: 'file'; readonly label: string; readonly key: ParsedKey }
  | { readonly kind: 'agent'; readonly label: string; readonly agent: BaseAgent<ParsedKey> };

export interface Credentials {
  readonly keys: readonly OfferedKey[];
  /** Key files that cannot be used. */
  readonly problems: readonly TransportError[];
  /** What else is to be said when nothing worked. */
  readonly notes: readonly string[];
}

/** Where keys come from; shared by all hosts. */
export interface KeySources {
  readonly keyRing: KeyRing;
  readonly agentKeys: AgentKeys;
  readonly library: AgentLibrary & { readonly parseKey: KeyParser };
}

/**
 * First the keys of the agent that are named by key files, then its others (unless only the named ones are wanted), then the
 * files that no agent holds. A passphrase is asked for only where no agent holds the key.
 */
export async function collectCredentials(target: Target, sources: KeySources): Promise<Credentials> {
  if (target.authMethods?.includes('publickey') === false) return { keys: [], problems: [], notes: [] };
  const { keyRing, agentKeys, library } = sources;
  const [files, answer] = await Promise.all([
    Promise.all(target.privateKeyFiles.map((file) => keyRing.load(file, target.passphrase, library.parseKey))),
    target.agentSocket === undefined ? { keys: [] } : agentKeys.list(target.agentSocket, library),
  ]);
  const held = (file: KeyFile) => answer.keys.find((key) => file.publicBlob?.equals(key.publicBlob) === true);
  const named = files.map(held).filter((key) => key !== undefined);
  const others = target.identitiesOnly === true ? [] : answer.keys.filter((key) => !named.includes(key));
  const own = await unlockFiles(
    files.filter((file) => held(file) === undefined),
    target,
    sources,
    answer.keys.length > 0 || target.password !== undefined,
  );
  const problem = 'problem' in answer ? answer.problem : undefined;
  return {
    keys: [...[...new Set(named), ...others].map(offerAgentKey), ...own.flatMap(offerFile)],
    problems: own.flatMap((file) => file.problem ?? []),
    notes: problem === undefined ? [] : [problem],
  };
}

async function unlockFiles(
  files: readonly KeyFile[],
  target: Target,
  { keyRing, library }: KeySources,
  hasOther: boolean,
): Promise<readonly KeyFile[]> {
  // Nobody named these: they are worth a question only when there is nothing else.
  const isEnough = hasOther || files.some((file) => file.key !== undefined);
  if (target.usesUsualKeys === true && isEnough) return files.filter((file) => !file.isLocked);
  return Promise.all(files.map((file) => (file.isLocked ? keyRing.unlock(file.file, library.parseKey) : file)));
}

function offerAgentKey({ comment, agent }: AgentKey): OfferedKey {
  return { kind: 'agent', label: `key ${comment} of the agent`, agent };
}

function offerFile({ file, key }: KeyFile): OfferedKey[] {
  return key === undefined ? [] : [{ kind: 'file', label: `key ${file}`, key }];
}
