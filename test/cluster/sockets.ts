/** Sockets by their path. */
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

/** A socket that a killed program left; that of a living one stays. */
export async function removeDeadSocket(file: string): Promise<void> {
  if (!(await isListening(file))) fs.rmSync(file, { force: true });
}
