/**
 * Talks to a master of the system's `ssh` through its control socket. After the request for a proxy the socket carries
 * the channel messages of SSH itself: no `ssh` process a command, and exit statuses and signals as the server sent them.
 *
 * @see PROTOCOL.mux of OpenSSH, sections 1 to 8 (proxy mode since 7.4)
 */
import { connect, type Socket } from 'node:net';
import { FieldReader, MessageSplitter, uint32 } from './wire.ts';

const PROTOCOL_VERSION = 4;
const HELLO = 0x0000_0001;
const ALIVE_CHECK = 0x1000_0004;
const TERMINATE = 0x1000_0005;
const PROXY = 0x1000_000f;
const ANSWERS = {
  permissionDenied: 0x8000_0002,
  failure: 0x8000_0003,
  alive: 0x8000_0005,
  proxy: 0x8000_000f,
} as const;

/** A control socket in proxy mode. */
export interface ProxySocket {
  readonly socket: Socket;
  /** Process of the master. */
  readonly masterPid: number;
  /** What came behind the answer to the request for the proxy. */
  readonly rest: Buffer;
}

/**
 * Connects to a master and has it proxy SSH's channel messages.
 *
 * @throws Error when nobody listens, or the master refuses or closes
 */
export async function openProxy(path: string): Promise<ProxySocket> {
  const control = await openControl(path);
  try {
    control.send(ALIVE_CHECK, 0);
    const alive = await control.answer(ANSWERS.alive);
    alive.uint32(); // the request's number
    const masterPid = alive.uint32();
    control.send(PROXY, 1);
    await control.answer(ANSWERS.proxy);
    return { socket: control.socket, masterPid, rest: control.release() };
  } catch (error) {
    control.socket.destroy();
    throw error;
  }
}

/** Asks a master to end. Resolves when it was told; whether it ends shows where it is connected to. */
export async function askToEnd(path: string): Promise<void> {
  const control = await openControl(path);
  control.send(TERMINATE, 0);
  // It closes without an answer.
  const closed = Promise.withResolvers<void>();
  control.socket.once('close', () => closed.resolve());
  control.socket.resume();
  await closed.promise;
}

interface Control {
  readonly socket: Socket;
  send(type: number, requestId: number): void;
  /** The next message, which has to be of this type; read behind the type. */
  answer(type: number): Promise<FieldReader>;
  /** Stops listening; @returns what was read and not used */
  release(): Buffer;
}

async function openControl(path: string): Promise<Control> {
  const socket = connect(path);
  const messages: Buffer[] = [];
  const splitter = new MessageSplitter();
  let failure: Error | undefined;
  let wake = () => {};
  const onData = (chunk: Buffer) => {
    messages.push(...splitter.push(chunk));
    wake();
  };
  const fail = (error: Error) => {
    failure ??= error;
    wake();
  };
  socket.on('data', onData);
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('the master of ssh closed its control socket')));

  const answer = async (type: number): Promise<FieldReader> => {
    while (messages.length === 0) {
      if (failure !== undefined) throw failure;
      const news = Promise.withResolvers<void>();
      wake = news.resolve;
      await news.promise;
    }
    const reader = new FieldReader(messages.shift() ?? Buffer.alloc(0));
    const got = reader.uint32();
    if (got === type) return reader;
    if (got === ANSWERS.permissionDenied || got === ANSWERS.failure) {
      reader.uint32();
      throw new Error(`the master of ssh refused: ${reader.text()}`);
    }
    throw new Error(`the master of ssh answered with message 0x${got.toString(16)}, expected 0x${type.toString(16)}`);
  };
  const write = (body: Buffer) => socket.write(Buffer.concat([uint32(body.length), body]));

  try {
    write(Buffer.concat([uint32(HELLO), uint32(PROTOCOL_VERSION)]));
    const hello = await answer(HELLO);
    const version = hello.uint32();
    if (version !== PROTOCOL_VERSION) throw new Error(`the master of ssh speaks version ${version} of its protocol`);
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return {
    socket,
    send: (type, requestId) => write(Buffer.concat([uint32(type), uint32(requestId)])),
    answer,
    release: () => {
      socket.off('data', onData);
      const whole = messages.map((message) => Buffer.concat([uint32(message.length), message]));
      return Buffer.concat([...whole, splitter.rest]);
    },
  };
}
