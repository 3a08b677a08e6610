/** The ssh_config of a run: files are read once, hosts are looked up in them. */
import { TransportError } from '../../errors.ts';
import { formatDuration } from '../../util/duration.ts';
import { describeProgramEnd, runProgram } from '../../util/run-program.ts';
import { type HostQuery, SshConfig } from './evaluate.ts';
import { loadNamedFile, loadStandardFiles } from './load.ts';
import { type HostSettings, toHostSettings } from './settings.ts';
import { ExpansionError, expandTilde, type LocalUser } from './tokens.ts';

/** Deadline of a command of `Match exec`. */
const EXEC_TIMEOUT_MS = 5000;

/** A question about one host. */
export interface SourceQuery extends HostQuery {
  /** `-F`: a file in place of the run's; `none` for no file. */
  readonly configFile?: string;
  /** Settings that cannot be honoured here are passed over: somebody else will honour them. */
  readonly acceptsAll?: boolean;
}

/** Looks hosts up. */
export interface SshConfigSource {
  readonly local: LocalUser;
  /** The run's own file; undefined: the usual ones. */
  readonly file?: string;
  /**
   * What holds for a host.
   *
   * @throws FleetmendError CONFIG_INVALID, FILE_NOT_FOUND, FILE_UNREADABLE for the files; TransportError CONNECT_FAILED for
   *   what cannot be honoured or expanded
   */
  lookUp(query: SourceQuery): Promise<HostSettings>;
  /** Reads the run's own files now, so that a mistake in them ends the run before it starts. */
  load(): void;
}

/**
 * @param file - read in place of `~/.ssh/config` and `/etc/ssh/ssh_config`; `none` for no file at all
 */
export function createSshConfigSource(local: LocalUser, file: string | undefined): SshConfigSource {
  const configs = new Map<string | undefined, SshConfig>();
  const outcomes = new Map<string, boolean>();
  const running = new Map<string, Promise<boolean>>();

  const configOf = (path: string | undefined): SshConfig => {
    const known = configs.get(path);
    if (known !== undefined) return known;
    const sections =
      path === undefined
        ? loadStandardFiles(local)
        : path.toLowerCase() === 'none'
          ? []
          : loadNamedFile(expandTilde(path, local.home), local);
    const config = new SshConfig(sections, local);
    configs.set(path, config);
    return config;
  };

  const runOnce = (command: string): Promise<boolean> => {
    let run = running.get(command);
    if (run === undefined) {
      run = succeeds(command, local);
      running.set(command, run);
    }
    return run;
  };

  return {
    local,
    file,
    load: () => void configOf(file),
    async lookUp(query) {
      const config = configOf(query.configFile ?? file);
      for (;;) {
        const found = evaluate(config, query, outcomes);
        if (!('pending' in found)) return toHostSettings(query.host, found, local, query.acceptsAll);
        outcomes.set(found.pending, await runOnce(found.pending));
      }
    },
  };
}

function evaluate(config: SshConfig, query: HostQuery, outcomes: ReadonlyMap<string, boolean>) {
  try {
    return config.evaluate(query, outcomes);
  } catch (error) {
    if (!(error instanceof ExpansionError)) throw error;
    throw new TransportError('CONNECT_FAILED', `ssh_config for '${query.host}': ${error.message}`);
  }
}

// As ssh does: in the user's shell, true when it exits 0. Each command runs once a run.
async function succeeds(command: string, local: LocalUser): Promise<boolean> {
  const request = {
    file: local.env.SHELL || '/bin/sh',
    args: ['-c', command],
    env: local.env,
    timeoutMs: EXEC_TIMEOUT_MS,
    maxOutputBytes: 64 * 1024,
  };
  const result = await runProgram(request);
  if (result.ended === 'exited') return result.status === 0;
  const limit = formatDuration(EXEC_TIMEOUT_MS);
  throw new TransportError('CONNECT_FAILED', `Match exec '${command}' ${describeProgramEnd(result, request)}`, {
    hint: `the commands of Match exec in ssh_config must end within ${limit}`,
  });
}
