/**
 * Runs a script whose stdin is large on a host that is far away: the bytes go ahead of it into a private file on the host,
 * by a way that is faster than a shell's stdin ({@link FileWriter}). The shell that is to run the script makes that file,
 * waits, and removes it when it has opened it, or when the connection is cut meanwhile.
 */
import { shellQuote } from '../../util/shell-quote.ts';
import type { Become } from '../types.ts';
import type { FileWriter, ProcessExit, ProcessOpener } from './channel.ts';
import { MarkScanner } from './mark-scanner.ts';
import { OutputBuffer } from './output-buffer.ts';
import { type Announcement, createMarker, type PreparedScript, wholeScript } from './protocol.ts';
import { NotBegunError, type Runner, type ShellOutcome } from './runner.ts';
import type { Shell } from './shell.ts';

/** Less is through sooner on stdin, however far the host is: some round trips are needed first. See docs/performance.md. */
const STAGED_MIN_BYTES = 32 * 1024 * 1024;
/** To open a shell takes two round trips and what the host needs for it; above this the round trip is 40 ms or so. */
const FAR_OPEN_MS = 80;

/** Whether a script may have its stdin staged; then see {@link StagedRun}. */
export function canStage({ stdin }: PreparedScript, become: Become | undefined, opener: ProcessOpener): boolean {
  if (stdin === undefined || stdin.byteLength < STAGED_MIN_BYTES || opener.claimFileWriter === undefined) return false;
  // Only root can take over a file that the login user has written, and nobody else could write.
  return become === undefined || become.user === 'root';
}

export class StagedRun implements Runner {
  readonly isRaw = false;
  readonly #shell: Shell;
  readonly #owner: string | undefined;
  readonly #claimWriter: () => FileWriter | undefined;
  readonly #onFailed: () => void;
  readonly #stop = new AbortController();
  readonly #folder = Promise.withResolvers<string>();
  #output: ShellOutcome['stdout'][] | undefined;
  #hasBegun = false;

  /**
   * @param shell - one that waits for its script
   * @param owner - who must be able to write the file, when the shell is another user's
   * @param onFailed - called when the bytes could not be written ahead
   */
  constructor(
    shell: Shell,
    owner: string | undefined,
    claimWriter: () => FileWriter | undefined,
    onFailed: () => void,
  ) {
    this.#shell = shell;
    this.#owner = owner;
    this.#claimWriter = claimWriter;
    this.#onFailed = onFailed;
  }

  get isDead(): boolean {
    return this.#shell.isDead;
  }

  get failure(): unknown {
    return this.#shell.failure;
  }

  get victim(): Announcement | undefined {
    return this.#shell.victim;
  }

  get ready(): Promise<void> {
    return this.#shell.ready;
  }

  get begun(): Promise<void> {
    return this.#shell.begun;
  }

  get hasEnded(): Promise<true> {
    return this.#shell.hasEnded;
  }

  get output(): { readonly stdout: OutputBuffer; readonly stderr: OutputBuffer } {
    const [stdout, stderr] = this.#output ?? [];
    return stdout === undefined || stderr === undefined ? this.#shell.output : { stdout, stderr };
  }

  async run(script: PreparedScript, maxOutputBytes: number): Promise<ShellOutcome> {
    const { stdin } = script;
    const isFar = (this.#shell.openMs ?? 0) >= FAR_OPEN_MS;
    const writer = isFar ? this.#claimWriter() : undefined;
    if (stdin === undefined || writer === undefined) return this.#shell.run(script, maxOutputBytes);
    const marker = createMarker();
    const { stdout, stderr, scanner } = this.#listen(marker, maxOutputBytes);
    const { head, body } = wholeScript(script.text);
    this.#shell.begin(`${stageText(marker, stdin.byteLength, this.#owner, head)}\n`);
    const isWritten = await this.#write(writer, stdin);
    if (isWritten) this.#shell.send(body);
    this.#shell.end();
    const exit: ProcessExit = await this.#shell.ended;
    scanner.flush();
    if (this.#hasBegun) return { exit, stdout, stderr };
    this.#onFailed();
    throw new NotBegunError();
  }

  signal(name: 'TERM' | 'KILL'): void {
    this.#shell.signal(name);
  }

  close(): void {
    this.#stop.abort();
    this.#shell.close();
  }

  // The first mark brings the folder, the second says that the script begins.
  #listen(marker: string, maxOutputBytes: number) {
    const [stdout, stderr] = [new OutputBuffer(maxOutputBytes), new OutputBuffer(maxOutputBytes)];
    this.#output = [stdout, stderr];
    const scanner = new MarkScanner([marker], {
      onBytes: (bytes) => stdout.push(bytes),
      onMark: (_mark, rest) => {
        if (rest === '') this.#hasBegun = true;
        else this.#folder.resolve(rest.slice(1));
      },
    });
    this.#shell.serve({ stdout: scanner, stderr });
    return { stdout, stderr, scanner };
  }

  async #write(writer: FileWriter, content: Uint8Array): Promise<boolean> {
    const folder = await Promise.race([this.#folder.promise, this.#shell.hasEnded]);
    if (folder === true) {
      writer.release();
      return false;
    }
    const writing = writer.write(`${folder}/stdin`, content, this.#stop.signal).then(
      () => true,
      () => false,
    );
    return await Promise.race([writing, this.#shell.hasEnded.then(() => false)]);
  }
}

/**
 * One line that makes the file and prints where it is, takes the script, checks that the file is whole, and runs the script
 * with the file as stdin. It has no name by then.
 */
function stageText(marker: string, sizeBytes: number, owner: string | undefined, readScript: string): string {
  const handOver = owner === undefined ? '' : `&&chown -- ${shellQuote(owner)} "$_fd/stdin"&&chmod 711 "$_fd"`;
  return (
    `for _fm in /var/tmp "\${TMPDIR:-/tmp}";do _fd=$(mktemp -d "$_fm/fleetmend.XXXXXX" 2>/dev/null)&&break;done;` +
    `[ -n "$_fd" ]||exit;trap 'rm -rf -- "$_fd"' EXIT;trap 'exit 143' HUP INT TERM;` +
    `(umask 077;: >"$_fd/stdin")${handOver}||exit;echo ${marker} "$_fd";${readScript};` +
    `[ "$(wc -c <"$_fd/stdin")" -eq ${sizeBytes} ]||exit;exec <"$_fd/stdin"||exit;rm -rf -- "$_fd";` +
    `trap - EXIT HUP INT TERM;unset _fd;echo ${marker};eval "$_fm"`
  );
}
