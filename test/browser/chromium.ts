/** A headless Chromium of Debian, and pages in it that record everything they should not do. */
import fs from 'node:fs';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';

const program = process.env['CHROMIUM'] || '/usr/bin/chromium';

export async function openBrowser(): Promise<Browser> {
  if (!fs.existsSync(program))
    throw new Error(
      `${program}: expected Chromium, got none; apt-get install chromium fonts-dejavu-core, or set CHROMIUM`,
    );
  return puppeteer.launch({
    executablePath: program,
    args: [
      // The tests run as root, where Chromium has no sandbox of its own. They open only pages that they serve.
      '--no-sandbox',
      '--disable-dev-shm-usage',
      // The same pixels on every machine.
      ...[
        '--force-color-profile=srgb',
        '--font-render-hinting=none',
        '--disable-lcd-text',
        '--hide-scrollbars',
      ],
      // No requests of Chromium itself.
      ...['--disable-background-networking', '--disable-component-update', '--no-first-run'],
    ],
    // A machine that also builds a cluster is slow.
    protocolTimeout: 120_000,
  });
}

export interface Look {
  readonly width: number;
  readonly height: number;
  readonly theme: 'light' | 'dark';
  /** The time that stands still for the page, in milliseconds since 1970. */
  readonly at: number;
}

export interface Watched {
  readonly page: Page;
  /** Errors on the console, uncaught errors, violations of the policy, and requests to another origin. */
  readonly faults: readonly string[];
  /** Every address that the page asked for. */
  readonly asked: readonly string[];
}

/** Opens an address. The page moves nothing, so that a screenshot is the same each time. */
export async function openPage(browser: Browser, address: string, look: Look): Promise<Watched> {
  const page = await browser.newPage();
  const faults: string[] = [];
  const asked: string[] = [];
  const { origin, protocol } = new URL(address);
  page.setDefaultTimeout(60_000);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warn') faults.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(`uncaught: ${error}`));
  await page.setRequestInterception(true);
  page.on('request', (request) => {
    const url = request.url();
    if (url.startsWith('data:')) return void request.continue();
    asked.push(url);
    const isOwn =
      protocol === 'file:' ? url.split('#')[0] === address.split('#')[0] : new URL(url).origin === origin;
    if (isOwn) return void request.continue();
    faults.push(`a request left the origin: ${url}`);
    void request.abort();
  });
  await page.exposeFunction('reportFault', (text: string) => void faults.push(text));
  await page.evaluateOnNewDocument((at: number) => {
    addEventListener(
      'securitypolicyviolation',
      ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
        const report: unknown = Reflect.get(globalThis, 'reportFault');
        if (typeof report === 'function')
          report(`policy: ${violatedDirective} ${blockedURI} at ${sourceFile}:${lineNumber}`);
      },
    );
    Date.now = () => at;
  }, look.at);
  await page.emulateMediaFeatures([
    { name: 'prefers-color-scheme', value: look.theme },
    { name: 'prefers-reduced-motion', value: 'reduce' },
  ]);
  await page.setViewport({ width: look.width, height: look.height });
  await page.goto(address, { waitUntil: 'load' });
  await page.waitForSelector('main');
  return { page, faults, asked };
}
