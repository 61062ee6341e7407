/** Loaded before a command with `--import`: writes the command's cost to file descriptor 3 when it ends. */
import fs from 'node:fs';

process.on('exit', () => {
  // Not resourceUsage().maxRSS: that starts with the peak of the parent.
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))?.[1];
  const { user, system } = process.cpuUsage();
  fs.writeSync(3, JSON.stringify({ peakRss: Number(peak) * 1024, cpuSeconds: (user + system) / 1e6 }));
});
