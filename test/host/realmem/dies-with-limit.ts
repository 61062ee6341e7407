/** Lowers a limit as a probe does, and is killed before it raises it again. Arguments: the cgroup's directory, realmem. */
import fs from 'node:fs';
import { startGuard } from '../../../src/edges/reclaim/guard.ts';
import { LimitFiles } from '../../../src/edges/reclaim/limit-files.ts';

const [, , directory = '', cli = ''] = process.argv;
const guard = await startGuard(directory, new LimitFiles(directory).state(), [process.execPath, cli]);
await guard.arm();
fs.writeFileSync(`${directory}/memory.oom_control`, '1');
const usage = Number(fs.readFileSync(`${directory}/memory.usage_in_bytes`, 'utf8'));
fs.writeFileSync(`${directory}/memory.limit_in_bytes`, String(usage + 2 ** 20));
process.kill(process.pid, 'SIGKILL');
