/** Installs Debian packages. */
import { command } from './command.ts';
import type { Progress } from './progress.ts';

/** Installs missing packages, and prints their names. None of these packages starts a daemon. */
export async function installPackages(packages: readonly string[], progress: Progress): Promise<void> {
  const format = '$' + '{db:Status-Status}';
  const isInstalled = (name: string): Promise<boolean> =>
    command('dpkg-query', ['--show', `--showformat=${format}`, name]).then(
      (status) => status === 'installed',
      () => false,
    );
  const installed = await Promise.all(packages.map(isInstalled));
  const missing = packages.filter((_, at) => !installed[at]);
  if (missing.length === 0) return;
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, signal: progress.signal };
  await progress.part(`apt-get install ${missing.join(' ')}`, async () => {
    await command('apt-get', ['update', '-qq'], options);
    await command('apt-get', ['install', '-qq', '-y', '--no-install-recommends', ...missing], options);
  });
}
