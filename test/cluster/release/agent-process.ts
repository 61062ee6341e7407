/**
 * Runs scripts on an agent's node. Tests use it when the API server is down, or for data that only the node can see.
 */
import type { Bed } from '../bed/bed.ts';
import { command } from '../machine/command.ts';
import { guestNode } from '../machine/paths.ts';

/** Runs a shell script on the node. `$pid` is the ID of the agent's process. */
export async function atAgent(bed: Bed, node: string, script: string): Promise<string> {
  const text = `for process in /proc/[0-9]*; do
  case "$(tr '\\0' ' ' <$process/cmdline 2>/dev/null)" in
    */realmem.mjs\\ agent*) pid=\${process#/proc/}; ${script}; exit;;
  esac
done
echo "no agent runs here" >&2
exit 1`;
  return node === guestNode ? bed.inGuest(text) : command('sh', ['-c', text]);
}
