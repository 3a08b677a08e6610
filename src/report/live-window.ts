/**
 * The moving part of the live report: one row a running task at the bottom of the terminal, drawn by listr2, and above it
 * a log of lines that stay. listr2 has no way to print above its rows, so the rows are taken away, the lines are written
 * and the rows are drawn again, at most ten times a second whatever happens.
 */

import { Writable } from 'node:stream';

export interface LiveRow {
  readonly id: string;
  readonly title: string;
}

export interface LiveWindowOptions {
  readonly write: (text: string) => void;
  /** Read at each drawing, so that a resized terminal is followed. */
  readonly columns: () => number;
  readonly rows: () => number;
  /** The rows to show now; called at each drawing. */
  readonly content: () => readonly LiveRow[];
}

/** One listr2 run: a fixed set of rows, alive until it is finished. */
interface Frame {
  readonly ids: string;
  finish(): Promise<void>;
}

const REFRESH_MS = 100;

export class LiveWindow {
  readonly #options: LiveWindowOptions;
  #pending = '';
  #frame: Frame | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Drawings follow one another: opening and finishing a frame take turns of the event loop. */
  #drawing: Promise<void> = Promise.resolve();
  #isDrawing = false;
  #isPaused = false;

  constructor(options: LiveWindowOptions) {
    this.#options = options;
  }

  /** Starts drawing. */
  open(): void {
    this.#isPaused = false;
    this.#timer ??= setInterval(() => this.#refresh(), REFRESH_MS);
  }

  /** Writes lines above the rows, at the next drawing. */
  print(text: string): void {
    this.#pending += text;
  }

  /** Takes the rows away and writes what is pending; nothing is drawn until {@link open}. */
  async pause(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#isPaused = true;
    await this.#drawing;
    await this.#draw([]);
  }

  #refresh(): void {
    if (this.#isDrawing || this.#isPaused) return;
    const rows = this.#options.content();
    if (this.#pending === '' && idsOf(rows) === (this.#frame?.ids ?? '')) return;
    this.#isDrawing = true;
    this.#drawing = this.#draw(rows).finally(() => {
      this.#isDrawing = false;
    });
  }

  async #draw(rows: readonly LiveRow[]): Promise<void> {
    await this.#frame?.finish();
    this.#frame = undefined;
    const text = this.#pending;
    this.#pending = '';
    if (text !== '') this.#options.write(text);
    if (rows.length > 0) this.#frame = await openFrame(rows, this.#options);
  }
}

function idsOf(rows: readonly LiveRow[]): string {
  return rows.map((row) => row.id).join('\n');
}

// Loaded here and not above: a run without a terminal never needs listr2.
async function openFrame(rows: readonly LiveRow[], options: LiveWindowOptions): Promise<Frame> {
  const { DefaultRenderer, Listr, ListrLogger, ProcessOutput } = await import('listr2');
  let isFrozen = false;

  /** Draws also when our own stdout is a pipe (the caller has decided), and asks for the rows' titles at each drawing. */
  class LiveRenderer extends DefaultRenderer {
    static override nonTTY = true;

    override update(): void {
      // Frozen: what listr2 draws between a row's end and its own end (ticks) would only flicker.
      if (isFrozen) return;
      const titles = new Map(options.content().map((row) => [row.id, row.title]));
      for (const [index, { id }] of rows.entries()) {
        const task = listr.tasks[index];
        const title = titles.get(id);
        if (task !== undefined && title !== undefined) task.title = title;
      }
      super.update();
    }
  }

  const ended = Promise.withResolvers<void>();
  const plainIcon = (icon: string | undefined) => icon ?? '';
  const listr = new Listr(
    rows.map((row) => ({ title: row.title, task: () => ended.promise })),
    {
      concurrent: true,
      registerSignalListeners: false,
      renderer: LiveRenderer,
      rendererOptions: {
        clearOutput: true,
        formatOutput: 'truncate',
        color: { PENDING: plainIcon },
        logger: new ListrLogger({ processOutput: new ProcessOutput(outputStream(options), discardStream()) }),
      },
    },
  );
  const run = listr.run();
  return {
    ids: idsOf(rows),
    finish: async () => {
      isFrozen = true;
      ended.resolve();
      await run;
    },
  };
}

// What log-update needs of a terminal: its size, and somewhere to write.
function outputStream(options: LiveWindowOptions): NodeJS.WriteStream {
  const stream = new Writable({ decodeStrings: false });
  stream.write = (chunk: unknown) => {
    options.write(String(chunk));
    return true;
  };
  Object.defineProperties(stream, {
    isTTY: { value: true },
    columns: { get: options.columns },
    rows: { get: options.rows },
  });
  return stream as NodeJS.WriteStream;
}

// listr2 holds back what is written to the error stream while it draws; ours must not be touched.
function discardStream(): NodeJS.WriteStream {
  const stream = new Writable();
  stream.write = () => true;
  return stream as NodeJS.WriteStream;
}
