/** Checks and removes Unix sockets. */
import fs from 'node:fs';
import net from 'node:net';

export function isListening(file: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(file);
    const answer = (is: boolean) => (): void => {
      socket.destroy();
      resolve(is);
    };
    socket.on('connect', answer(true));
    socket.on('error', answer(false));
  });
}

/** Removes a socket that a killed program left. A socket with a listener stays. */
export async function removeDeadSocket(file: string): Promise<void> {
  if (!(await isListening(file))) fs.rmSync(file, { force: true });
}
