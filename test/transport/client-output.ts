import type { Client } from 'ssh2';

/** Runs a command over a client of ssh2. @returns its stdout, once its channel is closed */
export function clientOutput(client: Client, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => {
      if (error !== undefined) return reject(error);
      let text = '';
      channel.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      channel.on('close', () => resolve(text));
    });
  });
}
